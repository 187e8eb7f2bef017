import * as z from 'zod';
import { namesOf } from '../http/names.ts';
import { budgetSpent, spending } from '../people/budget.ts';
import { locationPrecisionSchema } from '../people/user.ts';
import { notFound, Problem, versionMismatch } from '../problem.ts';
import {
  absent,
  allOf,
  anyOf,
  type Condition,
  having,
  is,
  overdue,
  present,
  without,
} from '../table/condition.ts';
import { collections, keys } from '../table/keys.ts';
import { type Page, type PageRequest, query } from '../table/read.ts';
import { ConditionFailed, transact, update } from '../table/write.ts';
import { dueOf } from './due.ts';
import { markOutdatedPhoto } from './mark-outdated.ts';
import {
  captionSchema,
  findPhoto,
  listedUnder,
  type Photo,
  STATUSES,
  tagsSchema,
  toPhoto,
  visibilitySchema,
} from './photo.ts';
import { coarserThanKept, isKeptTooCoarse, precisionOf } from './place.ts';
import { sameTrash } from './progress.ts';
import { counting, updateCounted } from './storage.ts';
import { visibleTo } from './visibility.ts';

/** A JSON merge patch of a photo: null clears. */
export const photoPatch = z.strictObject({
  caption: captionSchema.nullable().optional(),
  tags: tagsSchema.nullable().optional(),
  visibility: visibilitySchema.optional(),
  locationPrecision: locationPrecisionSchema.nullable().optional(),
});

export const statusFilter = namesOf(STATUSES);

/**
 * Changes what the owner says about the photo. A coarser place is kept at once; for a finer one the original is
 * looked at again, which is one of the day's pictures. 412 where `ifVersion` is not the version any more, 429 where no
 * picture is left.
 */
export async function editPhoto(
  photo: Photo,
  patch: z.infer<typeof photoPatch>,
  ifVersion: number | undefined,
  now = new Date(),
): Promise<Photo> {
  const choice = await choiceIn(photo, patch);
  const changes = {
    ...(patch.caption !== undefined && { caption: patch.caption ?? '' }),
    ...(patch.tags !== undefined && { tags: patch.tags ?? [] }),
    ...(patch.visibility !== undefined && { visibility: patch.visibility }),
    ...(choice && { locationPrecision: choice.own, ...coarserThanKept(photo, choice.precision) }),
  };
  // What is kept of the place follows from what was read, so that has to be the photo still.
  const version = choice ? photo.version : ifVersion;
  if (version !== (ifVersion ?? version)) throw versionMismatch('photo', ifVersion, version);
  const when = allOf(present(), version === undefined ? undefined : is('version', version));
  try {
    if (!choice || !isKeptTooCoarse(photo, choice.precision)) {
      return toPhoto(await update(keys.photo(photo.id), changes, when, now));
    }
    const write = { update: keys.photo(photo.id), set: changes, when };
    await transact([write, spending(photo.ownerId, 1, now)], now);
    await markOutdatedPhoto(photo, now);
    const edited = await findPhoto(photo.id);
    if (edited) return edited;
    throw notFound('photo');
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 1) throw budgetSpent(now);
    if (choice && error.item) return editPhoto(toPhoto(error.item), patch, ifVersion, now);
    throw versionMismatch('photo', ifVersion, error.item?.version);
  }
}

/** What a patch chooses for the photo alone, and what holds then. */
async function choiceIn({ ownerId }: Photo, { locationPrecision }: z.infer<typeof photoPatch>) {
  if (locationPrecision === undefined) return undefined;
  const own = locationPrecision ?? undefined;
  return { own, precision: await precisionOf({ ownerId, locationPrecision: own }) };
}

/**
 * Puts the photo into its owner's trash for 30 days; one that is there stays as it is. One that waits for its
 * file waits no more, but a file that comes all the same is taken.
 */
export async function trashPhoto(photo: Photo, now = new Date()): Promise<void> {
  const trashedAt = now.toISOString();
  const status = photo.status === 'uploading' ? 'expired' : photo.status;
  const place = { ...listedUnder(photo, 'trash'), ...dueOf({ ...photo, trashedAt }, now) };
  const when = allOf(is('status', photo.status), without('trashedAt'));
  try {
    await updateCounted(photo, { status, trashedAt, ...place }, when, now);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = error.item && toPhoto(error.item);
    if (found && found.status !== photo.status) await trashPhoto(found, now);
  }
}

/**
 * Takes the photo out of the trash; 409 where it is not there. What is due next depends on its status, so one
 * that has moved on since it was read is looked at once more.
 */
export async function restorePhoto(photo: Photo, now = new Date()): Promise<Photo> {
  const place = { ...listedUnder(photo, 'photos'), ...dueOf({ ...photo, trashedAt: undefined }, now) };
  const when = allOf(having('trashedAt'), is('status', photo.status));
  try {
    return toPhoto(await update(keys.photo(photo.id), { trashedAt: undefined, ...place }, when, now));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = error.item && toPhoto(error.item);
    if (found?.trashedAt !== undefined && found.status !== photo.status) return restorePhoto(found, now);
    throw new Problem(409, 'not-in-trash', 'The photo is not in the trash.');
  }
}

/** Removes a trashed photo for good; 409 where it is not in the trash. Its objects follow behind the event. */
export async function purgePhoto(photo: Photo): Promise<void> {
  if (await removed(photo, having('trashedAt'))) return;
  throw new Problem(409, 'not-in-trash', 'Only a photo in the trash can be deleted for good.');
}

/**
 * The same for one whose days in the trash are over, or that came to nothing a week ago; false where it has left the
 * trash, or come anew.
 */
export function purgeOverdue(photo: Photo, now: Date): Promise<boolean> {
  return removed(photo, allOf(sameTrash(photo), overdue(now)));
}

/**
 * Whether the photo is gone now, its claim on its bytes with it, unless another photo holds that, and what was
 * counted of it.
 */
async function removed(photo: Photo, when: Condition, claimed = true): Promise<boolean> {
  const counted = counting(photo, undefined);
  const claim = {
    delete: keys.hash(photo.ownerId, photo.sha256),
    when: anyOf(absent(), is('photoId', photo.id)),
  };
  try {
    await transact([
      { delete: keys.photo(photo.id), when: allOf(is('status', photo.status), when) },
      ...(claimed ? [claim] : []),
      ...(counted ? [counted] : []),
    ]);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 1) return removed(photo, when, false);
    if (error.item === undefined) return true;
    const found = toPhoto(error.item);
    return found.status !== photo.status && removed(found, when, claimed);
  }
}

/** The caller's own photos, newest first, trash left out. */
export function ownPhotos(
  ownerId: string,
  statuses: readonly Photo['status'][] | undefined,
  request: PageRequest,
): Promise<Page<Photo>> {
  return listed(collections.photosOf(ownerId), request, async (photos) =>
    photos.filter(({ status }) => statuses === undefined || statuses.includes(status)),
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
