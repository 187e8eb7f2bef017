import * as z from 'zod';
import { storedStep } from '../edits/edit.ts';
import { idSchema, userIdSchema } from '../ids.ts';
import { notFound } from '../problem.ts';
import { keys } from '../table/keys.ts';
import { get, type Item, queryAll } from '../table/read.ts';

export const BATCH_STATUSES = ['running', 'done', 'cancelled', 'failed'] as const;

/** One invocation opens a page within seconds, and so many renderings run at once for each page under way. */
export const PHOTOS_A_PAGE = 10;
/** What a batch says about itself is forgotten after this; its edits stay. */
export const KEPT_DAYS = 30;

export const batchPath = z.object({ batchId: idSchema });

/** A batch as the table keeps it; its photos are on its pages. */
export const batchItem = z.object({
  id: idSchema,
  ownerId: userIdSchema,
  version: z.number().int(),
  status: z.enum(BATCH_STATUSES),
  steps: z.array(storedStep),
  total: z.number().int(),
  pages: z.number().int(),
  createdAt: z.string(),
  endedAt: z.string().optional(),
  correlationId: z.string(),
});

export type Batch = z.infer<typeof batchItem>;

/** What became of one photo of a batch; `editId` is missing where there was nothing to edit. */
const entry = z.object({
  photoId: idSchema,
  editId: idSchema.optional(),
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  code: z.string().optional(),
  detail: z.string().optional(),
});

export type Entry = z.infer<typeof entry>;

export const pageItem = z.object({
  page: z.number().int(),
  entries: z.array(entry),
  version: z.number().int(),
});

export type BatchPage = z.infer<typeof pageItem>;

/** The batch, whoever asks, or undefined. */
export async function findBatch(batchId: string): Promise<Batch | undefined> {
  const item = await get(keys.batch(batchId));
  return item && batchItem.parse(item);
}

/** The caller's own batch; 404 for anyone else's. */
export async function ownBatch(caller: { readonly userId: string }, batchId: string): Promise<Batch> {
  const batch = await findBatch(batchId);
  if (batch?.ownerId !== caller.userId) throw notFound('batch');
  return batch;
}

/** Whether no more is to be done for a batch: it was cancelled or given up, or is gone. */
export async function isCancelled(batchId: string): Promise<boolean> {
  return (await findBatch(batchId))?.status !== 'running';
}

export async function findPage(batchId: string, page: number): Promise<BatchPage> {
  const item = await get(keys.batchPage(batchId, page));
  if (!item) throw new Error(`Batch ${batchId} has no page ${page}`);
  return pageItem.parse(item);
}

/** Every photo of a batch, in the order in which they were named. */
export async function entriesOf(batchId: string): Promise<Entry[]> {
  const { pk } = keys.batch(batchId);
  const entries: Entry[] = [];
  for await (const item of queryAll('table', pk, { range: { beginsWith: 'PAGE#' } })) {
    entries.push(...pageItem.parse(item).entries);
  }
  return entries;
}

export function toBatch(item: Item): Batch {
  return batchItem.parse(item);
}
