import { env } from '../env.ts';
import { Problem } from '../problem.ts';
import { allOf, type Condition, hasRoom } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get, type Item } from '../table/read.ts';
import { ConditionFailed, transact, type Update, update } from '../table/write.ts';
import { findPhoto, foundNoRoom, type Photo, toPhoto } from './photo.ts';

/** How many files a person may have announced and not sent yet: more than any client sends side by side. */
export const MAX_WAITING = 100;
/** A slot that nobody uses is given back within the hour; most are used within the minute. */
const RETRY_SECONDS = 60;

type Counted = Pick<Photo, 'ownerId' | 'bytes' | 'status' | 'rejection'>;

/** A photo would take bytes again that its owner has not left: they were given back, and used for others. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

/** The write that takes a place and bytes for a new photo, as long as its owner has both left. */
export function taking(photo: Counted): Update {
  return {
    update: keys.storage(photo.ownerId),
    set: { entity: 'storage', userId: photo.ownerId },
    add: { bytes: photo.bytes, waiting: 1 },
    when: allOf(roomFor(photo.bytes), hasRoom('waiting', 1, MAX_WAITING)),
  };
}

/** Bytes of originals that a person keeps, and may keep. */
export async function storageOf(userId: string): Promise<{ used: number; quota: number }> {
  const item = await get(keys.storage(userId));
  return { used: numberIn(item, 'bytes'), quota: env.UPLOAD_QUOTA_BYTES };
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

/** The write that counts what a change of a photo means for its owner; undefined where it means nothing. */
export function counting(
  before: Counted,
  after: Pick<Photo, 'status' | 'rejection'> | undefined,
): Update | undefined {
  const bytes = (after ? heldBytes({ ...before, ...after }) : 0) - heldBytes(before);
  const waiting = (after?.status === 'uploading' ? 1 : 0) - (before.status === 'uploading' ? 1 : 0);
  if (bytes === 0 && waiting === 0) return undefined;
  return {
    update: keys.storage(before.ownerId),
    set: { entity: 'storage', userId: before.ownerId },
    add: { bytes, waiting },
    ...(bytes > 0 && { when: roomFor(bytes) }),
  };
}

/** Holds what a person keeps to the quota when so many bytes come to it. */
function roomFor(bytes: number): Condition {
  return hasRoom('bytes', bytes, env.UPLOAD_QUOTA_BYTES);
}

/**
 * Changes a photo and, in one transaction, what is counted of it. `when` must hold the photo to the status that
 * it is known with, as that decides what is counted. Undefined where it is gone at once.
 *
 * @throws NoRoom where the photo takes bytes again that are not left; nothing is changed then
 */
export async function updateCounted(
  photo: Photo,
  changes: Partial<Photo> & Readonly<Record<string, unknown>>,
  when: Condition,
  now: Date,
): Promise<Photo | undefined> {
  const counted = counting(photo, { status: photo.status, ...changes });
  if (!counted) return toPhoto(await update(keys.photo(photo.id), changes, when, now));
  try {
    await transact([{ update: keys.photo(photo.id), set: changes, when }, counted], now);
  } catch (error) {
    if (error instanceof ConditionFailed && error.index === 1) throw new NoRoom();
    throw error;
  }
  return findPhoto(photo.id);
}

/** Whatever has a file takes room for it, also one that can't be shown. */
function heldBytes(photo: Counted): number {
  return photo.status === 'expired' || foundNoRoom(photo) ? 0 : photo.bytes;
}

function numberIn(item: Item | undefined, name: string): number {
  return typeof item?.[name] === 'number' ? item[name] : 0;
}
