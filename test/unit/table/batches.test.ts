import { BatchGetCommand, BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dynamodb } from '../../../lib/aws/dynamodb.ts';
import { getMany } from '../../../lib/table/read.ts';
import { putMany } from '../../../lib/table/write-many.ts';

const table = mockClient(dynamodb);
const name = 'afterparty-test-table';
const keysOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ pk: `THING#${n}`, sk: 'THING' }));
const pauses: number[] = [];

beforeEach(() => {
  pauses.length = 0;
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) => {
    pauses.push(ms);
    queueMicrotask(run);
  }) as never);
});

afterEach(() => {
  table.reset();
  vi.restoreAllMocks();
});

describe('getMany', () => {
  it('asks for a hundred keys a call, each once, and answers in the order of the keys', async () => {
    table.on(BatchGetCommand).callsFake(({ RequestItems }) => ({
      Responses: {
        [name]: RequestItems[name].Keys.filter(({ pk }: { pk: string }) => pk !== 'THING#7').reverse(),
      },
    }));
    const keys = keysOf(120);
    const items = await getMany([...keys, ...keys]);
    expect(items).toEqual([...keys, ...keys].map((key) => (key.pk === 'THING#7' ? undefined : key)));
    const asked = table
      .commandCalls(BatchGetCommand)
      .map(({ args }) => args[0].input.RequestItems?.[name]?.Keys);
    expect(asked.map((each) => each?.length)).toEqual([100, 20]);
  });

  it('asks for nothing where there are no keys', async () => {
    expect(await getMany([])).toEqual([]);
    expect(table.calls()).toHaveLength(0);
  });

  it('asks again for what was left, after pauses that grow', async () => {
    const [first, second] = keysOf(2);
    const unprocessed = { Responses: {}, UnprocessedKeys: { [name]: { Keys: [first, second] } } };
    table
      .on(BatchGetCommand)
      .resolvesOnce(unprocessed as never)
      .resolvesOnce(unprocessed as never)
      .resolves({ Responses: { [name]: [first, second] } } as never);
    expect(await getMany(keysOf(2))).toEqual([first, second]);
    expect(pauses).toEqual([25, 50]);
  });

  it('gives up on a table that answers nothing any more', async () => {
    const unprocessed = { UnprocessedKeys: { [name]: { Keys: keysOf(1) } } };
    table.on(BatchGetCommand).resolves(unprocessed as never);
    await expect(getMany(keysOf(1))).rejects.toThrow('1 of 1 parts of a batch stay unprocessed');
  });
});

describe('putMany', () => {
  const written = () =>
    table
      .commandCalls(BatchWriteCommand)
      .map(({ args }) =>
        (args[0].input.RequestItems?.[name] ?? []).map(({ PutRequest }) => PutRequest?.Item),
      );

  it('writes 25 items a call, stamped as version 1', async () => {
    table.on(BatchWriteCommand).resolves({});
    await putMany(keysOf(30));
    expect(written().map((each) => each.length)).toEqual([25, 5]);
    expect(written()[0]?.[0]).toMatchObject({ pk: 'THING#0', version: 1, updatedAt: expect.any(String) });
  });

  it('writes one key once in a call, as BatchWriteItem refuses to do it twice', async () => {
    table.on(BatchWriteCommand).resolves({});
    const [key] = keysOf(1) as [{ pk: string; sk: string }];
    await putMany([
      { ...key, since: 1 },
      { ...key, since: 2 },
    ]);
    expect(written()).toEqual([[expect.objectContaining({ ...key, since: 2 })]]);
  });

  it('writes what was left, and only that', async () => {
    table
      .on(BatchWriteCommand)
      .callsFakeOnce(({ RequestItems }) => ({ UnprocessedItems: { [name]: RequestItems[name].slice(2) } }))
      .resolves({});
    await putMany(keysOf(3));
    expect(written().map((each) => each.map((item) => item?.pk))).toEqual([
      ['THING#0', 'THING#1', 'THING#2'],
      ['THING#2'],
    ]);
    expect(pauses).toEqual([25]);
  });
});
