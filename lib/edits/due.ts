import { type Due, dueAt, NOT_DUE } from '../table/keys.ts';
import type { Edit } from './edit.ts';

/** How long an edit may wait to be started: five tries of its message, six minutes apart at most. */
export const QUEUED_SECONDS = 40 * 60;
/** An Express execution ends after five minutes at most; the rest is for clocks that differ. */
export const RUNNING_SECONDS = 6 * 60;
/** After this long nothing that was started for an edit can still be writing objects. */
export const SWEPT_SECONDS = 10 * 60;

/**
 * The attributes that say what must happen to an edit later, as it is from `now` on: one that does not end is
 * given up, and where none came out, or it was deleted, what was written for it meanwhile is swept away.
 */
export function dueOfEdit({ id, status }: Pick<Edit, 'id' | 'status'>, now: Date): Due | typeof NOT_DUE {
  if (status === 'done') return NOT_DUE;
  const seconds =
    status === 'queued' ? QUEUED_SECONDS : status === 'running' ? RUNNING_SECONDS : SWEPT_SECONDS;
  return dueAt(new Date(now.getTime() + seconds * 1_000).toISOString(), id);
}
