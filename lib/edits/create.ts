import { createHash } from 'node:crypto';
import * as z from 'zod';
import { newId } from '../ids.ts';
import { editedSize, FilterRefused, recipeOfSteps, type Step, stepsSchema } from '../images/filters/chain.ts';
import { budgetSpent, spending } from '../people/budget.ts';
import { isEditable, type Photo } from '../photos/photo.ts';
import { invalidField, Problem } from '../problem.ts';
import { absent, allOf, is, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get, query } from '../table/read.ts';
import { ConditionFailed, transact } from '../table/write.ts';
import { dueOfEdit } from './due.ts';
import { type Edit, editRange, findEdit, toEdit } from './edit.ts';

export const editRequest = z.strictObject({ steps: stepsSchema });

/** A new edit that waits to be worked on, or the same one that was asked for before. */
export interface Asked {
  readonly edit: Edit;
  readonly duplicate: boolean;
}

/** Two requests for the same edit at once meet at the claim; the loser looks again. */
const CLAIM_ATTEMPTS = 5;
/** Each keeps a set of renditions. */
const MAX_EDITS = 100;

/**
 * Writes an edit of the photo, and the announcement of that write starts it. The same steps again are the same
 * edit, as long as it has not failed or been deleted: nothing is computed twice.
 *
 * @param batchId where it is one of many, which the batch has counted
 * @throws Problem 409 where the photo cannot be edited as it is or has as many edits as it may have, 422 where its size does not allow a step, 429 where the day's pictures are used up
 */
export async function createEdit(
  photo: Photo,
  steps: readonly Step[],
  batchId?: string,
  now = new Date(),
): Promise<Asked> {
  if (!isEditable(photo)) throw notEditable();
  checkSize(photo, steps);
  const recipe = recipeHash(photo.sha256, steps);
  for (let attempt = 1; attempt <= CLAIM_ATTEMPTS; attempt++) {
    const claim = await get(keys.recipe(photo.id, recipe));
    const known = claim && (await findEdit({ photoId: photo.id, id: String(claim.editId) }));
    if (known && ['queued', 'running', 'done'].includes(known.status)) {
      return { edit: known, duplicate: true };
    }
    if (attempt === 1) await expectRoom(photo);
    const edit = await claimed(photo, { steps, recipe, batchId }, claim?.editId, now);
    if (edit) return { edit, duplicate: false };
  }
  throw new Error(`The claim on an edit of ${photo.id} changed ${CLAIM_ATTEMPTS} times during one request`);
}

/** Requests side by side may each find the last place. */
async function expectRoom({ id }: Photo): Promise<void> {
  const { pk, beginsWith } = editRange(id);
  const { items } = await query('table', pk, { limit: MAX_EDITS }, { range: { beginsWith } });
  if (items.length < MAX_EDITS) return;
  const detail = `A photo may have ${MAX_EDITS} edits; delete one first.`;
  throw new Problem(409, 'too-many-edits', detail);
}

function checkSize({ width = 1, height = 1 }: Photo, steps: readonly Step[]): void {
  try {
    editedSize(steps, { width, height });
  } catch (error) {
    if (!(error instanceof FilterRefused)) throw error;
    throw invalidField(`/steps/${error.step}`, error.detail);
  }
}

/** The new edit with its claim, or undefined where another request was first. */
async function claimed(
  photo: Photo,
  { steps, recipe, batchId }: { steps: readonly Step[]; recipe: string; batchId: string | undefined },
  formerEditId: unknown,
  now: Date,
): Promise<Edit | undefined> {
  const edit = {
    id: newId(now),
    photoId: photo.id,
    ownerId: photo.ownerId,
    status: 'queued' as const,
    steps,
    recipe,
    ...(batchId !== undefined && { batchId }),
    renditions: [],
    createdAt: now.toISOString(),
  };
  const claim = { ...keys.recipe(photo.id, recipe), entity: 'recipe', editId: edit.id };
  const item = { ...keys.edit(photo.id, edit.id), entity: 'edit', ...edit, ...dueOfEdit(edit, now) };
  try {
    await transact(
      [
        { check: keys.photo(photo.id), when: allOf(is('status', 'ready'), without('trashedAt')) },
        { put: item, when: absent() },
        { put: claim, when: formerEditId === undefined ? absent() : is('editId', formerEditId) },
        ...(batchId === undefined ? [spending(photo.ownerId, 1, now)] : []),
      ],
      now,
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 0) throw notEditable();
    if (error.index === 3) throw budgetSpent(now);
    return undefined;
  }
  const stored = await get(keys.edit(photo.id, edit.id));
  return stored && toEdit(stored);
}

function notEditable(): Problem {
  return new Problem(
    409,
    'photo-not-ready',
    'Only a photo that is ready, and not in the trash, can be edited.',
  );
}

/**
 * What an edit of these bytes by these steps is known by: equal edits have equal names, and a change of the
 * pipeline or of its libraries makes others.
 */
function recipeHash(sha256: string, steps: readonly Step[]): string {
  return createHash('sha256')
    .update(`${sha256}\n${recipeOfSteps(steps)}`)
    .digest('hex')
    .slice(0, 32);
}
