import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { photoView, presentPhotos } from '../photos/view.ts';
import { SOURCES, toRecommendationId } from '../recommendations/attribution.ts';
import type { Recommended } from './rungs.ts';

const reasonView = z.discriminatedUnion('code', [
  z.object({
    code: z.enum(['because-you-liked', 'followed-by', 'similar']),
    photoId: idSchema.meta({
      description: 'The photo that this one is liked with, gone on to from, or like.',
    }),
  }),
  z.object({ code: z.literal('tag'), tag: z.string() }),
  z.object({ code: z.enum(['trending', 'new']) }),
]);

/** An answer with recommendations, as the API shows it. */
export const recommendationsView = z.object({
  items: z.array(
    z.object({
      photo: photoView,
      position: z.number().int().meta({ description: 'From 0; events say it back.' }),
      reason: reasonView,
    }),
  ),
  recommendationId: z
    .string()
    .meta({ description: 'Events of these photos say it back, and credit the answer.' }),
  source: z.enum(SOURCES).meta({ description: 'What answered; the first of several.' }),
});

/** How many photos to answer with. */
export const limitQuery = z.coerce.number().int().min(1).max(100).default(20);

export const rankRequest = z.strictObject({
  photoIds: z.array(idSchema).min(1).max(100),
  renditions: z
    .array(z.string().regex(/^[a-z-]{1,40}$/))
    .max(20)
    .optional(),
});

/** What is carried unless asked for others. */
const RENDITIONS = ['small', 'large'];

/** Recommendations for one viewer. */
export async function presentRecommended(
  viewerId: string | undefined,
  { photos, source, arm, id }: Recommended,
  renditions: readonly string[] = RENDITIONS,
): Promise<z.infer<typeof recommendationsView>> {
  const views = await presentPhotos(
    viewerId,
    photos.map(({ photo }) => photo),
    renditions,
  );
  return {
    items: photos.flatMap(({ reason }, position) => {
      const photo = views[position];
      return photo ? [{ photo, position, reason }] : [];
    }),
    recommendationId: toRecommendationId({ source, arm, id }),
    source,
  };
}
