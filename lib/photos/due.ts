import { type Due, dueAt, failedAt, NOT_DUE } from '../table/keys.ts';
import type { Photo } from './photo.ts';

/** After this long without a file a slot expires: the form's life and time for 200 MB on a slow line. */
export const SLOT_SECONDS = 60 * 60;
/** A file that comes in parts may take this long in all, prolonged by an hour with each part asked for. */
export const UPLOAD_SECONDS = 24 * 60 * 60;
/** Three tries take 18 minutes; the rest is for a queue that is behind. */
export const PROCESSING_SECONDS = 6 * 60 * 60;
/** What came to nothing is there for its owner and operators to look at for this long. */
export const ENDED_SECONDS = 7 * 24 * 60 * 60;
/** The trash keeps a photo this long. */
export const TRASH_SECONDS = 30 * 24 * 60 * 60;

/**
 * The attributes that say what must happen to a photo later, as it is from `now` on: in the trash it is purged
 * whatever its status, a slot expires, work that does not end is given up, what failed waits for an operator, what was
 * rejected or has expired is purged, and renditions that were replaced are removed.
 * Every write that changes the status or the trash takes them from here.
 */
export function dueOf(
  photo: Pick<Photo, 'id' | 'status' | 'trashedAt' | 'createdAt' | 'partBytes' | 'superseded'>,
  now: Date,
): Due | typeof NOT_DUE {
  const { id, status, trashedAt, superseded } = photo;
  if (trashedAt !== undefined) return dueAt(after(new Date(trashedAt), TRASH_SECONDS), id);
  if (status === 'uploading') return dueAt(slotEnd(photo, now), id);
  if (status === 'processing') return dueAt(after(now, PROCESSING_SECONDS), id);
  if (status === 'rejected' || status === 'expired') return dueAt(after(now, ENDED_SECONDS), id);
  if (status === 'failed') return failedAt(now.toISOString(), id);
  if (status === 'ready' && superseded) return dueAt(superseded.until, id);
  return NOT_DUE;
}

/** When a slot ends that is used now, in RFC 3339: in an hour, and for a file in parts within a day of its start. */
export function slotEnd({ createdAt, partBytes }: Pick<Photo, 'createdAt' | 'partBytes'>, now: Date): string {
  const next = after(now, SLOT_SECONDS);
  if (partBytes === undefined) return next;
  const last = after(new Date(createdAt), UPLOAD_SECONDS);
  return last < next ? last : next;
}

function after(time: Date, seconds: number): string {
  return new Date(time.getTime() + seconds * 1_000).toISOString();
}
