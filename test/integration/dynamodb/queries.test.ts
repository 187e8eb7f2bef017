import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { freshPartition, givenTable, TableName } from './table.ts';

const table = givenTable();

type Values = Record<string, unknown>;

async function givenItems(
  names: readonly string[],
  more: (sk: string) => Values = () => ({}),
): Promise<string> {
  const pk = freshPartition();
  for (const sk of names) await table.db.put({ TableName, Item: { pk, sk, ...more(sk) } });
  return pk;
}

describe('a query finds', () => {
  const names = ['a', 'ab', 'abc', 'b', 'b#1', 'b#2', 'ä', '😀'];
  const queries: [string, Values, boolean, string[]][] = [
    ['', {}, true, ['a', 'ab', 'abc', 'b', 'b#1', 'b#2', 'ä', '😀']],
    ['', {}, false, ['😀', 'ä', 'b#2', 'b#1', 'b', 'abc', 'ab', 'a']],
    ['AND sk = :v', { ':v': 'ab' }, true, ['ab']],
    ['AND sk < :v', { ':v': 'abc' }, true, ['a', 'ab']],
    ['AND sk <= :v', { ':v': 'abc' }, true, ['a', 'ab', 'abc']],
    ['AND sk > :v', { ':v': 'b' }, true, ['b#1', 'b#2', 'ä', '😀']],
    ['AND sk >= :v', { ':v': 'b' }, false, ['😀', 'ä', 'b#2', 'b#1', 'b']],
    ['AND sk BETWEEN :v AND :w', { ':v': 'ab', ':w': 'b#1' }, true, ['ab', 'abc', 'b', 'b#1']],
    ['AND begins_with(sk, :v)', { ':v': 'ab' }, true, ['ab', 'abc']],
    ['AND begins_with(sk, :v)', { ':v': 'b#' }, false, ['b#2', 'b#1']],
    ['AND :v < sk', { ':v': 'b#1' }, true, ['b#2', 'ä', '😀']],
    ['AND sk > :v', { ':v': '😀' }, true, []],
  ];
  test.each(queries)('%s with %o, forward %s: %j', async (condition, values, ScanIndexForward, expected) => {
    const pk = await givenItems(names);
    const { Items, Count, ScannedCount } = await table.db.query({
      TableName,
      KeyConditionExpression: `pk = :pk ${condition}`,
      ExpressionAttributeValues: { ':pk': pk, ...values },
      ScanIndexForward,
    });
    expect(Items?.map(({ sk }) => sk)).toEqual(expected);
    expect([Count, ScannedCount]).toEqual([expected.length, expected.length]);
  });
});

describe('pages', () => {
  const names = Array.from({ length: 25 }, (_, index) => String(index).padStart(2, '0'));

  test.each([true, false])('continue where the last one ended, forward %s', async (ScanIndexForward) => {
    const pk = await givenItems(names);
    const read: unknown[] = [];
    let ExclusiveStartKey: Values | undefined;
    do {
      const page = await table.db.query({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        Limit: 10,
        ScanIndexForward,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      });
      read.push(...(page.Items ?? []).map(({ sk }) => sk));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(read).toEqual(ScanIndexForward ? names : names.toReversed());
  });

  test('of an index carry both keys, and survive the removal of the item they name', async () => {
    const group = freshPartition();
    const pk = await givenItems(names, (sk) => ({ gsi1pk: group, gsi1sk: `same-${Number(sk) % 2}` }));
    const ask = {
      TableName,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :g',
      ExpressionAttributeValues: { ':g': group },
    };
    const first = await table.db.query({ ...ask, Limit: 10 });
    expect(Object.keys(first.LastEvaluatedKey ?? {}).sort()).toEqual(['gsi1pk', 'gsi1sk', 'pk', 'sk']);
    await table.db.delete({ TableName, Key: { pk, sk: first.LastEvaluatedKey?.sk } });
    const rest = await table.db.query({ ...ask, ExclusiveStartKey: first.LastEvaluatedKey });
    const read = [...(first.Items ?? []), ...(rest.Items ?? [])].map(({ sk }) => sk);
    expect(read.sort()).toEqual(names);
  });

  test('end at 1 MB, before the filter looks at them', async () => {
    const pk = await givenItems(['1', '2', '3', '4', '5'], () => ({ text: 'x'.repeat(300_000) }));
    const page = await table.db.query({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'attribute_exists(absent)',
      ExpressionAttributeValues: { ':pk': pk },
      ReturnConsumedCapacity: 'TOTAL',
      ConsistentRead: true,
    });
    expect(page).toMatchObject({ Count: 0, ScannedCount: 4, LastEvaluatedKey: { sk: '4' } });
    expect(page.ConsumedCapacity?.CapacityUnits).toBe(
      Math.ceil((4 * ('pk'.length + pk.length + 'sk1'.length + 'text'.length + 300_000)) / 4096),
    );
  });

  test('of a scan in segments hold every item once', async () => {
    const marks = await Promise.all(names.map((name) => givenItems([name])));
    const scanned = async (Segment: number) => {
      const read: unknown[] = [];
      const pages = paginateScan({ client: table.db, pageSize: 3 }, { TableName, Segment, TotalSegments: 4 });
      for await (const { Items = [] } of pages) read.push(...Items.map(({ pk }) => pk));
      return read;
    };
    const segments = await Promise.all([0, 1, 2, 3].map(scanned));
    expect(segments.every((read) => read.length > 0)).toBe(true);
    expect(
      segments
        .flat()
        .filter((pk) => marks.includes(String(pk)))
        .sort(),
    ).toEqual(marks.sort());
  });
});

test('an item is in an index only while it has all of the index’s key', async () => {
  const group = freshPartition();
  const pk = await givenItems(['a'], () => ({ gsi1pk: group }));
  const Key = { pk, sk: 'a' };
  const found = async () => {
    const { Items } = await table.db.query({
      TableName,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :g',
      ExpressionAttributeValues: { ':g': group },
    });
    return Items?.map(({ gsi1sk }) => gsi1sk);
  };
  const update = (UpdateExpression: string, values?: Values) =>
    table.db.update({
      TableName,
      Key,
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: values }),
    });
  expect(await found()).toEqual([]);
  await update('SET gsi1sk = :v', { ':v': '1' });
  expect(await found()).toEqual(['1']);
  await update('SET gsi1sk = :v', { ':v': '2' });
  expect(await found()).toEqual(['2']);
  await update('REMOVE gsi1pk');
  expect(await found()).toEqual([]);
});

test('an index that projects some attributes has both keys and those', async () => {
  const kind = freshPartition();
  const pk = await givenItems(['a'], () => ({ kind, label: 'x', secret: 'y' }));
  const ask = {
    TableName,
    IndexName: 'byKind',
    KeyConditionExpression: 'kind = :k',
    ExpressionAttributeValues: { ':k': kind },
  };
  expect((await table.db.query(ask)).Items).toEqual([{ pk, sk: 'a', kind, label: 'x' }]);
  expect(await table.db.query({ ...ask, Select: 'COUNT' })).toMatchObject({ Count: 1 });
  await table.db.update({
    TableName,
    Key: { pk, sk: 'a' },
    UpdateExpression: 'SET label = :v',
    ExpressionAttributeValues: { ':v': 'z' },
  });
  expect((await table.db.query(ask)).Items).toMatchObject([{ label: 'z' }]);
});

describe('a projection of', () => {
  const item = { a: 1, m: { x: { y: 1 }, z: 2 }, l: ['p', 'q', 'r'] };
  const projections: [string, Values][] = [
    ['a', { a: 1 }],
    ['a, absent', { a: 1 }],
    ['m.x.y', { m: { x: { y: 1 } } }],
    ['m.z, a', { a: 1, m: { z: 2 } }],
    ['l[2], l[0]', { l: ['p', 'r'] }],
    ['l[7]', {}],
  ];
  test.each(projections)('%s is %o', async (ProjectionExpression, expected) => {
    const pk = await givenItems(['a'], () => item);
    const { Item } = await table.db.get({ TableName, Key: { pk, sk: 'a' }, ProjectionExpression });
    expect(Item).toEqual(expected);
  });
});
