import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { tableArn } from '../../support/table-stack.ts';
import { freshPartition, givenTable, TableName } from './table.ts';

const table = givenTable();

test('every type of value comes back as it was put', async () => {
  const item = {
    pk: freshPartition(),
    sk: 's',
    text: 'Grüße 😀\0',
    number: -12.5,
    bytes: new Uint8Array([0, 255, 10]),
    yes: true,
    nothing: null,
    list: [1, [2, { deep: [] }]],
    map: { '': 'empty name', 'a.b': { c: 1 } },
    texts: new Set(['b', 'a']),
    numbers: new Set([3, 1]),
  };
  await table.db.put({ TableName, Item: item });
  expect((await table.db.get({ TableName, Key: { pk: item.pk, sk: 's' } })).Item).toEqual(item);
});

test('an item that is not there is no item', async () => {
  const Key = { pk: freshPartition(), sk: 's' };
  expect(await table.db.get({ TableName, Key })).not.toHaveProperty('Item');
  expect(await table.db.delete({ TableName, Key, ReturnValues: 'ALL_OLD' })).not.toHaveProperty('Attributes');
});

describe('an update answers', () => {
  const values: ['NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW', object | undefined][] = [
    ['NONE', undefined],
    ['ALL_OLD', { a: 1, b: 2, m: { x: 1, y: 2 } }],
    ['ALL_NEW', { a: 10, m: { x: 5, y: 2 } }],
    ['UPDATED_OLD', { a: 1, b: 2, m: { x: 1 } }],
    ['UPDATED_NEW', { a: 10, m: { x: 5 } }],
  ];
  test.each(values)('%s: %o', async (ReturnValues, expected) => {
    const Key = { pk: freshPartition(), sk: 's' };
    await table.db.put({ TableName, Item: { ...Key, a: 1, b: 2, m: { x: 1, y: 2 } } });
    const { Attributes } = await table.db.update({
      TableName,
      Key,
      UpdateExpression: 'SET a = :a, m.x = :x REMOVE b',
      ExpressionAttributeValues: { ':a': 10, ':x': 5 },
      ReturnValues,
    });
    const whole = ReturnValues.startsWith('ALL');
    expect(Attributes).toEqual(expected && { ...(whole && Key), ...expected });
  });
});

test('a put and a deletion answer the item they replaced', async () => {
  const item = { pk: freshPartition(), sk: 's', n: 1 };
  await table.db.put({ TableName, Item: item });
  const put = await table.db.put({ TableName, Item: { ...item, n: 2 }, ReturnValues: 'ALL_OLD' });
  expect(put.Attributes).toEqual(item);
  const deletion = await table.db.delete({
    TableName,
    Key: { pk: item.pk, sk: 's' },
    ReturnValues: 'ALL_OLD',
  });
  expect(deletion.Attributes).toEqual({ ...item, n: 2 });
});

test('a batch writes 25 items and removes others, a batch reads them', async () => {
  const pk = freshPartition();
  const names = Array.from({ length: 25 }, (_, index) => String(index));
  await table.db.batchWrite({
    RequestItems: { [TableName]: names.map((sk) => ({ PutRequest: { Item: { pk, sk, n: Number(sk) } } })) },
  });
  await table.db.batchWrite({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: { pk, sk: '7' } } }] } });
  const { Responses, UnprocessedKeys } = await table.db.batchGet({
    RequestItems: { [TableName]: { Keys: names.map((sk) => ({ pk, sk })), ProjectionExpression: 'n' } },
  });
  const read = Responses?.[TableName]?.map(({ n }) => n as number) ?? [];
  expect(read.sort((a, b) => a - b)).toEqual(names.map(Number).filter((n) => n !== 7));
  expect(UnprocessedKeys).toEqual({});
});

test('a batch that would read more than 16 MB leaves the rest to the next one', async () => {
  const pk = freshPartition();
  const names = Array.from({ length: 45 }, (_, index) => String(index));
  for (const sk of names) await table.db.put({ TableName, Item: { pk, sk, text: 'x'.repeat(400_000) } });
  const first = await table.db.batchGet({
    RequestItems: { [TableName]: { Keys: names.map((sk) => ({ pk, sk })), ProjectionExpression: 'sk' } },
  });
  expect(first.Responses?.[TableName]).toHaveLength(41);
  const second = await table.db.batchGet({ RequestItems: first.UnprocessedKeys });
  const read = [first, second].flatMap(({ Responses }) =>
    Responses?.[TableName]?.map(({ sk }) => sk as string),
  );
  expect(read.sort()).toEqual(names.sort());
});

describe('consumed capacity', () => {
  const item = () => ({ pk: freshPartition(), sk: 's', gsi1pk: 'g', gsi1sk: '1', text: 'x'.repeat(2_500) });

  test('of a write counts the table and every index it changes', async () => {
    const Item = item();
    const put = await table.db.put({ TableName, Item, ReturnConsumedCapacity: 'INDEXES' });
    expect(put.ConsumedCapacity).toEqual({
      TableName,
      CapacityUnits: 6,
      Table: { CapacityUnits: 3 },
      GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 3 } },
    });
    const moved = await table.db.put({
      TableName,
      Item: { ...Item, gsi1sk: '2' },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(moved.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 9 });
  });

  test('of a read is half for eventual consistency, and twice in a transaction', async () => {
    const Item = { ...item(), text: 'x'.repeat(5_000) };
    const Key = { pk: Item.pk, sk: 's' };
    await table.db.put({ TableName, Item });
    const get = { TableName, Key, ReturnConsumedCapacity: 'TOTAL' } as const;
    expect((await table.db.get(get)).ConsumedCapacity?.CapacityUnits).toBe(1);
    expect((await table.db.get({ ...get, ConsistentRead: true })).ConsumedCapacity?.CapacityUnits).toBe(2);
    const transaction = await table.db.transactGet({
      TransactItems: [{ Get: { TableName, Key } }],
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(transaction.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 4 }]);
  });
});

test('the table describes itself as the template declares it', async () => {
  const { Table } = await table.client.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    TableArn: tableArn,
    TableStatus: 'ACTIVE',
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    LatestStreamArn: `${tableArn}/stream/2026-01-01T00:00:00.000`,
  });
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['gsi1', 'byKind']);
  expect(Table?.CreationDateTime?.getTime()).toBeLessThanOrEqual(table.running.clock.now());
  expect((await table.client.send(new ListTablesCommand())).TableNames).toEqual([TableName]);
  const ttl = await table.client.send(new DescribeTimeToLiveCommand({ TableName: tableArn }));
  expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
  const backups = await table.client.send(new DescribeContinuousBackupsCommand({ TableName }));
  expect(
    backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
  ).toBe('ENABLED');
});

test('an empty string or binary is a value like any other outside keys', async () => {
  const item = { pk: freshPartition(), sk: 's', text: '', bytes: new Uint8Array() };
  await table.db.put({ TableName, Item: item });
  expect((await table.db.get({ TableName, Key: { pk: item.pk, sk: 's' } })).Item).toEqual(item);
});

test('an item of exactly 400 KB fits', async () => {
  const pk = freshPartition();
  const text = 'x'.repeat(409_600 - `pk${pk}sks${'text'}`.length);
  await table.db.put({ TableName, Item: { pk, sk: 's', text } });
  expect((await table.db.get({ TableName, Key: { pk, sk: 's' } })).Item?.text).toHaveLength(text.length);
});

test('a failed condition answers the item where that is asked for', async () => {
  const item = { pk: freshPartition(), sk: 's', n: 7 };
  await table.db.put({ TableName, Item: item });
  const again = { TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
  await expect(table.db.put(again)).rejects.toMatchObject({ Item: undefined });
  await expect(
    table.db.put({ ...again, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
  ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { n: { N: '7' } } });
});
