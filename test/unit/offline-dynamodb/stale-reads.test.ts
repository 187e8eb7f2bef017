import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableName } from '../../support/table-stack.ts';
import { type Engines, givenStateDir, startEngines } from './engines.ts';
import { requestOf, type Step, steps } from './model.ts';

const stepMs = 1000;
const key = { pk: { S: 'p1' }, sk: { S: 's1' } };

const reads: Record<string, Record<string, unknown>> = {
  GetItem: { Key: key },
  BatchGetItem: { RequestItems: { [tableName]: { Keys: [key, { ...key, sk: { S: 's2' } }] } } },
  Scan: {},
};

/** What every kind of read answers, from the table and both ways through the index. */
async function everything(engines: Engines, staleMs?: number): Promise<unknown[]> {
  const index = {
    TableName: tableName,
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :group',
    ExpressionAttributeValues: { ':group': { S: 'g1' } },
  };
  return [
    ...(await Promise.all(
      Object.entries(reads).map(([operation, input]) =>
        engines.call(
          operation,
          operation === 'BatchGetItem' ? input : { TableName: tableName, ...input },
          staleMs,
        ),
      ),
    )),
    await engines.call('Query', index, staleMs),
    await engines.call('Query', { ...index, ScanIndexForward: false, Limit: 2 }, staleMs),
  ];
}

async function write(engines: Engines, step: Step): Promise<void> {
  const { operation, input } = requestOf({ ...step, condition: 'none' });
  await engines.call(operation, input);
}

test('a read that lags behind answers what any read answered then, and one that may not lag never does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), async (sequence) => {
      const engines = startEngines(givenStateDir());
      const answers: unknown[][] = [];
      for (const step of sequence) {
        await write(engines, step);
        answers.push(await everything(engines));
        await engines.clock.advance(stepMs);
      }
      for (const [place, then] of answers.slice(-10).toReversed().entries()) {
        expect(await everything(engines, place * stepMs + stepMs / 2)).toEqual(then);
      }
      const now = answers.at(-1) as unknown[];
      const consistent = { TableName: tableName, ConsistentRead: true };
      expect(await engines.call('Scan', consistent, 9_500)).toMatchObject({
        Items: (now[2] as { Items: unknown[] }).Items,
      });
      const TransactItems = [{ Get: { TableName: tableName, Key: key } }];
      const transaction = await engines.call('TransactGetItems', { TransactItems }, 9_500);
      expect(transaction.Responses).toEqual([now[0]]);
      await engines.close();
    }),
    { numRuns: 40 },
  );
});

test('no read lags further behind than the stack remembers', async () => {
  const engines = startEngines(givenStateDir());
  await engines.call('PutItem', { TableName: tableName, Item: key });
  await engines.clock.advance(60_000);
  const read = { TableName: tableName, Key: key };
  expect(await engines.call('GetItem', read, 3_600_000)).toEqual({ Item: key });
  await engines.close();
});
