import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { streamArnOf } from '../../../offline/dynamodb/stream-arn.ts';
import { tableArn } from '../../support/table-stack.ts';
import { startTable, TableName, type TableUnderTest } from './table.ts';

const poller = {
  kind: 'service',
  name: 'lambda.amazonaws.com',
  sourceArn: streamArnOf(tableArn),
} as const;

function streams(table: TableUnderTest, operation: string, input: object): Promise<Record<string, unknown>> {
  return table.running.gateway.call(poller, 'dynamodbstreams', operation, { ...input });
}

async function iterator(table: TableUnderTest, at: object): Promise<unknown> {
  const { StreamDescription } = await streams(table, 'DescribeStream', { StreamArn: poller.sourceArn });
  const [{ ShardId }] = (StreamDescription as { Shards: [{ ShardId: string }] }).Shards;
  const asked = { StreamArn: poller.sourceArn, ShardId, ...at };
  return (await streams(table, 'GetShardIterator', asked)).ShardIterator;
}

type Records = { dynamodb: { SequenceNumber: string; Keys: { sk: { S: string } } } }[];

async function read(table: TableUnderTest, at: object): Promise<Records> {
  const { Records } = await streams(table, 'GetRecords', { ShardIterator: await iterator(table, at) });
  return Records as Records;
}

async function stop(table: TableUnderTest): Promise<void> {
  table.client.destroy();
  await table.running.stop();
}

test('a consumer goes on after a restart where its sequence number stands, with the same stream ARN', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-'));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  const put = (table: TableUnderTest, sk: string) =>
    table.db.put({ TableName, Item: { pk: 'p', sk, gsi1pk: 'g', gsi1sk: sk } });

  const first = await startTable({ stateDir });
  for (const sk of ['a', 'b', 'c']) await put(first, sk);
  const before = await read(first, { ShardIteratorType: 'TRIM_HORIZON' });
  await stop(first);

  const second = await startTable({ stateDir });
  await put(second, 'd');
  const all = await read(second, { ShardIteratorType: 'TRIM_HORIZON' });
  expect(all.slice(0, 3)).toEqual(before);
  const SequenceNumber = before[1]?.dynamodb.SequenceNumber;
  const rest = await read(second, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
  expect(rest.map(({ dynamodb }) => dynamodb.Keys.sk.S)).toEqual(['c', 'd']);
  const { Items } = await second.db.query({
    TableName,
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :g',
    ExpressionAttributeValues: { ':g': 'g' },
  });
  expect(Items?.map(({ sk }) => sk)).toEqual(['a', 'b', 'c', 'd']);
  await stop(second);
});

test('a waiting poller has what a client writes, as one delivery for a transaction', async () => {
  const table = await startTable();
  const ShardIterator = await iterator(table, { ShardIteratorType: 'LATEST' });
  const waiting = streams(table, 'GetRecords', { ShardIterator, WaitMs: 20_000 });
  await table.db.transactWrite({
    TransactItems: ['a', 'b'].map((sk) => ({ Put: { TableName, Item: { pk: 'p', sk } } })),
  });
  expect((await waiting).Records).toMatchObject([{ eventName: 'INSERT' }, { eventName: 'INSERT' }]);
  await stop(table);
});

test('a cancelled transaction leaves no stream record and no index row', async () => {
  const table = await startTable();
  await table.db.put({ TableName, Item: { pk: 'p', sk: 'taken' } });
  await expect(
    table.db.transactWrite({
      TransactItems: [
        { Put: { TableName, Item: { pk: 'p', sk: 'new', gsi1pk: 'g', gsi1sk: '1', kind: 'photo' } } },
        {
          Put: { TableName, Item: { pk: 'p', sk: 'taken' }, ConditionExpression: 'attribute_not_exists(pk)' },
        },
      ],
    }),
  ).rejects.toThrow('ConditionalCheckFailed');
  expect(await read(table, { ShardIteratorType: 'TRIM_HORIZON' })).toHaveLength(1);
  for (const IndexName of ['gsi1', 'byKind']) {
    expect((await table.db.scan({ TableName, IndexName })).Items).toEqual([]);
  }
  await stop(table);
});
