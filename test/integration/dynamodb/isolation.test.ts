import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { freshPartition, givenTable, TableName } from './table.ts';

const table = givenTable();

test('no reader meets a transaction half done, while sixteen writers move amounts between accounts', async () => {
  const pk = freshPartition();
  const accounts = ['a', 'b', 'c', 'd'];
  const group = freshPartition();
  for (const sk of accounts) {
    await table.db.put({ TableName, Item: { pk, sk, amount: 100, gsi1pk: group, gsi1sk: sk } });
  }
  const move = (from: string, to: string) =>
    table.db
      .transactWrite({
        TransactItems: [
          {
            Update: {
              TableName,
              Key: { pk, sk: from },
              UpdateExpression: 'ADD amount :d',
              ConditionExpression: 'amount > :zero',
              ExpressionAttributeValues: { ':d': -1, ':zero': 97 },
            },
          },
          {
            Update: {
              TableName,
              Key: { pk, sk: to },
              UpdateExpression: 'ADD amount :d',
              ExpressionAttributeValues: { ':d': 1 },
            },
          },
        ],
      })
      .catch((error: unknown) => {
        if (!(error instanceof TransactionCanceledException)) throw error;
      });
  const total = (items: Record<string, unknown>[] | undefined) =>
    items?.reduce((sum, { amount }) => sum + Number(amount), 0);
  const read = [
    async () => {
      const { Items } = await table.db.query({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      });
      return total(Items);
    },
    async () => {
      const { Items } = await table.db.query({
        TableName,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :g',
        ExpressionAttributeValues: { ':g': group },
      });
      return total(Items);
    },
    async () => {
      const { Responses } = await table.db.batchGet({
        RequestItems: { [TableName]: { Keys: accounts.map((sk) => ({ pk, sk })) } },
      });
      return total(Responses?.[TableName]);
    },
    async () => {
      const { Responses } = await table.db.transactGet({
        TransactItems: accounts.map((sk) => ({ Get: { TableName, Key: { pk, sk } } })),
      });
      return total(Responses?.map(({ Item }) => Item ?? {}));
    },
  ];
  const totals = new Set<number | undefined>();
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let round = 0; round < 10; round++) {
      const [from, to] = [accounts[(writer + round) % 4], accounts[(writer + 1 + round * 3) % 4]] as [
        string,
        string,
      ];
      if (from !== to) await move(from, to);
    }
  });
  const readers = read.map(async (sum) => {
    for (let round = 0; round < 30; round++) totals.add(await sum());
  });
  await Promise.all([...writers, ...readers]);
  expect([...totals]).toEqual([400]);
});
