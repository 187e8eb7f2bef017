import { expect, test } from 'vitest';
import { Histories, type Interaction } from '../../../offline/personalize/histories.ts';

const did = (more: Partial<Interaction>): Interaction => ({
  ...{ user: 'u', item: 'i', type: 'view', at: 1_000 },
  ...more,
});

test('the same event counts once: by its id, else by time and properties', () => {
  const histories = new Histories();
  expect(histories.add(did({ eventId: 'one' }))).toBe(true);
  expect(histories.add(did({ eventId: 'one', at: 2_000 }))).toBe(false);
  expect(histories.add(did({}))).toBe(true);
  expect(histories.add(did({}))).toBe(false);
  for (const more of [{ at: 2_000 }, { item: 'j' }, { type: 'like' }, { properties: '{}' }, { value: 1 }]) {
    expect(histories.add(did(more))).toBe(true);
  }
});

test('the newest hundred are told, the oldest of them first, whatever the order they came in', () => {
  const histories = new Histories();
  for (let at = 149; at >= 0; at -= 1) histories.add(did({ at }));
  const newest = histories.newestOf('u').map(({ at }) => at);
  expect(newest).toEqual(Array.from({ length: 100 }, (_, place) => place + 50));
});

test('filters go by the newest hundred of each type', () => {
  const histories = new Histories();
  histories.add(did({ item: 'first', type: 'like', at: 0 }));
  histories.add(did({ item: 'first', at: 1 }));
  for (let at = 2; at < 102; at += 1) histories.add(did({ item: `item-${at}`, at }));
  expect(histories.typesOf('u').get('first')).toEqual(['like']);
  expect(histories.typesOf('u').get('item-2')).toEqual(['view']);
});

test('what a session did becomes its user’s, before and after the user is known', () => {
  const histories = new Histories();
  const ofSession = (more: Partial<Interaction>) => did({ user: 's', session: 's', ...more });
  histories.add(ofSession({ at: 1 }));
  histories.add(did({ session: 's', at: 2 }));
  histories.add(ofSession({ at: 3 }));
  expect(histories.newestOf('u').map(({ at }) => at)).toEqual([1, 2, 3]);
  expect(histories.newestOf('s')).toEqual([]);
});

test('who is forgotten is forgotten with their sessions, and may come again', () => {
  const histories = new Histories();
  histories.add(did({ session: 's', eventId: 'one' }));
  histories.add(did({ user: 'other' }));
  expect(histories.forget(new Set(['u']))).toBe(1);
  expect(Array.from(histories.all(), ({ user }) => user)).toEqual(['other']);
  expect(histories.add(did({ user: 's', session: 's', eventId: 'one' }))).toBe(true);
  expect(histories.newestOf('u')).toEqual([]);
});

test('what was imported is dropped alone', () => {
  const histories = new Histories();
  histories.add(did({ bulk: true }));
  histories.add(did({ at: 2_000 }));
  histories.dropBulk();
  expect(Array.from(histories.all(), ({ at }) => at)).toEqual([2_000]);
});
