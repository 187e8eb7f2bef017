import * as z from 'zod';
import type { Caller } from '../http/call.ts';
import { idSchema, newId } from '../ids.ts';
import { stepsSchema } from '../images/filters/chain.ts';
import { spend } from '../people/budget.ts';
import { findPhotos } from '../photos/photo.ts';
import { type FieldError, Problem } from '../problem.ts';
import { absent } from '../table/condition.ts';
import { dueAt, keys } from '../table/keys.ts';
import { put } from '../table/write.ts';
import { putMany } from '../table/write-many.ts';
import { type Batch, findBatch, KEPT_DAYS, PHOTOS_A_PAGE } from './batch.ts';

/** Photos of one batch; more are more batches. */
export const MAX_PHOTOS = 1_000;
/** An operator's outage of a night must not end a batch. */
const GIVEN_UP_SECONDS = 24 * 60 * 60;
/** What is named of what is wrong. */
const MAX_ERRORS = 20;

export const batchRequest = z.strictObject({
  photoIds: z
    .array(idSchema)
    .min(1)
    .max(MAX_PHOTOS)
    .refine((ids) => new Set(ids).size === ids.length, 'Expected each photo once')
    .meta({ description: 'The caller’s own photos, each once.' }),
  steps: stepsSchema,
});

/**
 * Writes a batch, first its pages and then itself, whose announcement starts it.
 *
 * @throws Problem 422 naming photos that are not the caller's, 429 where fewer of the day's pictures are left
 */
export async function createBatch(
  caller: Caller,
  { photoIds, steps }: z.infer<typeof batchRequest>,
  now = new Date(),
): Promise<Batch> {
  await expectOwn(caller, photoIds);
  await spend(caller.userId, photoIds.length, now);
  const id = newId(now);
  const expiresAt = Math.floor(now.getTime() / 1_000) + KEPT_DAYS * 86_400;
  const pages = Array.from({ length: Math.ceil(photoIds.length / PHOTOS_A_PAGE) }, (_, page) => {
    const ids = photoIds.slice(page * PHOTOS_A_PAGE, (page + 1) * PHOTOS_A_PAGE);
    const entries = ids.map((photoId) => ({ photoId, status: 'waiting' }));
    return { ...keys.batchPage(id, page), entity: 'batch-page', page, entries, expiresAt };
  });
  await putMany(pages);
  const due = dueAt(new Date(now.getTime() + GIVEN_UP_SECONDS * 1_000).toISOString(), id);
  const batch = {
    id,
    ownerId: caller.userId,
    status: 'running',
    steps,
    total: photoIds.length,
    pages: pages.length,
    createdAt: now.toISOString(),
  };
  await put({ ...keys.batch(id), entity: 'batch', ...batch, ...due, expiresAt }, absent(), now);
  return (await findBatch(id)) as Batch;
}

async function expectOwn({ userId }: Caller, photoIds: readonly string[]): Promise<void> {
  const photos = await findPhotos(photoIds);
  const own = new Set(photos.filter(({ ownerId }) => ownerId === userId).map(({ id }) => id));
  const errors: FieldError[] = photoIds.flatMap((id, place) =>
    own.has(id) ? [] : [{ pointer: `/photoIds/${place}`, detail: 'Expected the id of a photo of your own.' }],
  );
  if (errors.length === 0) return;
  throw new Problem(422, 'invalid-request', 'The body has fields that cannot be used; see errors.', {
    errors: errors.slice(0, MAX_ERRORS),
  });
}
