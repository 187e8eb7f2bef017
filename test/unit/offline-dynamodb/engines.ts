import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import type { Call, Context, ServiceName } from '../../../offline/contract.ts';
import { createDynamoDbEngines } from '../../../offline/dynamodb/engine.ts';
import type { Item } from '../../../offline/dynamodb/values.ts';
import { Random } from '../../../offline/random.ts';
import { tableName, tableStack } from '../../support/table-stack.ts';

type Members = Record<string, unknown>;

/** Both engines over a state folder, called without a gateway. */
export interface Engines {
  readonly clock: Clock;
  readonly stateDir: string;
  readonly lines: string[];
  /** @param staleMs how far the answer lags behind, where it may */
  call(operation: string, input: Members, staleMs?: number): Promise<Members>;
  stream(operation: string, input: Members, signal?: AbortSignal): Promise<Members>;
  close(): Promise<void>;
}

/** A state folder that goes with the test. */
export function givenStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'afterparty-dynamodb-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  return stateDir;
}

export function startEngines(stateDir: string, clock = new Clock(), stack = tableStack()): Engines {
  const lines: string[] = [];
  const context: Context = {
    clock,
    stateDir,
    random: new Random(1),
    region: 'eu-west-1',
    account: '000000000000',
    endpoint: 'http://127.0.0.1:1',
    hindsightMs: 10_000,
    call: () => Promise.reject(new Error('the engine calls nobody')),
    log: (line) => lines.push(line),
  };
  const engines = createDynamoDbEngines(context, stack);
  const never = new AbortController().signal;
  const ask = async (
    service: ServiceName,
    operation: string,
    input: Members,
    more: Pick<Call, 'weakness'> & { signal?: AbortSignal } = {},
  ) => {
    const engine = engines.find((one) => one.service === service);
    const principal = { kind: 'developer', arn: 'arn:aws:iam::000000000000:root' } as const;
    const answer = await engine?.handle({
      id: '1',
      principal,
      service,
      operation,
      input,
      signal: never,
      ...more,
    });
    if (!answer || !('output' in answer)) throw new Error(`${service} gave no members`);
    return answer.output as Members;
  };
  return {
    clock,
    stateDir,
    lines,
    call: (operation, input, staleMs) =>
      ask('dynamodb', operation, input, staleMs === undefined ? {} : { weakness: { staleMs } }),
    stream: (operation, input, signal = never) => ask('dynamodbstreams', operation, input, { signal }),
    async close() {
      for (const engine of engines) await engine.close();
    },
  };
}

export interface ApiRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly dynamodb: {
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly ApproximateCreationDateTime: number;
  };
}

/** The stream's ARN and its only shard. */
export async function shardOf(engines: Engines): Promise<{ StreamArn: string; ShardId: string }> {
  const { Streams } = (await engines.stream('ListStreams', { TableName: tableName })) as {
    Streams: [{ StreamArn: string }];
  };
  const { StreamArn } = Streams[0];
  const { StreamDescription } = (await engines.stream('DescribeStream', { StreamArn })) as {
    StreamDescription: { Shards: [{ ShardId: string }] };
  };
  return { StreamArn, ShardId: StreamDescription.Shards[0].ShardId };
}

/** Every record the stream holds, read from its beginning. */
export async function streamRecords(engines: Engines): Promise<ApiRecord[]> {
  const { ShardIterator } = await engines.stream('GetShardIterator', {
    ...(await shardOf(engines)),
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const read: ApiRecord[] = [];
  for (let iterator = ShardIterator; ; ) {
    const page = await engines.stream('GetRecords', { ShardIterator: iterator });
    const records = page.Records as ApiRecord[];
    if (records.length === 0) return read;
    read.push(...records);
    iterator = page.NextShardIterator;
  }
}

/** Every row of the table or of an index, over all pages. */
export async function allRows(engines: Engines, IndexName?: string): Promise<Item[]> {
  const rows: Item[] = [];
  let start: unknown;
  do {
    const page = await engines.call('Scan', {
      TableName: tableName,
      Limit: 7,
      ...(IndexName !== undefined && { IndexName }),
      ...(start !== undefined && { ExclusiveStartKey: start }),
    });
    rows.push(...(page.Items as Item[]));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}
