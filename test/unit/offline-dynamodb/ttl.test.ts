import { expect, test } from 'vitest';
import { tableName } from '../../support/table-stack.ts';
import { allRows, type Engines, givenStateDir, startEngines, streamRecords } from './engines.ts';

const year = 365 * 24 * 60 * 60;

async function put(engines: Engines, sk: string, expiresAt: object): Promise<void> {
  await engines.call('PutItem', {
    TableName: tableName,
    Item: { pk: { S: 'p' }, sk: { S: sk }, gsi1pk: { S: 'g' }, gsi1sk: { S: sk }, expiresAt },
  });
}

function inSeconds(engines: Engines, seconds: number): { N: string } {
  return { N: String(Math.floor(engines.clock.now() / 1000) + seconds) };
}

async function names(engines: Engines, index?: string): Promise<string[]> {
  return (await allRows(engines, index)).map(({ sk }) => sk?.S ?? '').sort();
}

test('an item is read like any other until it goes, within a minute of its time, as the service’s doing', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'soon', inSeconds(engines, 60));
  await put(engines, 'later', inSeconds(engines, 600));
  await engines.clock.advance(65_000);
  expect(await names(engines)).toEqual(['later', 'soon']);
  await engines.clock.advance(55_000);
  expect(await names(engines)).toEqual(['later']);
  expect(await names(engines, 'gsi1')).toEqual(['later']);
  const removed = (await streamRecords(engines)).at(-1);
  expect(removed).toMatchObject({
    eventName: 'REMOVE',
    userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    dynamodb: { OldImage: { sk: { S: 'soon' } } },
  });
  await engines.close();
});

test('only a number of seconds within the last five years is a time to live', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'text', { S: '1' });
  await put(engines, 'ancient', inSeconds(engines, -6 * year));
  await put(engines, 'milliseconds', { N: String(engines.clock.now()) });
  await put(engines, 'past', inSeconds(engines, -year));
  await engines.clock.advance(60_000);
  expect(await names(engines)).toEqual(['ancient', 'milliseconds', 'text']);
  await engines.close();
});

test('an item whose time is put off stays, and one whose time is brought forward goes', async () => {
  const engines = startEngines(givenStateDir());
  await put(engines, 'put off', inSeconds(engines, 60));
  await put(engines, 'brought forward', inSeconds(engines, 6000));
  await put(engines, 'put off', inSeconds(engines, 6000));
  await put(engines, 'brought forward', inSeconds(engines, 60));
  await engines.clock.advance(120_000);
  expect(await names(engines)).toEqual(['put off']);
  await engines.close();
});

test('what expired while nothing was running goes after the start, and stays gone', async () => {
  const stateDir = givenStateDir();
  const first = startEngines(stateDir);
  await put(first, 'a', inSeconds(first, 60));
  await first.close();
  await first.clock.advance(3_600_000);
  const second = startEngines(stateDir, first.clock);
  await second.clock.advance(60_000);
  expect(await names(second)).toEqual([]);
  expect((await streamRecords(second)).at(-1)?.userIdentity?.type).toBe('Service');
  await second.close();
  const third = startEngines(stateDir, first.clock);
  expect(await names(third)).toEqual([]);
  expect((await streamRecords(third)).at(-1)?.userIdentity?.type).toBe('Service');
  await third.close();
});

test('UpdateTimeToLive switches it off and on to another attribute', async () => {
  const engines = startEngines(givenStateDir());
  const update = (Enabled: boolean, AttributeName: string) =>
    engines.call('UpdateTimeToLive', {
      TableName: tableName,
      TimeToLiveSpecification: { Enabled, AttributeName },
    });
  await put(engines, 'a', inSeconds(engines, 60));
  await expect(update(true, 'expiresAt')).rejects.toMatchObject({ code: 'ValidationException' });
  await expect(update(false, 'other')).rejects.toMatchObject({ code: 'ValidationException' });
  await update(false, 'expiresAt');
  await engines.clock.advance(3_600_000);
  expect(await names(engines)).toEqual(['a']);
  await update(true, 'expiresAt');
  await engines.clock.advance(60_000);
  expect(await names(engines)).toEqual([]);
  await engines.close();
});
