import * as z from 'zod';
import { correlated } from '../correlation.ts';
import { createEdit } from '../edits/create.ts';
import { type Edit, findEdits } from '../edits/edit.ts';
import { idSchema } from '../ids.ts';
import { findPhoto } from '../photos/photo.ts';
import { Problem } from '../problem.ts';
import { is, overdue } from '../table/condition.ts';
import { keys, NOT_DUE } from '../table/keys.ts';
import { unlessRefused, update } from '../table/write.ts';
import { type Batch, type BatchPage, type Entry, entriesOf, findBatch, findPage } from './batch.ts';

/** What the tasks of the state machine are told. */
const batchTask = z.object({ batchId: idSchema, correlationId: z.string() });
export const pageTask = batchTask.extend({ page: z.number().int().min(0) });
export const batchEnd = batchTask.extend({ status: z.enum(['done', 'failed']) });

type PageTask = z.infer<typeof pageTask>;

/** How many photos of a page are still to be waited for. */
export interface PageState {
  readonly pending: number;
}

/**
 * Asks for the edits of a page's photos, which then are made like any other. One that cannot be is noted, and
 * the rest go on. Done again, it asks for nothing twice: the same edit is the same edit.
 */
export async function openPage({ batchId, page }: PageTask): Promise<PageState> {
  const batch = await findBatch(batchId);
  if (batch?.status !== 'running') return { pending: 0 };
  return changePage(batchId, page, async (entry) =>
    entry.status === 'waiting' ? onBehalfOf(batch, () => ask(batch, entry)) : entry,
  );
}

/** Looks what has become of a page's edits. */
export async function lookAtPage({ batchId, page }: PageTask): Promise<PageState> {
  const { entries } = await findPage(batchId, page);
  const running = entries.filter(({ status, editId }) => status === 'running' && editId !== undefined);
  const edits = await findEdits(running.map(({ photoId, editId }) => ({ photoId, id: String(editId) })));
  const found = new Map(running.map(({ editId }, place) => [editId, edits[place]]));
  return changePage(batchId, page, async (entry) =>
    entry.status === 'running' ? { ...entry, ...outcomeOf(found.get(entry.editId)) } : entry,
  );
}

/**
 * Every page is through, or the machine cannot go on. A batch is done only if each of its photos has come to
 * something; one that was cancelled stays so.
 */
export async function endBatch({ batchId, status }: z.infer<typeof batchEnd>): Promise<void> {
  const entries = await entriesOf(batchId);
  const settled = entries.every((entry) => entry.status === 'done' || entry.status === 'failed');
  await end(batchId, settled ? status : 'failed', new Date());
}

/** The owner wants no more of it: what is not begun is not begun, and what waits is not made. */
export async function cancelBatch(batch: Batch, now = new Date()): Promise<void> {
  await end(batch.id, 'cancelled', now);
}

/** Gives up a batch whose machine never came to its end. */
export async function settleBatch(batch: Batch, now: Date): Promise<'batchesGivenUp' | undefined> {
  const set = { status: 'failed', endedAt: now.toISOString(), ...NOT_DUE };
  const givenUp = await unlessRefused(update(keys.batch(batch.id), set, overdue(now), now));
  return givenUp ? 'batchesGivenUp' : undefined;
}

async function end(batchId: string, status: Batch['status'], now: Date): Promise<void> {
  const set = { status, endedAt: now.toISOString(), ...NOT_DUE };
  const key = keys.batch(batchId);
  const when = is('status', 'running');
  const batch = await findBatch(batchId);
  if (batch) await onBehalfOf(batch, () => unlessRefused(update(key, set, when, now)));
}

async function ask(batch: Batch, { photoId }: Entry): Promise<Entry> {
  const photo = await findPhoto(photoId);
  if (!photo) return failed(photoId, 'photo-unavailable', 'The photo is gone.');
  try {
    const { edit } = await createEdit(photo, batch.steps, batch.id);
    return { photoId, editId: edit.id, ...outcomeOf(edit) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 409) return failed(photoId, 'photo-unavailable', error.message);
    return failed(photoId, 'not-applicable', error.errors?.[0]?.detail ?? error.message);
  }
}

function failed(photoId: string, code: string, detail: string): Entry {
  return { photoId, status: 'failed', code, detail };
}

function outcomeOf(edit: Edit | undefined): Pick<Entry, 'status' | 'code' | 'detail'> {
  if (edit?.status === 'done') return { status: 'done' };
  if (edit?.status === 'failed') return { status: 'failed', ...edit.failure };
  if (!edit || edit.status === 'deleted')
    return { status: 'failed', code: 'deleted', detail: 'The edit was deleted.' };
  return { status: 'running' };
}

/** Writes the page as `change` makes it, unless another try has been there meanwhile: then from what that left. */
async function changePage(
  batchId: string,
  page: number,
  change: (entry: Entry) => Promise<Entry>,
): Promise<PageState> {
  const before: BatchPage = await findPage(batchId, page);
  const entries: Entry[] = [];
  for (const entry of before.entries) entries.push(await change(entry));
  const written = await unlessRefused(
    update(keys.batchPage(batchId, page), { entries }, is('version', before.version)),
  );
  if (!written) return changePage(batchId, page, change);
  return { pending: entries.filter(({ status }) => status === 'running').length };
}

function onBehalfOf<Result>({ correlationId, ownerId }: Batch, work: () => Result): Result {
  return correlated({ correlationId, actorId: ownerId }, work);
}
