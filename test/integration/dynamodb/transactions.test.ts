import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { freshPartition, givenTable, refusalOf, TableName } from './table.ts';

const table = givenTable();

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

const putNew = (pk: string, sk: string) => ({
  Put: { TableName, Item: { pk, sk }, ConditionExpression: 'attribute_not_exists(pk)' },
});

async function names(pk: string): Promise<unknown[]> {
  const { Items } = await table.db.query({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
  });
  return Items?.map(({ sk }) => sk) ?? [];
}

async function cancellation(TransactItems: Writes): Promise<TransactionCanceledException> {
  const error = await table.db.transactWrite({ TransactItems }).catch((reason: unknown) => reason);
  if (error instanceof TransactionCanceledException) return error;
  throw new Error(`expected a cancelled transaction, came to ${error}`);
}

test('a transaction of every kind of write is done as a whole', async () => {
  const pk = freshPartition();
  await table.db.put({ TableName, Item: { pk, sk: 'counter', n: 1 } });
  await table.db.put({ TableName, Item: { pk, sk: 'old' } });
  await table.db.transactWrite({
    TransactItems: [
      putNew(pk, 'new'),
      {
        Update: {
          TableName,
          Key: { pk, sk: 'counter' },
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': 1 },
        },
      },
      { Delete: { TableName, Key: { pk, sk: 'old' } } },
      {
        ConditionCheck: {
          TableName,
          Key: { pk, sk: 'absent' },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ],
  });
  expect(await names(pk)).toEqual(['counter', 'new']);
  const { Responses } = await table.db.transactGet({
    TransactItems: ['counter', 'old', 'new'].map((sk) => ({ Get: { TableName, Key: { pk, sk } } })),
  });
  expect(Responses).toEqual([{ Item: { pk, sk: 'counter', n: 2 } }, {}, { Item: { pk, sk: 'new' } }]);
});

test('a cancelled transaction says why for each item in order, and does nothing', async () => {
  const pk = freshPartition();
  await table.db.put({ TableName, Item: { pk, sk: 'taken', owner: 'ana' } });
  const error = await cancellation([
    putNew(pk, 'free'),
    { Put: { ...putNew(pk, 'taken').Put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
    { ConditionCheck: { TableName, Key: { pk, sk: 'absent' }, ConditionExpression: 'attribute_exists(pk)' } },
    {
      Update: {
        TableName,
        Key: { pk, sk: 'other' },
        UpdateExpression: 'SET n = absent',
      },
    },
  ]);
  expect(error.message).toBe(
    'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      '[None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]',
  );
  expect(error.CancellationReasons).toEqual([
    { Code: 'None' },
    {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      Item: { pk: { S: pk }, sk: { S: 'taken' }, owner: { S: 'ana' } },
    },
    { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
    {
      Code: 'ValidationError',
      Message: 'The provided expression refers to an attribute that does not exist in the item',
    },
  ]);
  expect(await names(pk)).toEqual(['taken']);
});

describe('a client token', () => {
  const token = (name: string) => `${name}-${freshPartition()}`;

  test('makes the same transaction count once for ten minutes', async () => {
    const pk = freshPartition();
    const add = {
      ClientRequestToken: token('same'),
      TransactItems: [
        {
          Update: {
            TableName,
            Key: { pk, sk: 'n' },
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': 1 },
          },
        },
        putNew(pk, 'claim'),
      ],
    };
    await table.db.transactWrite(add);
    await table.db.transactWrite(add);
    const count = async () => (await table.db.get({ TableName, Key: { pk, sk: 'n' } })).Item?.n;
    expect(await count()).toBe(1);
    await table.db.delete({ TableName, Key: { pk, sk: 'claim' } });
    await table.running.clock.advance(9 * 60_000);
    await table.db.transactWrite(add);
    expect(await count()).toBe(1);
    await table.running.clock.advance(61_000);
    await table.db.transactWrite(add);
    expect(await count()).toBe(2);
  });

  test('refuses another transaction', async () => {
    const pk = freshPartition();
    const ClientRequestToken = token('other');
    await table.db.transactWrite({ ClientRequestToken, TransactItems: [putNew(pk, 'a')] });
    const other = table.db.transactWrite({ ClientRequestToken, TransactItems: [putNew(pk, 'b')] });
    expect(await refusalOf(other)).toMatch(/^IdempotentParameterMismatchException/);
    expect(await names(pk)).toEqual(['a']);
  });

  test('of a cancelled transaction may be used again', async () => {
    const pk = freshPartition();
    const claim = { ClientRequestToken: token('again'), TransactItems: [putNew(pk, 'a')] };
    await table.db.put({ TableName, Item: { pk, sk: 'a' } });
    expect(await refusalOf(table.db.transactWrite(claim))).toMatch(/^TransactionCanceledException/);
    await table.db.delete({ TableName, Key: { pk, sk: 'a' } });
    await table.db.transactWrite(claim);
    expect(await names(pk)).toEqual(['a']);
  });
});

describe('a transaction is refused that', () => {
  const large = (sk: string) => ({
    Put: { TableName, Item: { pk: 'large', sk, text: 'x'.repeat(400_000) } },
  });
  const requests: [string, TransactWriteCommandInput, RegExp][] = [
    [
      'writes one item twice',
      { TransactItems: [putNew('p', 's'), { Delete: { TableName, Key: { pk: 'p', sk: 's' } } }] },
      /^ValidationException: Transaction request cannot include multiple operations on one item$/,
    ],
    ['is empty', { TransactItems: [] }, /^ValidationException: 1 validation error detected/],
    [
      'has 101 items',
      { TransactItems: Array.from({ length: 101 }, (_, index) => putNew('p', String(index))) },
      /^ValidationException: 1 validation error detected/,
    ],
    [
      'is larger than 4 MB',
      { TransactItems: Array.from({ length: 11 }, (_, index) => large(String(index))) },
      /^ValidationException: The transaction is larger than 4 MB$/,
    ],
    [
      'names an unknown table',
      { TransactItems: [{ Delete: { TableName: 'unknown', Key: { pk: 'p', sk: 's' } } }] },
      /^ResourceNotFoundException: Requested resource not found$/,
    ],
    [
      'has an item that does nothing',
      { TransactItems: [{}] },
      /^ValidationException: TransactItems can only contain one of/,
    ],
    [
      'has an item that does two things',
      { TransactItems: [{ ...putNew('p', 's'), Delete: { TableName, Key: { pk: 'p', sk: 's' } } }] },
      /^ValidationException: TransactItems can only contain one of/,
    ],
    [
      'checks no condition',
      {
        TransactItems: [
          { ConditionCheck: { TableName, Key: { pk: 'p', sk: 's' }, ConditionExpression: undefined } },
        ],
      },
      /^ValidationException: ConditionCheck: expected ConditionExpression/,
    ],
    [
      'has too long a token',
      { TransactItems: [putNew('p', 's')], ClientRequestToken: 'x'.repeat(37) },
      /^ValidationException: 1 validation error detected/,
    ],
    [
      'has a key of the wrong form',
      { TransactItems: [{ Delete: { TableName, Key: { pk: 'p' } } }] },
      /^TransactionCanceledException: .*\[ValidationError\]$/,
    ],
  ];
  test.each(requests)('%s', async (_title, input, refusal) => {
    expect(await refusalOf(table.db.transactWrite(input))).toMatch(refusal);
    expect(await names('p')).toEqual([]);
  });

  test('reads one item twice', async () => {
    const Get = { TableName, Key: { pk: 'p', sk: 's' } };
    expect(await refusalOf(table.db.transactGet({ TransactItems: [{ Get }, { Get }] }))).toMatch(
      /^ValidationException: Transaction request cannot include multiple operations on one item$/,
    );
  });
});

test('a hundred writes are one transaction', async () => {
  const pk = freshPartition();
  await table.db.transactWrite({
    TransactItems: Array.from({ length: 100 }, (_, index) => putNew(pk, String(index))),
  });
  expect(await names(pk)).toHaveLength(100);
});
