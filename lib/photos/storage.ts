import { env } from '../env.ts';
import { Problem } from '../problem.ts';
import { allOf, anyOf, before, type Condition, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get, type Item } from '../table/read.ts';
import { transact, type Update, update } from '../table/write.ts';
import { findPhoto, type Photo, toPhoto } from './photo.ts';

/** How many files a person may have announced and not sent yet: more than any client sends side by side. */
export const MAX_WAITING = 100;
/** A slot that nobody uses is given back within the hour; most are used within the minute. */
const RETRY_SECONDS = 60;

type Counted = Pick<Photo, 'ownerId' | 'bytes' | 'status'>;

/** The write that takes a place and bytes for a new photo, as long as its owner has both left. */
export function taking(photo: Counted): Update {
  const room = env.UPLOAD_QUOTA_BYTES - photo.bytes;
  const fits = before('bytes', room + 1);
  return {
    update: keys.storage(photo.ownerId),
    set: { entity: 'storage', userId: photo.ownerId },
    add: { bytes: photo.bytes, waiting: 1 },
    when: allOf(
      room < 0 ? fits : anyOf(without('bytes'), fits),
      anyOf(without('waiting'), before('waiting', MAX_WAITING)),
    ),
  };
}

/** Why there was nothing left to take: 429 for too many at once, 403 for too much. */
export async function nothingLeft({ ownerId, bytes }: Counted): Promise<Problem> {
  const item = await get(keys.storage(ownerId));
  const [used, waiting] = [numberIn(item, 'bytes'), numberIn(item, 'waiting')];
  if (waiting >= MAX_WAITING) {
    return new Problem(
      429,
      'too-many-uploads',
      `${waiting} photos wait for their files; at most ${MAX_WAITING} may. Send or abort some of them first.`,
      { headers: { 'retry-after': String(RETRY_SECONDS) } },
    );
  }
  const quota = env.UPLOAD_QUOTA_BYTES;
  return new Problem(
    403,
    'quota-exceeded',
    `The file has ${bytes} bytes, and ${used} of ${quota} are used. Delete photos for good to make room.`,
    { members: { used, quota, asked: bytes } },
  );
}

/** The write that counts what a change of status means for its owner; undefined where it means nothing. */
export function counting(before: Counted, after: Pick<Photo, 'status'> | undefined): Update | undefined {
  const bytes = (after ? heldBytes(after.status, before.bytes) : 0) - heldBytes(before.status, before.bytes);
  const waiting = (after?.status === 'uploading' ? 1 : 0) - (before.status === 'uploading' ? 1 : 0);
  if (bytes === 0 && waiting === 0) return undefined;
  return {
    update: keys.storage(before.ownerId),
    set: { entity: 'storage', userId: before.ownerId },
    add: { bytes, waiting },
  };
}

/**
 * Changes a photo and, in one transaction, what is counted of it. `when` must hold the photo to the status that
 * it is known with, as that decides what is counted. Undefined where it is gone at once.
 */
export async function updateCounted(
  photo: Photo,
  changes: Partial<Photo> & Readonly<Record<string, unknown>>,
  when: Condition,
  now: Date,
): Promise<Photo | undefined> {
  const counted = counting(photo, { status: changes.status ?? photo.status });
  if (!counted) return toPhoto(await update(keys.photo(photo.id), changes, when, now));
  await transact([{ update: keys.photo(photo.id), set: changes, when }, counted], now);
  return findPhoto(photo.id);
}

/** What came to nothing takes no room, though its file may lie there until the photo is deleted. */
function heldBytes(status: Photo['status'], bytes: number): number {
  return status === 'expired' || status === 'rejected' ? 0 : bytes;
}

function numberIn(item: Item | undefined, name: string): number {
  return typeof item?.[name] === 'number' ? item[name] : 0;
}
