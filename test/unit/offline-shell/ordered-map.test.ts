import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedMap } from '../../../offline/ordered-map.ts';

const keys = fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', 'c', '\0', 'ÿ') });

test('a range holds the keys that a sorted list holds between its bounds, in both directions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: keys, remove: fc.boolean() }), { maxLength: 200 }),
      fc.option(keys, { nil: undefined }),
      fc.constantFrom('from', 'after'),
      fc.option(keys, { nil: undefined }),
      fc.boolean(),
      (writes, low, lowKind, high, reverse) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        writes.forEach(({ key, remove }, index) => {
          if (remove) {
            map.delete(key);
            model.delete(key);
          } else {
            map.set(key, index);
            model.set(key, index);
          }
        });
        const expected = [...model.entries()]
          .filter(([key]) => low === undefined || key > low || (lowKind === 'from' && key === low))
          .filter(([key]) => high === undefined || key < high)
          .sort(([a], [b]) => (a < b ? -1 : 1));
        const range = {
          ...(low !== undefined && { [lowKind]: low }),
          ...(high !== undefined && { before: high }),
        };
        expect([...map.entries(range, reverse)]).toEqual(reverse ? expected.reverse() : expected);
        expect(map.size).toBe(model.size);
      },
    ),
  );
});

test('order holds over many blocks, after insertions at random places and removals of whole stretches', () => {
  const map = new OrderedMap<number>();
  const numbers = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5000);
  const name = (number: number) => String(number).padStart(4, '0');
  for (const number of numbers) map.set(name(number), number);
  for (let number = 1000; number < 3000; number++) map.delete(name(number));
  expect([...map.entries({ from: '0990', before: '3010' })].map(([, number]) => number)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => 990 + index),
    ...Array.from({ length: 10 }, (_, index) => 3000 + index),
  ]);
  for (const number of numbers) map.delete(name(number));
  expect([...map.entries()]).toEqual([]);
});
