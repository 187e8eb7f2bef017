import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { s3 } from '../aws/s3.ts';
import type { InteractionRecord } from '../clicks/click.ts';
import { advanced, readHistory } from '../clicks/history.ts';
import { struckOut } from '../clicks/interactions.ts';
import { rowsOf } from '../clicks/rows.ts';
import { env } from '../env.ts';
import { type Counts, countsOf, isEnough, LEAST_INTERACTIONS } from './enough.ts';
import { interactionsCsv, itemsCsv, learntRows } from './rows.ts';

export const countingInput = z.object({
  executionName: z.string().min(1),
  /** What the execution was given: by the schedule an empty object. */
  asked: z.object({ repair: z.boolean().default(false) }),
  /** Whether nothing was trained yet. */
  isFirst: z.boolean(),
  /** When Personalize began to be told of what people do. */
  toldSince: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
  correlationId: z.string(),
});

export type CountingInput = z.infer<typeof countingInput>;

/** A file that Personalize is to import. */
export interface Import {
  readonly dataset: 'INTERACTIONS' | 'ITEMS';
  readonly jobName: string;
  /** `s3://bucket/key` */
  readonly location: string;
}

export interface Counted extends Counts {
  readonly isEnough: boolean;
  readonly imports: readonly Import[];
}

/**
 * Counts what Personalize has to learn from, and writes files where it has to import: PutEvents and PutItems tell it of
 * everything, so that only what came in before it was there is brought in, once, and all of it where a repair is asked
 * for. An import replaces what earlier ones brought.
 */
export async function countInteractions(input: CountingInput, now = new Date()): Promise<Counted> {
  const { toldSince, isFirst, asked } = input;
  const [{ history }, forget] = await Promise.all([
    readHistory().then((history) => advanced(history, now)),
    struckOut(),
  ]);
  const learnt = (isMeant: (record: InteractionRecord) => boolean) => {
    const records = history.records.filter((record) => record.kind !== 'interaction' || isMeant(record));
    return learntRows(rowsOf(records, forget).interactions);
  };
  const earlier = learnt(({ receivedAt }) => receivedAt < toldSince);
  // Fewer cannot be imported, and then Personalize does not know of them.
  const isImportable = asked.repair || earlier.length >= LEAST_INTERACTIONS;
  const known = learnt(({ receivedAt }) => isImportable || receivedAt >= toldSince);
  const counts = countsOf(known);
  if (!isEnough(counts)) return { ...counts, isEnough: false, imports: [] };
  const imports: Import[] = [];
  if (isFirst || asked.repair) {
    const interactions = asked.repair ? known : earlier;
    if (isImportable) imports.push(await written(input, 'INTERACTIONS', interactionsCsv(interactions)));
    const { items } = rowsOf(history.records, forget);
    if (items.photos.length > 0) imports.push(await written(input, 'ITEMS', itemsCsv(items)));
  }
  return { ...counts, isEnough: true, imports };
}

/** Names of jobs have at most 63 characters, and those of executions that a schedule starts more. */
async function written(
  { executionName }: CountingInput,
  dataset: Import['dataset'],
  text: string,
): Promise<Import> {
  const run = createHash('sha256').update(executionName).digest('hex').slice(0, 12);
  const [Bucket, Key] = [env.CLICKS_BUCKET, `imports/${run}/${dataset.toLowerCase()}.csv`];
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'text/csv' }));
  const jobName = `afterparty-${env.STAGE}-${dataset.toLowerCase()}-${run}`;
  return { dataset, jobName, location: `s3://${Bucket}/${Key}` };
}
