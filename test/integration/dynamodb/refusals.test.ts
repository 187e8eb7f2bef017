import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { freshPartition, givenTable, refusalOf, TableName } from './table.ts';

const table = givenTable();
const Key = { pk: 'p', sk: 's' };

describe('a request is refused that', () => {
  const requests: [string, () => Promise<unknown>, RegExp][] = [
    [
      'names an unknown table',
      () => table.db.get({ TableName: 'unknown', Key }),
      /^ResourceNotFoundException: Requested resource not found$/,
    ],
    [
      'leaves out a key attribute',
      () => table.db.get({ TableName, Key: { pk: 'p' } }),
      /^ValidationException: The provided key element does not match the schema$/,
    ],
    [
      'names an attribute too many as key',
      () => table.db.delete({ TableName, Key: { ...Key, other: 1 } }),
      /^ValidationException: The provided key element does not match the schema$/,
    ],
    [
      'has a key of another type',
      () => table.db.put({ TableName, Item: { pk: 'p', sk: 1 } }),
      /^ValidationException: One or more parameter values were invalid: Type mismatch for key sk expected: S actual: N$/,
    ],
    [
      'puts an item without its key',
      () => table.db.put({ TableName, Item: { pk: 'p' } }),
      /^ValidationException: .* Missing the key sk in the item$/,
    ],
    [
      'has an empty key',
      () => table.db.put({ TableName, Item: { pk: 'p', sk: '' } }),
      /^ValidationException: .* cannot contain an empty string value\. Key: sk$/,
    ],
    [
      'asks for an empty key',
      () => table.db.get({ TableName, Key: { pk: '', sk: 's' } }),
      /^ValidationException: .* cannot contain an empty string value\. Key: pk$/,
    ],
    [
      'has an empty index key',
      () => table.db.put({ TableName, Item: { ...Key, gsi1pk: '' } }),
      /^ValidationException: .* cannot contain an empty string value\. IndexName: gsi1, IndexKey: gsi1pk$/,
    ],
    [
      'updates an index key to another type',
      () =>
        table.db.update({
          TableName,
          Key,
          UpdateExpression: 'SET gsi1pk = :v',
          ExpressionAttributeValues: { ':v': 1 },
        }),
      /^ValidationException: .* Type mismatch for Index Key gsi1pk Expected: S Actual: N IndexName: gsi1$/,
    ],
    [
      'has too long a partition key',
      () => table.db.get({ TableName, Key: { pk: 'ö'.repeat(1025), sk: 's' } }),
      /^ValidationException: .* maximum size limit of 2048 bytes$/,
    ],
    [
      'has too long a sort key',
      () => table.db.get({ TableName, Key: { pk: 'p', sk: 'x'.repeat(1025) } }),
      /^ValidationException: .* size limit of 1024 bytes$/,
    ],
    [
      'puts an item of more than 400 KB',
      () => table.db.put({ TableName, Item: { ...Key, text: 'ö'.repeat(204_800) } }),
      /^ValidationException: Item size has exceeded the maximum allowed size$/,
    ],
    [
      'updates an item to more than 400 KB',
      () =>
        table.db.update({
          TableName,
          Key,
          UpdateExpression: 'SET a = :v',
          ExpressionAttributeValues: { ':v': 'x'.repeat(409_600) },
        }),
      /^ValidationException: Item size to update has exceeded the maximum allowed size$/,
    ],
    [
      'updates the key',
      () =>
        table.db.update({
          TableName,
          Key,
          UpdateExpression: 'SET sk = :v',
          ExpressionAttributeValues: { ':v': 'x' },
        }),
      /^ValidationException: .* Cannot update attribute sk\. This attribute is part of the key$/,
    ],
    [
      'uses a reserved word',
      () =>
        table.db.update({
          TableName,
          Key,
          UpdateExpression: 'SET name = :v',
          ExpressionAttributeValues: { ':v': 'x' },
        }),
      /^ValidationException: Invalid UpdateExpression: .* reserved keyword: name$/,
    ],
    [
      'leaves a value unused',
      () =>
        table.db.put({
          TableName,
          Item: Key,
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':v': 1 },
        }),
      /^ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: \{:v\}$/,
    ],
    [
      'uses a value it does not give',
      () => table.db.put({ TableName, Item: Key, ConditionExpression: 'n = :v' }),
      /^ValidationException: Invalid ConditionExpression: .* attribute value: :v$/,
    ],
    [
      'has a syntax error',
      () => table.db.put({ TableName, Item: Key, ConditionExpression: 'attribute_exists(' }),
      /^ValidationException: Invalid ConditionExpression: Syntax error; /,
    ],
    [
      'has an expression of more than 4 KB',
      () =>
        table.db.put({ TableName, Item: Key, ConditionExpression: `attribute_exists(${'x'.repeat(4096)})` }),
      /^ValidationException: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4114$/,
    ],
    [
      'sets one path twice',
      () =>
        table.db.update({
          TableName,
          Key,
          UpdateExpression: 'SET a = :v, a.b = :v',
          ExpressionAttributeValues: { ':v': 1 },
        }),
      /^ValidationException: Invalid UpdateExpression: Two document paths overlap/,
    ],
    [
      'sets a path into nothing',
      () =>
        table.db.update({
          TableName,
          Key: { pk: freshPartition(), sk: 's' },
          UpdateExpression: 'SET a.b = :v',
          ExpressionAttributeValues: { ':v': 1 },
        }),
      /^ValidationException: The document path provided in the update expression is invalid for update$/,
    ],
    [
      'copies an attribute that is not there',
      () =>
        table.db.update({ TableName, Key: { pk: freshPartition(), sk: 's' }, UpdateExpression: 'SET a = b' }),
      /^ValidationException: The provided expression refers to an attribute that does not exist in the item$/,
    ],
    [
      'asks a put for new values',
      () => table.db.put({ TableName, Item: Key, ReturnValues: 'ALL_NEW' }),
      /^ValidationException: ReturnValues can only be ALL_OLD or NONE$/,
    ],
    [
      'puts one item twice in a batch',
      () =>
        table.db.batchWrite({
          RequestItems: { [TableName]: [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key } }] },
        }),
      /^ValidationException: Provided list of item keys contains duplicates$/,
    ],
    [
      'writes 26 items in a batch',
      () =>
        table.db.batchWrite({
          RequestItems: {
            [TableName]: Array.from({ length: 26 }, (_, index) => ({
              PutRequest: { Item: { pk: 'p', sk: String(index) } },
            })),
          },
        }),
      /^ValidationException: 1 validation error/,
    ],
    [
      'uses a parameter that expressions replaced',
      () => table.db.put({ TableName, Item: Key, Expected: { pk: { Exists: false } } }),
      /^ValidationException: Expected: expected the expression that replaced this parameter/,
    ],
    [
      'stores a number of 39 digits',
      () =>
        table.client.send(
          new PutItemCommand({
            TableName,
            Item: { pk: { S: 'p' }, sk: { S: 's' }, n: { N: '1'.repeat(39) } },
          }),
        ),
      /^ValidationException: Attempting to store more than 38 significant digits in a Number$/,
    ],
    [
      'stores an empty set',
      () =>
        table.client.send(
          new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: 's' }, n: { SS: [] } } }),
        ),
      /^ValidationException: .* may not be empty$/,
    ],
  ];
  test.each(requests)('%s', async (_title, send, refusal) => {
    expect(await refusalOf(send())).toMatch(refusal);
  });
});
