import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickRecord } from '../../../lib/clicks/click.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aHash, anInteraction, aPhotoRecord, clicksFile } from '../../support/tastes.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  process.env.PERSONALIZE_TRACKING_ID = '';
  process.env.PERSONALIZE_ITEMS_ARN = '';
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/clicks/forget.ts')),
    ...(await import('../../../lib/clicks/history.ts')),
    ...(await import('../../../lib/clicks/interactions.ts')),
    ...(await import('../../../lib/clicks/learn.ts')),
    ...(await import('../../../lib/clicks/person.ts')),
    ...(await import('../../../lib/clicks/ticket.ts')),
    ...(await import('../../../lib/correlation.ts')),
    ...(await import('../../../lib/env.ts')),
    ...(await import('../../../lib/table/read.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

let files = 0;

async function aFile(records: readonly ClickRecord[], hour = '2026/11/26/10'): Promise<string> {
  files += 1;
  const key = `clicks/${hour}/clicks-1-${String(files).padStart(6, '0')}.gz`;
  await stack.s3.send(clicksFile(lib.env.CLICKS_BUCKET, key, records));
  return key;
}

async function filed(person: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { sk } of lib.queryAll('table', person, { table: lib.env.INTERACTIONS_TABLE_NAME })) {
    ids.push(String(sk));
  }
  return ids.sort();
}

describe('learnFrom', () => {
  it('files each interaction once, however often its file comes', async () => {
    const person = aHash('once');
    const done = Array.from({ length: 120 }, () => anInteraction({ person }));
    const key = await aFile([...done, ...done.slice(0, 40), aPhotoRecord('01J9ZK3T5R8Q2W4X6Y7A9BCDEF')]);
    expect(await lib.learnFrom(key)).toMatchObject({ learnt: 120, photos: 1, refused: 0 });
    expect(await lib.learnFrom(key)).toMatchObject({ learnt: 0 });
    expect(await filed(person)).toEqual(done.map(({ id }) => id).sort());
  });

  it.each(['before', 'after'] as const)(
    'may end %s any of its calls: the next time files the rest',
    async (when) => {
      for (let at = 0, calls = 1; at < calls; at += 1) {
        const person = aHash(`crash ${when} ${at}`);
        const done = Array.from({ length: 60 }, () => anInteraction({ person }));
        const key = await aFile(done);
        calls = await interrupted([lib.dynamodb as never], at, when, () => lib.learnFrom(key));
        await lib.learnFrom(key);
        expect(await filed(person)).toEqual(done.map(({ id }) => id).sort());
      }
    },
  );

  it('learns nothing more of somebody who was struck out', async () => {
    const person = aHash('struck');
    await lib.learnFrom(await aFile([anInteraction({ person })]));
    expect(await lib.strikeOut(person, new Date())).toBe(1);
    await lib.learnFrom(await aFile([anInteraction({ person })]));
    expect(await filed(person)).toEqual([]);
    expect(await lib.struckOut()).toContain(person);
  });
});

it('what is filed while somebody is struck out does not stay', async () => {
  const [person, other] = [aHash('filed late'), aHash('filed beside')];
  const news = await lib.unfiled([anInteraction({ person }), anInteraction({ person: other })]);
  expect(news).toHaveLength(2);
  await lib.strikeOut(person, new Date());
  await lib.file(news);
  expect([await filed(person), (await filed(other)).length]).toEqual([[], 1]);
});

describe('forgetPerson', () => {
  it('destroys key, profile and interactions, so that nothing left can be linked', async () => {
    const userId = randomUUID();
    const taste = (await lib.tasteOf(userId)) as NonNullable<Awaited<ReturnType<typeof lib.tasteOf>>>;
    const person = lib.personHash(taste, userId);
    await lib.remember(userId, taste, [{ id: 'e', photoId: 'p', type: 'like', at: 1 }]);
    await lib.learnFrom(await aFile([anInteraction({ person }), anInteraction({ person })]));
    expect(await lib.forgetPerson(userId)).toEqual({ interactions: 2, unlinkable: true });
    expect(await filed(person)).toEqual([]);
    expect(await lib.findTaste(userId)).toMatchObject({ key: '', events: [], dismissed: [] });
  });

  it('leaves a mark of the hash that shares nothing with what is left of the person', async () => {
    const userId = randomUUID();
    const taste = (await lib.tasteOf(userId)) as NonNullable<Awaited<ReturnType<typeof lib.tasteOf>>>;
    const person = lib.personHash(taste, userId);
    const now = new Date('2026-11-26T10:20:30.405Z');
    await lib.correlated({ correlationId: 'forget-this', actorId: 'operator' }, () =>
      lib.forgetPerson(userId, now),
    );
    const mark = await lib.getMany([{ pk: 'FORGOTTEN', sk: person }], lib.env.INTERACTIONS_TABLE_NAME);
    const tombstone = await lib.get({ pk: `USER#${userId}`, sk: 'TASTE' });
    expect(mark).toEqual([
      { pk: 'FORGOTTEN', sk: person, entity: 'forgotten', expiresAt: expect.any(Number) },
    ]);
    const kept = Number(mark[0]?.expiresAt) - now.getTime() / 1_000;
    expect(kept).toBeGreaterThan(lib.env.CLICKS_RETENTION * 86_400);
    expect(Number(mark[0]?.expiresAt) % (30 * 86_400)).toBe(0);
    expect(tombstone).toMatchObject({ correlationId: 'forget-this', destroyedAt: now.toISOString() });
  });

  it('lets nothing of them come back: no late event makes a new key or a profile', async () => {
    const userId = randomUUID();
    const taste = (await lib.tasteOf(userId)) as NonNullable<Awaited<ReturnType<typeof lib.tasteOf>>>;
    await lib.forgetPerson(userId);
    await lib.remember(userId, taste, [{ id: 'late', photoId: 'p', type: 'like', at: 1 }]);
    expect(await lib.tasteOf(userId)).toBeUndefined();
    expect(await lib.findTaste(userId)).toMatchObject({ key: '', events: [] });
    expect(await lib.forgetPerson(userId)).toEqual({ interactions: 0, unlinkable: true });
  });
});

describe('a ticket', () => {
  it('speaks for its holder for half a day, and for nobody once it was changed', async () => {
    const userId = randomUUID();
    const { ticket, expiresAt } = await lib.issueTicket(userId);
    const last = Date.parse(expiresAt) - 1;
    expect(await lib.holderOf(ticket, new Date(last))).toBe(userId);
    const refused = { status: 401, code: 'ticket-invalid' };
    await expect(lib.holderOf(ticket, new Date(last + 1))).rejects.toMatchObject(refused);
    const other = ticket.startsWith('A') ? 'B' : 'A';
    await expect(lib.holderOf(`${other}${ticket.slice(1)}`)).rejects.toMatchObject(refused);
  });
});

describe('the live profile', () => {
  it('loses nothing that is written at the same time', async () => {
    const userId = randomUUID();
    const taste = await lib.tasteOf(userId);
    const ids = Array.from({ length: 8 }, (_, index) => `event-${index}`);
    await Promise.all(
      ids.map((id, at) =>
        lib.remember(userId, taste as never, [{ id, photoId: `p${at}`, type: 'view', at }]),
      ),
    );
    const { events } = (await lib.findTaste(userId)) as { events: { id: string }[] };
    expect(events.map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('has one key for a person, whoever asks first', async () => {
    const userId = randomUUID();
    const tastes = await Promise.all(Array.from({ length: 6 }, () => lib.tasteOf(userId)));
    expect(new Set(tastes.map((taste) => taste?.key)).size).toBe(1);
  });
});

describe('the history', () => {
  const person = aHash('history');
  const at = (time: string) => new Date(`2026-11-${time}:00Z`);
  const idsOf = ({ records }: { records: readonly ClickRecord[] }) => records.map(({ id }) => id).sort();

  it('grows by what is new, and knows late files of hours long past', async () => {
    const receivedAt = Date.parse('2026-11-28T09:00:00Z');
    const [first, second, late] = [1, 2, 3].map(() => anInteraction({ person, receivedAt }));
    await aFile([first as ClickRecord], '2026/11/28/09');
    const one = (await lib.advanced(await lib.readHistory(), at('28T10:00'))).history;
    await lib.writeHistory(one);
    expect(idsOf(one)).toContain(first?.id);
    expect((await lib.advanced(await lib.readHistory(), at('28T10:01'))).isNew).toBe(false);

    await aFile([second as ClickRecord, first as ClickRecord], '2026/11/28/10');
    await aFile([late as ClickRecord], '2026/11/27/23');
    const two = await lib.advanced(await lib.readHistory(), at('30T12:00'));
    expect(two.isNew).toBe(true);
    const mine = idsOf(two.history).filter((id) => [first?.id, second?.id, late?.id].includes(id));
    expect(mine).toEqual([first?.id, second?.id, late?.id].sort());
  });

  it('keeps what it needs of each photo and lets old interactions go', async () => {
    const photoId = '01J9ZK3T5R8Q2W4X6Y7A9BCDEG';
    const old = anInteraction({ person, receivedAt: Date.parse('2026-01-01T00:00:00Z') });
    await aFile([aPhotoRecord(photoId, { version: 2, tags: ['new'] }), old], '2026/12/01/00');
    await aFile([aPhotoRecord(photoId, { version: 1, tags: ['old'] })], '2026/12/01/01');
    const { history } = await lib.advanced(
      { records: [], files: [], at: 0 },
      new Date('2026-12-02T00:00:00Z'),
    );
    expect(history.records.filter((record) => record.kind === 'photo' && record.photoId === photoId)).toEqual(
      [expect.objectContaining({ version: 2, tags: ['new'] })],
    );
    expect(idsOf(history)).not.toContain(old.id);
  });

  it('keeps the newest five thousand of one person, so that nobody crowds out what others did', async () => {
    const receivedAt = Date.parse('2026-12-03T00:00:00Z');
    const machine = Array.from({ length: 5_002 }, (_, index) =>
      anInteraction({ person: aHash('machine'), receivedAt: receivedAt + index }),
    );
    const earlier = anInteraction({ person, receivedAt: receivedAt - 1 });
    await aFile([...machine, earlier], '2026/12/03/00');
    const { history } = await lib.advanced(
      { records: [], files: [], at: receivedAt },
      new Date('2026-12-03T01:00:00Z'),
    );
    const left = new Set(idsOf(history));
    expect(machine.filter(({ id }) => !left.has(id)).map(({ id }) => id)).toEqual(
      machine.slice(0, 2).map(({ id }) => id),
    );
    expect(left).toContain(earlier.id);
  });
});
