import { removeEditObjects } from '../photos/objects.ts';
import { allOf, is, overdue } from '../table/condition.ts';
import { keys, NOT_DUE } from '../table/keys.ts';
import { remove, unlessRefused, update } from '../table/write.ts';
import type { Edit } from './edit.ts';
import { timeOut } from './progress.ts';

/**
 * Ends an edit whose time is over, and sweeps away what was written for one that has come to nothing. May run
 * any number of times and side by side.
 */
export async function settleEdit(edit: Edit, now: Date): Promise<'editsTimedOut' | 'editsSwept' | undefined> {
  if (edit.status === 'queued' || edit.status === 'running') {
    if (!(await timeOut(edit, now))) return undefined;
    await removeEditObjects(edit);
    return 'editsTimedOut';
  }
  await removeEditObjects(edit);
  const key = keys.edit(edit.photoId, edit.id);
  const when = allOf(is('status', edit.status), overdue(now));
  const swept = edit.status === 'deleted' ? remove(key, when) : update(key, NOT_DUE, when, now);
  return (await unlessRefused(swept)) ? 'editsSwept' : undefined;
}
