import { expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import { ServiceError } from '../../../offline/contract.ts';
import { tableArn, tableName, tableStack } from '../../support/table-stack.ts';
import {
  type ApiRecord,
  type Engines,
  givenStateDir,
  shardOf,
  startEngines,
  streamRecords,
} from './engines.ts';

const minute = 60_000;
const hour = 60 * minute;

function put(engines: Engines, sk: string, more: object = {}): Promise<unknown> {
  return engines.call('PutItem', { TableName: tableName, Item: { pk: { S: 'p' }, sk: { S: sk }, ...more } });
}

async function iterator(
  engines: Engines,
  ShardIteratorType: string,
  SequenceNumber?: string,
): Promise<unknown> {
  const asked = { ...(await shardOf(engines)), ShardIteratorType, SequenceNumber };
  return (await engines.stream('GetShardIterator', asked)).ShardIterator;
}

async function namesFrom(engines: Engines, ShardIterator: unknown, more: object = {}): Promise<string[]> {
  const { Records } = await engines.stream('GetRecords', { ShardIterator, ...more });
  return (Records as ApiRecord[]).map(({ dynamodb }) => dynamodb.Keys.sk?.S ?? '');
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof ServiceError ? error.code : String(error)),
  );
}

test('an iterator begins where it is told to', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'a');
  await put(engines, 'b');
  const latest = await iterator(engines, 'LATEST');
  await put(engines, 'c');
  const second = (await streamRecords(engines))[1]?.dynamodb.SequenceNumber;
  expect(await namesFrom(engines, await iterator(engines, 'TRIM_HORIZON'))).toEqual(['a', 'b', 'c']);
  expect(await namesFrom(engines, latest)).toEqual(['c']);
  expect(await namesFrom(engines, await iterator(engines, 'AT_SEQUENCE_NUMBER', second))).toEqual(['b', 'c']);
  expect(await namesFrom(engines, await iterator(engines, 'AFTER_SEQUENCE_NUMBER', second))).toEqual(['c']);
  expect(await namesFrom(engines, await iterator(engines, 'TRIM_HORIZON'), { Limit: 2 })).toEqual(['a', 'b']);
  await engines.close();
});

test('records carry images, sizes and the second they were written in', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'a', { n: { N: '1' } });
  await put(engines, 'a', { n: { N: '2' } });
  await put(engines, 'a', { n: { N: '2' } });
  await engines.call('DeleteItem', { TableName: tableName, Key: { pk: { S: 'p' }, sk: { S: 'a' } } });
  await engines.call('DeleteItem', { TableName: tableName, Key: { pk: { S: 'p' }, sk: { S: 'a' } } });
  const records = await streamRecords(engines);
  expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
  const [, changed] = records;
  const key = { pk: { S: 'p' }, sk: { S: 'a' } };
  expect(changed?.dynamodb).toMatchObject({
    Keys: key,
    OldImage: { ...key, n: { N: '1' } },
    NewImage: { ...key, n: { N: '2' } },
    SizeBytes: 6 + 9 + 9,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  });
  const { ApproximateCreationDateTime: at } = changed?.dynamodb ?? {};
  expect(at).toBeCloseTo(engines.clock.now() / 1000, -2);
  expect(Number.isInteger(at)).toBe(true);
  expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(3);
  await engines.close();
});

const views: [string, string[]][] = [
  ['KEYS_ONLY', ['Keys']],
  ['NEW_IMAGE', ['Keys', 'NewImage']],
  ['OLD_IMAGE', ['Keys', 'OldImage']],
];

test.each(views)('a stream of view type %s shows %j', async (StreamViewType, members) => {
  const stack = tableStack({ StreamSpecification: { StreamViewType } });
  const engines = startEngines(givenStateDir(), new Clock(), stack);
  await put(engines, 'a', { n: { N: '1' } });
  await put(engines, 'a', { n: { N: '2' } });
  const record = (await streamRecords(engines))[1]?.dynamodb ?? {};
  expect(Object.keys(record).filter((name) => name === 'Keys' || name.endsWith('Image'))).toEqual(members);
  await engines.close();
});

test('a waiting reader has a record as soon as it is written, and all of a transaction at once', async () => {
  const engines = startEngines(givenStateDir());
  const latest = await iterator(engines, 'LATEST');
  const waiting = namesFrom(engines, latest, { WaitMs: 20_000 });
  await engines.call('TransactWriteItems', {
    TransactItems: ['a', 'b', 'c'].map((sk) => ({
      Put: { TableName: tableName, Item: { pk: { S: 'p' }, sk: { S: sk } } },
    })),
  });
  expect(await waiting).toEqual(['a', 'b', 'c']);
  await engines.close();
});

test('a waiting reader goes without records when its time is over, its call aborted or the engine closed', async () => {
  const engines = startEngines(givenStateDir());
  const asked = { ShardIterator: await iterator(engines, 'LATEST'), WaitMs: 20_000 };
  const over = engines.stream('GetRecords', asked);
  await engines.clock.advance(20_000);
  expect(await over).toMatchObject({ Records: [] });
  const abort = new AbortController();
  const aborted = engines.stream('GetRecords', asked, abort.signal);
  abort.abort();
  expect(await aborted).toMatchObject({ Records: [] });
  const closed = engines.stream('GetRecords', asked);
  await engines.close();
  expect(await closed).toMatchObject({ Records: [] });
});

test('records are kept for a day, iterators for a quarter of an hour', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'old');
  const [old] = await streamRecords(engines);
  const number = old?.dynamodb.SequenceNumber;
  const atOld = await iterator(engines, 'TRIM_HORIZON');
  await engines.clock.advance(15 * minute + 1000);
  expect(await codeOf(namesFrom(engines, atOld))).toBe('ExpiredIteratorException');
  await engines.clock.advance(23 * hour);
  await put(engines, 'new');
  const behind = await iterator(engines, 'AT_SEQUENCE_NUMBER', number);
  await engines.clock.advance(46 * minute - 1000);
  expect(await codeOf(iterator(engines, 'AT_SEQUENCE_NUMBER', number))).toBe('TrimmedDataAccessException');
  expect(await codeOf(namesFrom(engines, behind))).toMatch(/ExpiredIterator|TrimmedDataAccess/);
  expect(await namesFrom(engines, await iterator(engines, 'AFTER_SEQUENCE_NUMBER', number))).toEqual(['new']);
  expect(await namesFrom(engines, await iterator(engines, 'TRIM_HORIZON'))).toEqual(['new']);
  await engines.close();
});

const refused: [string, string, object, string][] = [
  [
    'an unknown stream',
    'DescribeStream',
    { StreamArn: `${tableArn}/stream/other` },
    'ResourceNotFoundException',
  ],
  ['no stream', 'DescribeStream', {}, 'ValidationException'],
  ['a made-up iterator', 'GetRecords', { ShardIterator: 'x' }, 'ValidationException'],
  ['a limit of nought', 'GetRecords', { ShardIterator: 'x', Limit: 0 }, 'ValidationException'],
  ['another operation', 'PutItem', {}, 'UnknownOperationException'],
];

test.each(refused)('%s is refused', async (_title, operation, input, code) => {
  const engines = startEngines(givenStateDir());
  expect(await codeOf(engines.stream(operation, { ...input }))).toBe(code);
  await engines.close();
});

test('a shard or sequence number that the stream never had is refused', async () => {
  const engines = startEngines(givenStateDir());
  const shard = await shardOf(engines);
  const ask = (changed: object) =>
    codeOf(engines.stream('GetShardIterator', { ...shard, ShardIteratorType: 'LATEST', ...changed }));
  expect(await ask({ ShardId: 'shardId-0' })).toBe('ResourceNotFoundException');
  expect(await ask({ ShardIteratorType: 'AT_SEQUENCE_NUMBER' })).toBe('ValidationException');
  expect(await ask({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '7' })).toBe(
    'ValidationException',
  );
  expect(await ask({ ShardIteratorType: 'NEWEST' })).toBe('ValidationException');
  await engines.close();
});
