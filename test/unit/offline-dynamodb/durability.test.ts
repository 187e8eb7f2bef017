import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import { tableName, tableStack } from '../../support/table-stack.ts';
import { allRows, type Engines, givenStateDir, shardOf, startEngines, streamRecords } from './engines.ts';

const day = 24 * 60 * 60 * 1000;

function put(engines: Engines, sk: string, more: object = {}): Promise<unknown> {
  return engines.call('PutItem', { TableName: tableName, Item: { pk: { S: 'p' }, sk: { S: sk }, ...more } });
}

function pair(first: string, second: string): object[] {
  return [first, second].map((sk) => ({
    Put: {
      TableName: tableName,
      Item: { pk: { S: 'p' }, sk: { S: sk } },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  }));
}

function journalOf(stateDir: string): string {
  return join(stateDir, 'dynamodb.jsonl');
}

async function names(engines: Engines): Promise<string[]> {
  return (await allRows(engines)).map(({ sk }) => sk?.S ?? '').sort();
}

test('a journal cut in the middle of a transaction comes back without any of it', async () => {
  const stateDir = givenStateDir();
  const first = startEngines(stateDir);
  await put(first, 'before');
  const whole = statSync(journalOf(stateDir)).size;
  await first.call('TransactWriteItems', { TransactItems: pair('one', 'two') });
  await first.close();
  const end = statSync(journalOf(stateDir)).size;
  truncateSync(journalOf(stateDir), Math.floor((whole + end) / 2));

  const second = startEngines(stateDir);
  expect(await names(second)).toEqual(['before']);
  expect(await streamRecords(second)).toHaveLength(1);
  await put(second, 'after');
  await second.close();

  const third = startEngines(stateDir);
  expect(await names(third)).toEqual(['after', 'before']);
  await third.close();
});

test('every acknowledged write is in the journal before its answer', async () => {
  const stateDir = givenStateDir();
  const engines = startEngines(stateDir);
  for (const sk of ['a', 'b', 'c']) {
    await put(engines, sk);
    expect(readFileSync(journalOf(stateDir), 'utf8')).toContain(`"sk":{"S":"${sk}"}`);
  }
  await engines.close();
});

test('a client token is remembered over a restart', async () => {
  const stateDir = givenStateDir();
  const transaction = { TransactItems: pair('one', 'two'), ClientRequestToken: 'token' };
  const first = startEngines(stateDir);
  await first.call('TransactWriteItems', transaction);
  await first.close();
  const second = startEngines(stateDir);
  await expect(second.call('TransactWriteItems', transaction)).resolves.toEqual({});
  await second.close();
});

test('a start after a day of overwriting shortens the journal and goes on counting', async () => {
  const stateDir = givenStateDir();
  const clock = new Clock();
  const first = startEngines(stateDir, clock);
  for (let round = 0; round < 300; round++) await put(first, 'same', { round: { N: String(round) } });
  const last = (await streamRecords(first)).at(-1)?.dynamodb.SequenceNumber ?? '';
  const shard = await shardOf(first);
  await first.close();
  const long = statSync(journalOf(stateDir)).size;
  await clock.advance(day + 1);

  const second = startEngines(stateDir, clock);
  expect(statSync(journalOf(stateDir)).size).toBeLessThan(long / 100);
  expect(await allRows(second)).toMatchObject([{ round: { N: '299' } }]);
  await put(second, 'new');
  const [record] = await streamRecords(second);
  expect(BigInt(record?.dynamodb.SequenceNumber ?? 0)).toBe(BigInt(last) + 1n);
  const tooOld = { ...shard, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: last };
  await expect(second.stream('GetShardIterator', tooOld)).rejects.toMatchObject({
    code: 'TrimmedDataAccessException',
  });
  await second.close();

  const third = startEngines(stateDir, clock);
  expect(await names(third)).toEqual(['new', 'same']);
  await third.close();
});

test('an index that the template gains has a row for every item that was there before', async () => {
  const stateDir = givenStateDir();
  const first = startEngines(stateDir, new Clock(), tableStack({ GlobalSecondaryIndexes: [] }));
  await put(first, 'a', { kind: { S: 'photo' }, label: { S: 'x' }, other: { S: 'y' } });
  await first.close();
  const second = startEngines(stateDir);
  expect(await allRows(second, 'byKind')).toEqual([
    { pk: { S: 'p' }, sk: { S: 'a' }, kind: { S: 'photo' }, label: { S: 'x' } },
  ]);
  await second.close();
});

test('a table whose key changes in the template begins empty, as CloudFormation replaces it, and says so', async () => {
  const stateDir = givenStateDir();
  const first = startEngines(stateDir);
  await put(first, 'a');
  await first.close();
  const changed = tableStack({
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [],
  });
  const second = startEngines(stateDir, new Clock(), changed);
  expect(await allRows(second)).toEqual([]);
  expect(second.lines).toEqual([
    `table ${tableName} has another key in the template now: its items are gone`,
  ]);
  await second.close();
});

test('a line that is torn off without a newline is cut and written over', async () => {
  const stateDir = givenStateDir();
  const first = startEngines(stateDir);
  await put(first, 'a');
  await first.close();
  appendFileSync(journalOf(stateDir), '{"kind":"write","sequence":2,"changes":[{"table":"aft');
  const second = startEngines(stateDir);
  await put(second, 'b');
  await second.close();
  const third = startEngines(stateDir);
  expect(await names(third)).toEqual(['a', 'b']);
  await third.close();
});
