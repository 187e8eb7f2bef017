import type * as z from 'zod';
import { allOf, type Condition, is, overdue, without } from '../table/condition.ts';
import { ConditionFailed } from '../table/write.ts';
import { dueOf } from './due.ts';
import { findPhoto, type Photo, type photoItem, toPhoto } from './photo.ts';
import { keptOf, precisionOf, sameChoice } from './place.ts';
import { NoRoom, updateCounted } from './storage.ts';

type Status = Photo['status'];
type Attributes = Partial<z.infer<typeof photoItem>>;

/**
 * Where a photo may go from where it is. Everything behind a queue comes twice, late and out of order, so
 * each step names the states it may leave, and a step that comes too late changes nothing. An upload that its owner
 * abandoned has come to its end.
 */
const STEPS: Readonly<
  Record<
    'processing' | 'ready' | 'rejected' | 'failed' | 'givenUp' | 'expired' | 'abandoned' | 'retried',
    readonly Status[]
  >
> = {
  processing: ['uploading', 'expired'],
  ready: ['uploading', 'processing', 'expired', 'failed'],
  rejected: ['uploading', 'processing', 'expired', 'failed'],
  failed: ['uploading', 'processing', 'expired'],
  givenUp: ['processing'],
  expired: ['uploading'],
  abandoned: ['uploading', 'expired'],
  retried: ['failed'],
};

/**
 * A file has arrived and is being looked at. Undefined where the photo is past that, or gone. One that comes after its
 * slot gave its room back is rejected, as by each step that follows, where there is none left.
 */
export function begin(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'processing', { status: 'processing' }, now);
}

/** All renditions are stored. Undefined where another delivery was first, or the photo is gone. */
export function finish(photo: Photo, found: Attributes, now = new Date()): Promise<Photo | undefined> {
  const facts = { ...found, readyAt: now.toISOString(), verified: true };
  return step(photo, 'ready', { ...facts, status: 'ready' }, now);
}

/** The file is at fault, and its owner is told why. */
export function reject(
  photo: Photo,
  found: Pick<Photo, 'rejection' | 'originalVersionId'>,
  now = new Date(),
): Promise<Photo | undefined> {
  return step(photo, 'rejected', { ...found, status: 'rejected' }, now);
}

/** We are at fault; the photo waits for `npm run redrive`. */
export function fail(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'failed', { status: 'failed' }, now);
}

/** Nothing has been heard of the work since it began, which is our fault; late results still count. */
export function giveUp(photo: Photo, now: Date): Promise<Photo | undefined> {
  return step(photo, 'givenUp', { status: 'failed' }, now, overdue(now));
}

/** The slot was never used. A file that comes later still revives the photo. */
export function expire(photo: Photo, now: Date): Promise<Photo | undefined> {
  return step(photo, 'expired', { status: 'expired' }, now, overdue(now));
}

/** Its owner gives the upload up. Undefined where the file has arrived, or that was done before. */
export function abandon(photo: Photo, now: Date): Promise<Photo | undefined> {
  return step(photo, 'abandoned', { status: 'expired', abandonedAt: now.toISOString() }, now);
}

/** An operator puts a failed photo back to work; the announcement of this write starts it. */
export function retry(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'retried', { status: 'processing' }, now);
}

/**
 * Writes the change if the photo may still take it. What is due next depends on the trash, and what is counted
 * of the photo on its status, so one that has changed in these since it was read is looked at once more.
 */
async function step(
  photo: Photo,
  name: keyof typeof STEPS,
  set: Attributes & { readonly status: Status },
  now: Date,
  only?: Condition,
): Promise<Photo | undefined> {
  if (!mayTake(photo, name)) {
    const found = await findPhoto(photo.id);
    return found && mayTake(found, name) ? step(found, name, set, now, only) : undefined;
  }
  // Read last, and after all work: who chooses a coarser place meanwhile has only the writing to wait for.
  const told = set.exif && keptOf(set.exif, await precisionOf(photo));
  const changes = { ...set, ...told, ...dueOf({ ...photo, ...set }, now) };
  const when = allOf(
    is('status', photo.status),
    without('abandonedAt'),
    sameTrash(photo),
    sameChoice(photo),
    only,
  );
  try {
    return await updateCounted(photo, changes, when, now);
  } catch (error) {
    if (error instanceof NoRoom) return reject(photo, { rejection: tooLate(photo) }, now);
    if (!(error instanceof ConditionFailed)) throw error;
    const found = error.item && toPhoto(error.item);
    if (!found || isSame(found, photo)) return undefined;
    return mayTake(found, name) ? step(found, name, set, now, only) : undefined;
  }
}

function mayTake({ status, abandonedAt }: Photo, name: keyof typeof STEPS): boolean {
  return abandonedAt === undefined && STEPS[name].includes(status);
}

function tooLate({ bytes }: Photo): NonNullable<Photo['rejection']> {
  const detail = `The file came after its slot had expired, and its ${bytes} bytes had no room in the quota any more.`;
  return { code: 'quota-exceeded', detail };
}

function isSame(found: Photo, photo: Photo): boolean {
  return (['status', 'trashedAt', 'locationPrecision'] as const).every((name) => found[name] === photo[name]);
}

/** Whether it still lies in the trash, or does not, as when it was read: what is due next depends on that. */
export function sameTrash({ trashedAt }: Photo): Condition {
  return trashedAt === undefined ? without('trashedAt') : is('trashedAt', trashedAt);
}
