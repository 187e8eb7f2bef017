import { allOf, type Condition, is, oneOf, overdue } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { type Check, ConditionFailed, transact, unlessRefused, update } from '../table/write.ts';
import { dueOfEdit } from './due.ts';
import { type Edit, type EditName, type Failure, findEdit, toEdit } from './edit.ts';

/** What an edit comes to. */
export type Result = Required<Pick<Edit, 'renditions' | 'placeholder' | 'width' | 'height'>>;

const UNFINISHED = oneOf('status', ['queued', 'running']);

/**
 * Makes the edit this execution's alone; undefined where another has it, or it has ended. A message that comes
 * twice starts two executions, and each of their tasks is tried more than once.
 */
export async function begin(edit: Edit, executionName: string, now = new Date()): Promise<Edit | undefined> {
  if (isOf(edit, executionName)) return edit;
  const begun = { status: 'running' as const, executionName };
  try {
    const item = await update(
      keys.edit(edit.photoId, edit.id),
      { ...begun, ...dueOfEdit({ ...edit, ...begun }, now) },
      is('status', 'queued'),
      now,
    );
    return toEdit(item);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = error.item && toEdit(error.item);
    return found && isOf(found, executionName) ? found : undefined;
  }
}

/** Everything is stored. False where the edit has been ended otherwise meanwhile; its objects are nobody's then. */
export async function finish(
  name: EditName,
  executionName: string,
  result: Result,
  now = new Date(),
): Promise<boolean> {
  const done = { ...result, status: 'done' as const, endedAt: now.toISOString() };
  const mine = allOf(is('status', 'running'), is('executionName', executionName));
  const place = dueOfEdit({ ...done, id: name.id }, now);
  if (await unlessRefused(update(keys.edit(name.photoId, name.id), { ...done, ...place }, mine, now)))
    return true;
  const found = await findEdit(name);
  return found?.status === 'done' && found.executionName === executionName;
}

/**
 * Ends an edit that came to nothing, and says why. Its claim goes with it, so that it may be asked for anew.
 * False where it has ended already, or is another execution's.
 */
export function fail(edit: Edit, failure: Failure, when?: Condition, now = new Date()): Promise<boolean> {
  const ended = { status: 'failed' as const, failure, endedAt: now.toISOString() };
  return end(edit, ended, allOf(UNFINISHED, when), now);
}

/** The same for one whose time is over. */
export function timeOut(edit: Edit, now: Date): Promise<boolean> {
  const detail = 'The edit was not done in time.';
  return fail(edit, { code: 'timed-out', detail }, overdue(now), now);
}

/**
 * Leaves a tombstone until nothing can be writing for the edit any more. False where it is one already.
 *
 * @throws ConditionFailed where one of the other conditions does not hold
 */
export function bury(edit: Edit, also: readonly Check[] = [], now = new Date()): Promise<boolean> {
  const when = oneOf('status', ['queued', 'running', 'done', 'failed']);
  return end(edit, { status: 'deleted' as const, endedAt: now.toISOString() }, when, now, also);
}

async function end(
  edit: Edit,
  ended: Partial<Edit> & Pick<Edit, 'status'>,
  when: Condition,
  now: Date,
  also: readonly Check[] = [],
): Promise<boolean> {
  const set = { ...ended, ...dueOfEdit({ ...edit, ...ended }, now) };
  const writes = [{ update: keys.edit(edit.photoId, edit.id), set, when }, ...also];
  const claim = { delete: keys.recipe(edit.photoId, edit.recipe), when: is('editId', edit.id) };
  try {
    // A failed edit's claim has gone before, or belongs to the edit that was asked for after it.
    await transact(edit.status === 'failed' ? writes : [...writes, claim], now);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 0) return false;
    if (error.index <= also.length) throw error;
    return end({ ...edit, status: 'failed' }, ended, when, now, also);
  }
}

function isOf(edit: Edit, executionName: string): boolean {
  return edit.status === 'running' && edit.executionName === executionName;
}
