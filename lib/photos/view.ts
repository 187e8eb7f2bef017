import * as z from 'zod';
import type { Answer } from '../http/answer.ts';
import type { Caller } from '../http/call.ts';
import { namesOf } from '../http/names.ts';
import { idSchema } from '../ids.ts';
import { RENDITION_NAMES } from '../images/rendition-names.ts';
import { findUser, locationPrecisionSchema, peopleById, personView } from '../people/user.ts';
import { likesOf } from './likes.ts';
import { renditionUrl } from './media-url.ts';
import {
  exifSchema,
  findPhoto,
  type Photo,
  pictureOf,
  placeholderItem,
  REJECTION_CODES,
  STATUSES,
  type StoredRendition,
  visibilitySchema,
} from './photo.ts';
import { coarserThanKept } from './place.ts';

export const renditionView = z
  .object({
    id: z.string().meta({ description: 'Changes when the picture does.' }),
    name: z.string().meta({ description: `One of ${RENDITION_NAMES.join(', ')}.` }),
    width: z.number().int(),
    height: z.number().int(),
    format: z.enum(['webp', 'jpeg']),
    bytes: z.number().int(),
    url: z.url().meta({ description: 'Signed; works for 10 to 15 minutes.' }),
  })
  .meta({ id: 'Rendition' });

/** A photo as the API shows it. */
export const photoView = z
  .object({
    id: idSchema,
    version: z.number().int(),
    owner: personView,
    status: z.enum(STATUSES),
    rejection: z
      .object({ code: z.enum(REJECTION_CODES), detail: z.string() })
      .optional()
      .meta({ description: 'What was wrong with the file; only where the status is `rejected`.' }),
    caption: z.string(),
    tags: z.array(z.string()),
    visibility: visibilitySchema,
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    format: z
      .string()
      .nullable()
      .meta({ description: 'What the bytes are, whatever the upload was called.' }),
    animated: z.boolean().nullable(),
    bytes: z.number().int(),
    takenAt: z.string().nullable(),
    createdAt: z.iso.datetime(),
    trashedAt: z.iso.datetime().nullable().meta({ description: 'When the owner put it into the trash.' }),
    placeholder: placeholderItem.nullable(),
    renditions: z.array(renditionView),
    currentEditId: idSchema.nullable().meta({
      description: 'The edit that size, placeholder and renditions are of; null for the photo as it came.',
    }),
    counts: z.object({ likes: z.number().int(), comments: z.number().int(), views: z.number().int() }),
    viewer: z.object({ liked: z.boolean() }),
    exif: exifSchema.optional().meta({ description: 'Camera, exposure and place; for the owner only.' }),
    locationPrecision: locationPrecisionSchema.nullable().optional().meta({
      description: 'The choice for this photo; null where that for all holds. For the owner only.',
    }),
  })
  .meta({ id: 'Photo' });

export type PhotoView = z.infer<typeof photoView>;

/** Which renditions the answer carries; lists keep to two unless asked. */
export const renditionsQuery = namesOf(RENDITION_NAMES);

/** What a list carries unless asked for others. */
const LIST_RENDITIONS = ['small', 'large'];

/** One photo for one viewer. */
export async function presentPhoto(
  viewerId: string | undefined,
  photo: Photo,
  names?: string[],
): Promise<PhotoView> {
  const [view] = await presentPhotos(viewerId, [photo], names);
  return view as PhotoView;
}

/** A replayed answer shows the photo as it is now, with URLs that have not expired. */
export async function refreshPhoto(answer: Answer, caller: Caller): Promise<Answer> {
  const photo = await findPhoto((answer.body as PhotoView).id);
  return photo ? { ...answer, body: await presentPhoto(caller.userId, photo) } : answer;
}

/** An answer that is kept for replays says nothing of places: the table tells them, as finely as its owner wants. */
export function withoutExif(answer: Answer): Answer {
  const { exif: _, ...body } = answer.body as PhotoView;
  return { ...answer, body };
}

/** Photos for one viewer, who must have been found to be allowed to see them. */
export async function presentPhotos(
  viewerId: string | undefined,
  photos: readonly Photo[],
  names?: readonly string[],
): Promise<PhotoView[]> {
  const [owners, own, likes] = await Promise.all([
    peopleById(photos.map(({ ownerId }) => ownerId)),
    ownView(viewerId, photos),
    likesOf(
      viewerId,
      photos.map(({ id }) => id),
    ),
  ]);
  return Promise.all(
    photos.map(async (photo) => {
      const picture = pictureOf(photo);
      return {
        id: photo.id,
        version: photo.version,
        owner: owners.get(photo.ownerId) ?? { id: photo.ownerId, handle: '', name: '' },
        status: photo.status,
        ...(photo.rejection && { rejection: photo.rejection }),
        caption: photo.caption,
        tags: photo.tags,
        visibility: photo.visibility,
        width: picture.width ?? null,
        height: picture.height ?? null,
        format: photo.format ?? null,
        animated: photo.animated ?? null,
        bytes: photo.bytes,
        takenAt: photo.exif?.takenAt ?? null,
        createdAt: photo.createdAt,
        trashedAt: photo.trashedAt ?? null,
        placeholder: picture.placeholder ?? null,
        renditions: await presentRenditions(picture.renditions, names),
        currentEditId: photo.currentEditId ?? null,
        counts: { likes: likes.get(photo.id)?.count ?? 0, comments: 0, views: 0 },
        viewer: { liked: likes.get(photo.id)?.liked ?? false },
        ...(viewerId === photo.ownerId && own(photo)),
      };
    }),
  );
}

/** What only the owner is shown: a place no finer than they want it kept now, whatever is kept still. */
async function ownView(viewerId: string | undefined, photos: readonly Photo[]) {
  const hasPlace = photos.some(({ ownerId, exif }) => ownerId === viewerId && exif?.gps);
  const viewer = hasPlace && viewerId ? await findUser(viewerId) : undefined;
  return (photo: Photo) => {
    const { locationPrecision = null } = photo;
    const precision = locationPrecision ?? viewer?.locationPrecision ?? 'exact';
    const exif = coarserThanKept(photo, precision)?.exif ?? photo.exif;
    return { locationPrecision, ...(exif && { exif }) };
  };
}

/** A page of photos as a list answers it. */
export function presentPage(viewerId: string | undefined, names: readonly string[] = LIST_RENDITIONS) {
  return async ({ items, nextCursor }: { items: readonly Photo[]; nextCursor: string | null }) => ({
    items: await presentPhotos(viewerId, items, names),
    nextCursor,
  });
}

/** The photo's version for If-Match, and when to ask again while it is being worked on. */
export function headersOf({ version, status }: Photo): Record<string, string> {
  const unfinished = status === 'uploading' || status === 'processing';
  return { etag: `"${version}"`, ...(unfinished && { 'retry-after': '1' }) };
}

/** Renditions with URLs that work for a while; those of these names, or all. */
export function presentRenditions(renditions: readonly StoredRendition[], names?: readonly string[]) {
  const wanted = renditions.filter(({ name }) => names === undefined || names.includes(name));
  return Promise.all(
    wanted.map(async (rendition) => ({
      id: rendition.key.slice(rendition.key.lastIndexOf('/') + 1).replace(/\.\w+$/, ''),
      name: rendition.name,
      width: rendition.width,
      height: rendition.height,
      format: rendition.format,
      bytes: rendition.bytes,
      url: await renditionUrl(rendition),
    })),
  );
}
