import * as z from 'zod';
import { Problem } from '../problem.ts';
import { absent, allOf, anyOf, having, is, present, without } from '../table/condition.ts';
import { collections, dueAt, keys } from '../table/keys.ts';
import { type Page, type PageRequest, query } from '../table/read.ts';
import { ConditionFailed, remove, transact, update } from '../table/write.ts';
import {
  captionSchema,
  listedUnder,
  NOT_DUE,
  type Photo,
  STATUSES,
  tagsSchema,
  toPhoto,
  visibilitySchema,
} from './photo.ts';
import { visibleTo } from './visibility.ts';

/** The trash keeps a photo this long. */
export const TRASH_DAYS = 30;

/** A JSON merge patch of a photo: null clears. */
export const photoPatch = z.strictObject({
  caption: captionSchema.nullable().optional(),
  tags: tagsSchema.nullable().optional(),
  visibility: visibilitySchema.optional(),
});

export const statusFilter = z.enum(STATUSES).optional();

/** Changes what the owner says about the photo. 412 where `ifVersion` is not the version any more. */
export async function editPhoto(
  photo: Photo,
  patch: z.infer<typeof photoPatch>,
  ifVersion: number | undefined,
  now = new Date(),
): Promise<Photo> {
  const changes = {
    ...(patch.caption !== undefined && { caption: patch.caption ?? '' }),
    ...(patch.tags !== undefined && { tags: patch.tags ?? [] }),
    ...(patch.visibility !== undefined && { visibility: patch.visibility }),
  };
  const when = allOf(present(), ifVersion === undefined ? undefined : is('version', ifVersion));
  try {
    return toPhoto(await update(keys.photo(photo.id), changes, when, now));
  } catch (error) {
    if (error instanceof ConditionFailed) throw versionMismatch(ifVersion, error.item?.version);
    throw error;
  }
}

/** Puts the photo into its owner's trash for 30 days; one that is there stays as it is. */
export async function trashPhoto(photo: Photo, now = new Date()): Promise<void> {
  const purgeAt = new Date(now.getTime() + TRASH_DAYS * 86_400_000).toISOString();
  const place = { ...listedUnder(photo, 'trash'), ...dueAt(purgeAt, photo.id) };
  await unlessDone(() =>
    update(
      keys.photo(photo.id),
      { trashedAt: now.toISOString(), ...place },
      allOf(present(), without('trashedAt')),
      now,
    ),
  );
}

/** Takes the photo out of the trash; 409 where it is not there. */
export async function restorePhoto(photo: Photo, now = new Date()): Promise<Photo> {
  const changes = { trashedAt: undefined, ...listedUnder(photo, 'photos'), ...NOT_DUE };
  try {
    return toPhoto(await update(keys.photo(photo.id), changes, having('trashedAt'), now));
  } catch (error) {
    if (error instanceof ConditionFailed)
      throw new Problem(409, 'not-in-trash', 'The photo is not in the trash.');
    throw error;
  }
}

/** Removes a trashed photo for good; 409 where it is not in the trash. Its objects follow behind the event. */
export async function purgePhoto(photo: Photo): Promise<void> {
  const removal = { delete: keys.photo(photo.id), when: having('trashedAt') };
  const claim = {
    delete: keys.hash(photo.ownerId, photo.sha256),
    when: anyOf(absent(), is('photoId', photo.id)),
  };
  try {
    await transact([removal, claim]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 1) return remove(removal.delete, removal.when);
    if (error.item)
      throw new Problem(409, 'not-in-trash', 'Only a photo in the trash can be deleted for good.');
  }
}

/** The caller's own photos, newest first, trash left out. */
export function ownPhotos(
  ownerId: string,
  status: (typeof STATUSES)[number] | undefined,
  request: PageRequest,
): Promise<Page<Photo>> {
  return listed(collections.photosOf(ownerId), request, async (photos) =>
    photos.filter((photo) => status === undefined || photo.status === status),
  );
}

/** The caller's trash, newest photo first. */
export function trashedPhotos(ownerId: string, request: PageRequest): Promise<Page<Photo>> {
  return listed(collections.trashOf(ownerId), request, async (photos) => photos);
}

/** A person's photos that the viewer may see, newest first. */
export function photosOf(
  ownerId: string,
  viewerId: string | undefined,
  request: PageRequest,
): Promise<Page<Photo>> {
  return listed(collections.photosOf(ownerId), request, async (photos) =>
    visibleTo(
      viewerId,
      photos.filter(({ status }) => status === 'ready'),
    ),
  );
}

async function listed(
  collection: string,
  request: PageRequest,
  pick: (photos: Photo[]) => Promise<Photo[]>,
): Promise<Page<Photo>> {
  const { items, next } = await query('gsi1', collection, request, { newestFirst: true });
  return { items: await pick(items.map(toPhoto)), next };
}

async function unlessDone(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

function versionMismatch(expected: number | undefined, found: unknown): Problem {
  if (expected === undefined || found === undefined)
    return new Problem(404, 'not-found', 'The photo is gone.');
  return new Problem(
    412,
    'version-mismatch',
    `If-Match named version ${expected}, but the photo is at ${found}.`,
  );
}
