import { type Due, dueAt, failedAt, NOT_DUE } from '../table/keys.ts';
import type { Photo } from './photo.ts';

/** After this long without a file a slot expires: the form's life and time for 200 MB on a slow line. */
export const SLOT_SECONDS = 60 * 60;
/** Three tries take 18 minutes; the rest is for a queue that is behind. */
export const PROCESSING_SECONDS = 6 * 60 * 60;
/** The trash keeps a photo this long. */
export const TRASH_SECONDS = 30 * 24 * 60 * 60;

/**
 * The attributes that say what must happen to a photo later, as it is from `now` on: in the trash it is purged
 * whatever its status, a slot expires, work that does not end is given up, and what failed waits for an operator.
 * Every write that changes the status or the trash takes them from here.
 */
export function dueOf(
  { id, status, trashedAt }: Pick<Photo, 'id' | 'status' | 'trashedAt'>,
  now: Date,
): Due | typeof NOT_DUE {
  if (trashedAt !== undefined) return dueAt(after(new Date(trashedAt), TRASH_SECONDS), id);
  if (status === 'uploading') return dueAt(after(now, SLOT_SECONDS), id);
  if (status === 'processing') return dueAt(after(now, PROCESSING_SECONDS), id);
  if (status === 'failed') return failedAt(now.toISOString(), id);
  return NOT_DUE;
}

function after(time: Date, seconds: number): string {
  return new Date(time.getTime() + seconds * 1_000).toISOString();
}
