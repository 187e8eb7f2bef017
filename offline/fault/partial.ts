import type { Answer, Call } from '../contract.ts';
import type { Random } from '../random.ts';

type Members = Readonly<Record<string, unknown>>;
type Next = (call: Call) => Promise<Answer>;

interface Entry {
  readonly Id: string;
}

/**
 * Runs a batch operation without some of its entries and says in its answer, as the service does, that they
 * aren't done: `UnprocessedItems` or `UnprocessedKeys` of DynamoDB, `Failed` of SQS and SNS,
 * `FailedPutCount` of Firehose.
 * @param share with which probability each entry is left out
 */
export async function partly(call: Call, share: number, random: Random, next: Next): Promise<Answer> {
  const kept = () => random.next() >= share;
  if (call.operation === 'BatchWriteItem') return await writePartly(call, kept, next);
  if (call.operation === 'BatchGetItem') return await getPartly(call, kept, next);
  if (call.operation === 'PutRecordBatch') return await recordPartly(call, kept, next);
  return await entriesPartly(call, kept, next);
}

async function writePartly(call: Call, kept: () => boolean, next: Next): Promise<Answer> {
  const [RequestItems, left] = split(call.input.RequestItems as Record<string, unknown[]>, kept);
  const output = await outputOf(call, { RequestItems }, Object.keys(RequestItems).length > 0, next);
  const UnprocessedItems = { ...(output.UnprocessedItems as object | undefined), ...left };
  return { output: { ...output, UnprocessedItems } };
}

async function getPartly(call: Call, kept: () => boolean, next: Next): Promise<Answer> {
  const asked = call.input.RequestItems as Record<string, { Keys: unknown[] }>;
  const keys = Object.fromEntries(Object.entries(asked).map(([table, { Keys }]) => [table, Keys]));
  const [now, later] = split(keys, kept);
  const withKeys = (chosen: Record<string, unknown[]>) =>
    Object.fromEntries(Object.entries(chosen).map(([table, Keys]) => [table, { ...asked[table], Keys }]));
  const any = Object.keys(now).length > 0;
  const output = await outputOf(call, { RequestItems: withKeys(now) }, any, next);
  const UnprocessedKeys = { ...(output.UnprocessedKeys as object | undefined), ...withKeys(later) };
  return { output: { Responses: {}, ...output, UnprocessedKeys } };
}

async function recordPartly(call: Call, kept: () => boolean, next: Next): Promise<Answer> {
  const records = call.input.Records as unknown[];
  const done = records.map(kept);
  const Records = records.filter((_, index) => done[index]);
  const output = await outputOf(call, { Records }, Records.length > 0, next);
  const responses = [...((output.RequestResponses as Members[] | undefined) ?? [])];
  const RequestResponses = done.map((put) =>
    put ? responses.shift() : { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' },
  );
  const failed = done.filter((put) => !put).length + Number(output.FailedPutCount ?? 0);
  return { output: { Encrypted: false, ...output, RequestResponses, FailedPutCount: failed } };
}

async function entriesPartly(call: Call, kept: () => boolean, next: Next): Promise<Answer> {
  const member = call.operation === 'PublishBatch' ? 'PublishBatchRequestEntries' : 'Entries';
  const entries = call.input[member] as Entry[];
  const done = entries.map(kept);
  const chosen = entries.filter((_, index) => done[index]);
  const output = await outputOf(call, { [member]: chosen }, chosen.length > 0, next);
  const left = entries.filter((_, index) => !done[index]);
  const failures = left.map(({ Id }) => ({
    Id,
    Code: 'InternalError',
    Message: 'We encountered an internal error. Please try again.',
    SenderFault: false,
  }));
  const Failed = [...((output.Failed as unknown[] | undefined) ?? []), ...failures];
  return { output: { Successful: [], ...output, Failed } };
}

/** The entries of each table that are kept, and those that aren't; tables without any are left out. */
function split<T>(
  tables: Readonly<Record<string, readonly T[]>>,
  kept: () => boolean,
): [Record<string, T[]>, Record<string, T[]>] {
  const now: Record<string, T[]> = {};
  const later: Record<string, T[]> = {};
  for (const [table, entries] of Object.entries(tables)) {
    for (const entry of entries) {
      const side = kept() ? now : later;
      side[table] = [...(side[table] ?? []), entry];
    }
  }
  return [now, later];
}

async function outputOf(call: Call, input: Members, any: boolean, next: Next): Promise<Members> {
  if (!any) return {};
  const answer = await next({ ...call, input: { ...call.input, ...input } });
  return 'output' in answer ? answer.output : {};
}
