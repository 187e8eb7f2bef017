import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '../../../offline/contract.ts';
import type { Item } from '../../../offline/dynamodb/values.ts';
import { tableName } from '../../support/table-stack.ts';
import { allRows, type Engines, givenStateDir, startEngines, streamRecords } from './engines.ts';
import { Model, requestOf, requests, type Step, sorted } from './model.ts';

interface Asked {
  readonly transaction: boolean;
  readonly steps: readonly Step[];
}

/** Sends the request; answers whether it was done or its condition failed. */
async function send(engines: Engines, { transaction, steps }: Asked): Promise<boolean> {
  const asked = steps.map(requestOf);
  try {
    if (transaction) {
      await engines.call('TransactWriteItems', {
        TransactItems: asked.map(({ kind, input }) => ({ [kind]: input })),
      });
    } else {
      for (const { operation, input } of asked) await engines.call(operation, input);
    }
    return true;
  } catch (error) {
    if (error instanceof ServiceError && /ConditionalCheckFailed|TransactionCanceled/.test(error.code))
      return false;
    throw error;
  }
}

async function group(engines: Engines, name: string, forward: boolean): Promise<Item[]> {
  const { Items } = await engines.call('Query', {
    TableName: tableName,
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :group',
    ExpressionAttributeValues: { ':group': { S: name } },
    ScanIndexForward: forward,
  });
  return Items as Item[];
}

/** What a consumer knows that has applied every record of the stream to an empty table. */
async function replayed(engines: Engines): Promise<{ items: Item[]; records: number }> {
  const items = new Map<string, Item>();
  const records = await streamRecords(engines);
  for (const { eventName, dynamodb } of records) {
    const { Keys, NewImage, OldImage } = dynamodb;
    const key = `${Keys.pk?.S}/${Keys.sk?.S}`;
    expect(OldImage).toEqual(items.get(key));
    expect(eventName).toBe(OldImage ? (NewImage ? 'MODIFY' : 'REMOVE') : 'INSERT');
    if (NewImage) items.set(key, NewImage);
    else items.delete(key);
  }
  const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  expect(numbers).toEqual([...new Set(numbers)].sort());
  return { items: sorted([...items.values()]), records: records.length };
}

async function expectSame(engines: Engines, model: Model): Promise<void> {
  expect(sorted(await allRows(engines))).toEqual(model.sorted());
  for (const name of ['g1', 'g2']) {
    const expected = model.group(name);
    const [forward, backward] = [await group(engines, name, true), await group(engines, name, false)];
    expect(sorted(forward)).toEqual(expected);
    expect(forward.map(({ sk }) => sk?.S)).toEqual(expected.map(({ sk }) => sk?.S).sort());
    expect(backward).toEqual(forward.toReversed());
  }
  expect(await replayed(engines)).toEqual({ items: model.sorted(), records: model.changes });
}

test('any sequence of writes and transactions leaves the items, index rows and stream of a plain model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(requests, { maxLength: 40 }), async (sequence) => {
      const engines = startEngines(givenStateDir());
      const model = new Model();
      for (const asked of sequence) expect(await send(engines, asked)).toBe(model.apply(asked.steps));
      await expectSame(engines, model);
      await engines.close();
    }),
    { numRuns: 60 },
  );
});

test('a restart at any moment changes nothing: not items, indexes, the stream nor its sequence numbers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(requests, fc.constant('restart' as const)), { maxLength: 40 }),
      async (sequence) => {
        const stateDir = givenStateDir();
        let engines = startEngines(stateDir);
        const model = new Model();
        for (const asked of sequence) {
          if (asked === 'restart') {
            const before = await streamRecords(engines);
            await engines.close();
            engines = startEngines(stateDir);
            expect(await streamRecords(engines)).toEqual(before);
          } else expect(await send(engines, asked)).toBe(model.apply(asked.steps));
        }
        await expectSame(engines, model);
        await engines.close();
      },
    ),
    { numRuns: 60 },
  );
});
