import * as z from 'zod';
import { isCancelled } from '../batches/batch.ts';
import { correlated } from '../correlation.ts';
import { idSchema } from '../ids.ts';
import { count } from '../observe.ts';
import { removeEditObjects } from '../photos/objects.ts';
import { findPhoto, isEditable, type Photo, placeholderItem, renditionItem } from '../photos/photo.ts';
import { anyOf, is, without } from '../table/condition.ts';
import { type Edit, type EditName, type Failure, findEdit } from './edit.ts';
import { begin, fail, finish, type Result } from './progress.ts';

/** What every task of the state machine is told. */
export const taskInput = z.object({
  photoId: idSchema,
  editId: idSchema,
  executionName: z.string(),
  correlationId: z.string(),
});

export const renderedSchema = z.object({
  width: z.number().int(),
  height: z.number().int(),
  placeholder: placeholderItem,
  renditions: z.array(renditionItem),
});

export type Task = z.infer<typeof taskInput>;

/** The edit has ended, or is another execution's: there is nothing to do, and nothing to undo. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo';
}

/** The photo has gone, or lies in the trash. */
export class PhotoUnavailable extends Error {
  override readonly name = 'PhotoUnavailable';
}

/** The batch that the edit belongs to was cancelled. */
export class BatchCancelled extends Error {
  override readonly name = 'BatchCancelled';
}

/**
 * First task: takes the edit for this execution, if it is still wanted.
 *
 * @throws NothingToDo, PhotoUnavailable, BatchCancelled
 */
export async function checkEdit(task: Task): Promise<void> {
  const edit = await findEdit(nameOf(task));
  if (!edit) throw new NothingToDo(`The edit ${task.editId} is gone.`);
  const begun = await onBehalfOf(edit, () => begin(edit, task.executionName));
  if (!begun) throw new NothingToDo(`The edit ${task.editId} has ended, or another execution has it.`);
  if (begun.batchId !== undefined && (await isCancelled(begun.batchId))) {
    throw new BatchCancelled('The batch was cancelled.');
  }
  await photoOf(begun);
}

/**
 * Third task: the edit is done. What was stored for one that has ended otherwise is removed by the machine's
 * compensation.
 *
 * @throws EditEnded
 */
export async function publishEdit({ rendered, ...task }: Task & { rendered: Result }): Promise<void> {
  const edit = await findEdit(nameOf(task));
  const done = edit && (await onBehalfOf(edit, () => finish(nameOf(task), task.executionName, rendered)));
  if (!done) throw new EditEnded(`The edit ${task.editId} has ended otherwise.`);
  count('EditsDone');
}

/** The edit was deleted or timed out while it was rendered. */
export class EditEnded extends Error {
  override readonly name = 'EditEnded';
}

/**
 * Compensation: the edit fails with a code for its owner, and what was stored for it is removed, unless it is
 * done after all. First the status, then the objects: whatever still writes finds the status, or is swept away.
 */
export async function failEdit({ error, ...task }: Task & { error: { Error: string } }): Promise<void> {
  const edit = await findEdit(nameOf(task));
  if (edit) {
    const mine = anyOf(without('executionName'), is('executionName', task.executionName));
    const failed = await onBehalfOf(edit, () => fail(edit, failureOf(error.Error), mine));
    if (failed) count('EditsFailed');
  }
  const now = await findEdit(nameOf(task));
  if (now?.status !== 'done' && !isAnothers(now, task)) await removeEditObjects(nameOf(task));
}

function isAnothers(edit: Edit | undefined, { executionName }: Task): boolean {
  return edit?.executionName !== undefined && edit.executionName !== executionName;
}

/** The code and detail for the owner; error names are those that the tasks throw and that Step Functions gives. */
function failureOf(error: string): Failure {
  switch (error) {
    case 'PhotoUnavailable':
      return { code: 'photo-unavailable', detail: 'The photo is gone, or in the trash.' };
    case 'BatchCancelled':
      return { code: 'cancelled', detail: 'The batch was cancelled.' };
    case 'ImageRejected':
      return { code: 'image-unreadable', detail: 'The original could not be read any more.' };
    case 'FilterRefused':
      return { code: 'not-applicable', detail: 'A step does not fit a photo of this size.' };
    case 'States.Timeout':
      return { code: 'timed-out', detail: 'The edit was not done in time.' };
    default:
      return { code: 'internal', detail: 'Something went wrong on our side; it has been logged.' };
  }
}

/** @throws PhotoUnavailable */
export async function photoOf(edit: Edit): Promise<Photo> {
  const photo = await findPhoto(edit.photoId);
  if (!photo || !isEditable(photo)) throw new PhotoUnavailable('The photo is gone, or in the trash.');
  return photo;
}

export function nameOf({ photoId, editId }: Pick<Task, 'photoId' | 'editId'>): EditName {
  return { photoId, id: editId };
}

/** What the machine writes it writes in the name of whoever asked for the edit. */
function onBehalfOf<Result>({ correlationId, ownerId }: Edit, work: () => Result): Result {
  return correlated({ correlationId, actorId: ownerId }, work);
}
