import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  personHash,
  profileOf,
  type RememberedEvent,
  sessionHash,
  type Taste,
  withEvents,
} from '../../../lib/clicks/person.ts';

const taste: Taste = { key: 'a'.repeat(43), version: 1, events: [], dismissed: [] };
let next = 0;
const event = (over: Partial<RememberedEvent> = {}): RememberedEvent => ({
  id: `event-${next++}`,
  photoId: 'photo',
  type: 'view',
  at: 1_000,
  ...over,
});

test('a person is another one under another key, and in no session the same', () => {
  const other = { key: 'b'.repeat(43) };
  const hashes = [
    personHash(taste, 'ana'),
    personHash(other, 'ana'),
    personHash(taste, 'bob'),
    sessionHash(taste, 'ana'),
  ];
  expect(new Set(hashes).size).toBe(4);
  for (const hash of hashes) expect(hash).toMatch(/^[\w-]{22}$/);
});

test('an event that is known changes nothing, nor does one that says nothing of taste', () => {
  const known = withEvents(taste, [event({ id: 'one' })]);
  expect(withEvents(known, [event({ id: 'one', at: 9_999 })])).toBe(known);
  expect(withEvents(known, [event({ type: 'impression' })])).toBe(known);
});

test('of an event stays what the model reads, not whose hash and session it was', () => {
  const recorded = { ...event({ id: 'one', value: 3 }), person: 'hash', session: 'hash', receivedAt: 2 };
  expect(withEvents(taste, [recorded]).events).toEqual([
    { id: 'one', photoId: 'photo', type: 'view', at: 1_000, value: 3 },
  ]);
});

test('the newest hundred events stay, whatever order they come in', () => {
  const anEvent = fc.record({
    id: fc.uuid(),
    at: fc.nat(),
    photoId: fc.constant('p'),
    type: fc.constant('view'),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(anEvent, { selector: ({ id }) => id, maxLength: 150 }),
      fc.nat(149),
      (all, cut) => {
        const { events } = withEvents(withEvents(taste, all.slice(0, cut)), all.slice(cut));
        const times = events.map(({ at }) => at);
        expect(times).toEqual(
          all
            .map(({ at }) => at)
            .sort((a, b) => b - a)
            .slice(0, 100),
        );
      },
    ),
  );
});

test('a photo that was dismissed is remembered longer than a hundred events', () => {
  let known = withEvents(taste, [event({ type: 'dismiss', photoId: 'unwanted' })]);
  known = withEvents(
    known,
    Array.from({ length: 120 }, (_, index) => event({ at: 2_000 + index })),
  );
  expect(known.events).toHaveLength(100);
  expect(known.dismissed).toEqual(['unwanted']);
});

test('a like that was taken back is none, and one that was given again is one', () => {
  const like = event({ type: 'like', at: 1 });
  const unlike = event({ type: 'unlike', at: 2 });
  const again = event({ type: 'like', at: 3 });
  const types = (events: RememberedEvent[]) => profileOf({ events }).map(({ type }) => type);
  expect(types([like])).toEqual(['like']);
  expect(types([unlike, like])).not.toContain('like');
  expect(types([again, unlike, like])).toContain('like');
});
