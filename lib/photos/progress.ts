import type * as z from 'zod';
import { allOf, oneOf, without } from '../table/condition.ts';
import { failedAt, keys } from '../table/keys.ts';
import { ConditionFailed, update } from '../table/write.ts';
import { NOT_DUE, type Photo, type photoItem, toPhoto } from './photo.ts';

type Status = Photo['status'];
type Attributes = Partial<z.infer<typeof photoItem>>;

/**
 * Where a photo may go from where it is. Everything behind a queue comes twice, late and out of order, so
 * each step names the states it may leave, and a step that comes too late changes nothing.
 */
const STEPS: Readonly<
  Record<'processing' | 'ready' | 'rejected' | 'failed' | 'expired' | 'retried', readonly Status[]>
> = {
  processing: ['uploading', 'expired'],
  ready: ['uploading', 'processing', 'expired', 'failed'],
  rejected: ['uploading', 'processing', 'expired', 'failed'],
  failed: ['uploading', 'processing', 'expired'],
  expired: ['uploading'],
  retried: ['failed'],
};

/** A file has arrived and is being looked at. Undefined where the photo is past that, or gone. */
export function begin(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'processing', { status: 'processing' }, NOT_DUE, now);
}

/** All renditions are stored. Undefined where another delivery was first, or the photo is gone. */
export function finish(photo: Photo, found: Attributes, now = new Date()): Promise<Photo | undefined> {
  return step(
    photo,
    'ready',
    { ...found, status: 'ready', readyAt: now.toISOString(), verified: true },
    NOT_DUE,
    now,
  );
}

/** The file is at fault, and its owner is told why. */
export function reject(
  photo: Photo,
  rejection: NonNullable<Photo['rejection']>,
  now = new Date(),
): Promise<Photo | undefined> {
  return step(photo, 'rejected', { status: 'rejected', rejection }, NOT_DUE, now);
}

/** We are at fault; the photo waits for `npm run redrive`. */
export function fail(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'failed', { status: 'failed' }, failedAt(now.toISOString(), photo.id), now);
}

/** The slot was never used. A file that comes later still revives the photo. */
export function expire(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'expired', { status: 'expired' }, NOT_DUE, now);
}

/** An operator puts a failed photo back to work; the announcement of this write starts it. */
export function retry(photo: Photo, now = new Date()): Promise<Photo | undefined> {
  return step(photo, 'retried', { status: 'processing' }, NOT_DUE, now);
}

async function step(
  photo: Photo,
  name: keyof typeof STEPS,
  set: Attributes,
  place: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<Photo | undefined> {
  const from = oneOf('status', STEPS[name]);
  try {
    return toPhoto(
      await update(keys.photo(photo.id), { ...set, ...place }, allOf(from, without('trashedAt')), now),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return error.item?.trashedAt === undefined ? undefined : inTrash(photo, set, from, now);
  }
}

/** In the trash a photo goes on as elsewhere, but `gsi2` keeps the day it is purged. */
async function inTrash(
  photo: Photo,
  set: Attributes,
  from: ReturnType<typeof oneOf>,
  now: Date,
): Promise<Photo | undefined> {
  try {
    return toPhoto(await update(keys.photo(photo.id), set, from, now));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return undefined;
  }
}
