import * as z from 'zod';
import type { Answer } from '../http/answer.ts';
import { idSchema } from '../ids.ts';
import { BATCH_STATUSES, type Batch, entriesOf, findBatch } from './batch.ts';

/** Photos that are named with what went wrong; the counts are of all. */
const FAILURES_SHOWN = 100;

/** A batch as the API shows it. */
export const batchView = z
  .object({
    id: idSchema,
    version: z.number().int(),
    status: z.enum(BATCH_STATUSES),
    steps: z.array(z.object({ filter: z.string(), params: z.record(z.string(), z.unknown()) })),
    counts: z.object({
      total: z.number().int(),
      waiting: z.number().int(),
      running: z.number().int(),
      done: z.number().int(),
      failed: z.number().int(),
    }),
    failures: z
      .array(
        z.object({ photoId: idSchema, editId: idSchema.nullable(), code: z.string(), detail: z.string() }),
      )
      .meta({ description: `The first ${FAILURES_SHOWN} photos that could not be edited.` }),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Batch' });

/** A batch with its progress, a few seconds old at most. */
export async function presentBatch(batch: Batch): Promise<z.infer<typeof batchView>> {
  const entries = await entriesOf(batch.id);
  const counted = (status: string) => entries.filter((entry) => entry.status === status).length;
  return {
    id: batch.id,
    version: batch.version,
    status: batch.status,
    steps: batch.steps,
    counts: {
      total: batch.total,
      waiting: counted('waiting'),
      running: counted('running'),
      done: counted('done'),
      failed: counted('failed'),
    },
    failures: entries
      .filter(({ status }) => status === 'failed')
      .slice(0, FAILURES_SHOWN)
      .map(({ photoId, editId, code = 'internal', detail = '' }) => ({
        photoId,
        editId: editId ?? null,
        code,
        detail,
      })),
    createdAt: batch.createdAt,
    endedAt: batch.endedAt ?? null,
  };
}

/** A replayed answer shows the batch as it is now. */
export async function refreshBatch(answer: Answer): Promise<Answer> {
  const { batch: shown } = answer.body as { batch: z.infer<typeof batchView> };
  const batch = await findBatch(shown.id);
  return batch ? { ...answer, body: { batch: await presentBatch(batch) } } : answer;
}

/** When to ask again while the batch is under way, in seconds. */
export function batchHeaders({ version, status }: Batch): Record<string, string> {
  return { etag: `"${version}"`, ...(status === 'running' && { 'retry-after': '2' }) };
}
