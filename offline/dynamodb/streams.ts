import * as z from 'zod';
import { type Call, ServiceError } from '../contract.ts';
import { parseInput } from '../parse-input.ts';
import type { Database } from './database.ts';
import { invalid, notFound } from './errors.ts';
import { attributesOf } from './keys.ts';
import { type Input, tableName } from './requests.ts';
import { decodeIterator, encodeIterator } from './shard-iterator.ts';
import { streamLabel } from './stream-arn.ts';
import type { StreamLog, StreamRecord } from './stream-log.ts';
import { apiRecord, recordSize, sequenceFrom, sequenceNumber } from './stream-records.ts';

// A stream has one shard here.
const shardId = 'shardId-00000001767225600000-00000001';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
const recordsLimit = 1000;
const recordsBytes = 1024 * 1024;
const longestWaitMs = 20_000;

const listInput = z.object({
  TableName: z.string().optional(),
  Limit: z.int().min(1).max(100).default(100),
  ExclusiveStartStreamArn: z.string().optional(),
});

const describeInput = z.object({ StreamArn: z.string() });

const shardIteratorInput = z.object({
  StreamArn: z.string(),
  ShardId: z.string(),
  ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
  SequenceNumber: z.string().optional(),
});

const recordsInput = z.object({
  ShardIterator: z.string(),
  Limit: z.int().min(1).max(recordsLimit).default(recordsLimit),
  WaitMs: z.number().min(0).max(longestWaitMs).default(0),
});

export function listStreams(database: Database, input: Input): Record<string, unknown> {
  const asked = read(listInput, input);
  const name = tableName(asked.TableName);
  const from = asked.ExclusiveStartStreamArn ?? '';
  const streams = database.streams
    .filter(({ arn, table }) => arn > from && (name === undefined || table.definition.name === name))
    .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const shown = streams.slice(0, asked.Limit);
  return {
    Streams: shown.map(({ arn, table }) => ({
      StreamArn: arn,
      TableName: table.definition.name,
      StreamLabel: streamLabel,
    })),
    ...(shown.length < streams.length && { LastEvaluatedStreamArn: shown.at(-1)?.arn }),
  };
}

export function describeStream(database: Database, input: Input): Record<string, unknown> {
  const stream = streamOf(database, read(describeInput, input).StreamArn);
  const { definition } = stream.table;
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: streamLabel,
      StreamStatus: 'ENABLED',
      StreamViewType: stream.viewType,
      CreationRequestDateTime: Date.parse(`${streamLabel}Z`) / 1000,
      TableName: definition.name,
      KeySchema: attributesOf(definition.key).map(({ name }, index) => ({
        AttributeName: name,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
      Shards: [
        {
          ShardId: shardId,
          SequenceNumberRange: {
            StartingSequenceNumber: sequenceNumber(stream.records[0]?.sequence ?? database.sequence + 1),
          },
        },
      ],
    },
  };
}

export function getShardIterator(database: Database, input: Input): Record<string, unknown> {
  const asked = read(shardIteratorInput, input);
  const stream = streamOf(database, asked.StreamArn);
  if (asked.ShardId !== shardId) {
    throw notFound(`: Shard does not exist: ${asked.ShardId}, the stream's shard is ${shardId}`);
  }
  const after = positionOf(database, stream, asked);
  return { ShardIterator: encodeIterator({ arn: stream.arn, after, at: database.clock.now() }) };
}

/**
 * GetRecords. Calls from inside may ask for `WaitMs` milliseconds of the clock, at most 20 000: an answer
 * without records then waits until there is one, the time is over, or the call is aborted. That is how an event
 * source mapping delivers within milliseconds without polling. AWS has no such member, and its clients never
 * send one.
 */
export async function getRecords(database: Database, call: Call): Promise<Record<string, unknown>> {
  const asked = read(recordsInput, call.input);
  const from = decodeIterator(asked.ShardIterator, database.clock.now());
  const stream = streamOf(database, from.arn);
  const until = database.clock.now() + asked.WaitMs;
  let records = next(database, stream, from.after, asked.Limit);
  while (records.length === 0 && database.clock.now() < until && !call.signal.aborted) {
    await changeOr(database, until - database.clock.now(), call.signal);
    records = next(database, stream, from.after, asked.Limit);
  }
  return {
    Records: records.map((record) => apiRecord(record, stream)),
    NextShardIterator: encodeIterator({
      arn: stream.arn,
      after: records.at(-1)?.sequence ?? from.after,
      at: database.clock.now(),
    }),
  };
}

function next(database: Database, stream: StreamLog, after: number, limit: number): StreamRecord[] {
  stream.trim(database.clock.now());
  if (after < stream.trimmed) throw trimmedAccess();
  const records: StreamRecord[] = [];
  let bytes = 0;
  for (const record of stream.following(after, limit)) {
    bytes += recordSize(record, stream);
    if (records.length > 0 && bytes > recordsBytes) break;
    records.push(record);
  }
  return records;
}

/** Waits for a change, for `ms` milliseconds of the clock, or for the signal, whichever comes first. */
async function changeOr(database: Database, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const finish = () => over.abort();
  const stopListening = database.onChange(finish);
  signal.addEventListener('abort', finish, { once: true });
  await database.clock.sleep(ms, over.signal);
  signal.removeEventListener('abort', finish);
  stopListening();
}

function positionOf(
  database: Database,
  stream: StreamLog,
  { ShardIteratorType: type, SequenceNumber: given }: z.infer<typeof shardIteratorInput>,
): number {
  stream.trim(database.clock.now());
  if (type === 'TRIM_HORIZON') return stream.trimmed;
  if (type === 'LATEST') return database.sequence;
  const sequence = given === undefined ? undefined : sequenceFrom(given);
  if (sequence === undefined) {
    throw invalid(`SequenceNumber: expected one of this stream's for ${type}, received ${given}`);
  }
  const after = type === 'AT_SEQUENCE_NUMBER' ? sequence - 1 : sequence;
  if (after < stream.trimmed) throw trimmedAccess();
  return after;
}

function streamOf(database: Database, arn: string): StreamLog {
  const stream = database.streams.find((one) => one.arn === arn);
  if (!stream) throw notFound(`: Stream: ${arn} not found`);
  return stream;
}

function read<Shape extends z.ZodType>(shape: Shape, input: Input): z.output<Shape> {
  return parseInput(shape, input, { missing: 'ValidationException', invalid: 'ValidationException' });
}

function trimmedAccess(): ServiceError {
  return new ServiceError(
    'TrimmedDataAccessException',
    'The requested sequence number is beyond the trim horizon: records are kept for 24 hours',
  );
}
