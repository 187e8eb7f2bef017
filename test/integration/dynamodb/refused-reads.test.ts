import { describe, expect, test } from 'vitest';
import { givenTable, refusalOf, TableName } from './table.ts';

const table = givenTable();
const Key = { pk: 'p', sk: 's' };

describe('a read is refused that', () => {
  const requests: [string, () => Promise<unknown>, RegExp][] = [
    [
      'queries without the partition key',
      () =>
        table.db.query({
          TableName,
          KeyConditionExpression: 'sk = :v',
          ExpressionAttributeValues: { ':v': 's' },
        }),
      /^ValidationException: Query condition missed key schema element: pk$/,
    ],
    [
      'queries partitions by range',
      () =>
        table.db.query({
          TableName,
          KeyConditionExpression: 'pk > :v',
          ExpressionAttributeValues: { ':v': 'p' },
        }),
      /^ValidationException: Query key condition not supported$/,
    ],
    [
      'queries an unknown index',
      () =>
        table.db.query({
          TableName,
          IndexName: 'gsi9',
          KeyConditionExpression: 'pk = :v',
          ExpressionAttributeValues: { ':v': 'p' },
        }),
      /^ValidationException: The table does not have the specified index: gsi9$/,
    ],
    [
      'reads an index consistently',
      () =>
        table.db.query({
          TableName,
          IndexName: 'gsi1',
          ConsistentRead: true,
          KeyConditionExpression: 'gsi1pk = :v',
          ExpressionAttributeValues: { ':v': 'p' },
        }),
      /^ValidationException: Consistent reads are not supported on global secondary indexes$/,
    ],
    [
      'filters by the key',
      () =>
        table.db.query({
          TableName,
          KeyConditionExpression: 'pk = :v',
          FilterExpression: 'sk <> :v',
          ExpressionAttributeValues: { ':v': 'p' },
        }),
      /^ValidationException: Filter Expression can only contain non-primary key attributes: Primary key attribute: sk$/,
    ],
    [
      'continues a query in another partition',
      () =>
        table.db.query({
          TableName,
          KeyConditionExpression: 'pk = :v',
          ExpressionAttributeValues: { ':v': 'p' },
          ExclusiveStartKey: { pk: 'q', sk: 's' },
        }),
      /^ValidationException: The provided starting key is outside query boundaries/,
    ],
    [
      'continues after half a key',
      () => table.db.scan({ TableName, ExclusiveStartKey: { pk: 'p' } }),
      /^ValidationException: The provided starting key is invalid/,
    ],
    [
      'limits a page to nought',
      () => table.db.scan({ TableName, Limit: 0 }),
      /^ValidationException: 1 validation error/,
    ],
    [
      'scans a segment that is not there',
      () => table.db.scan({ TableName, Segment: 4, TotalSegments: 4 }),
      /^ValidationException: The Segment parameter is zero-based/,
    ],
    [
      'gets one item twice in a batch',
      () => table.db.batchGet({ RequestItems: { [TableName]: { Keys: [Key, Key] } } }),
      /^ValidationException: Provided list of item keys contains duplicates$/,
    ],
  ];
  test.each(requests)('%s', async (_title, send, refusal) => {
    expect(await refusalOf(send())).toMatch(refusal);
  });
});
