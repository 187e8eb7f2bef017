import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../offline/random.ts';

const draws = (random: Random) => Array.from({ length: 20 }, () => random.next());

test('the same seed gives the same draws, another seed others', () => {
  expect(draws(new Random(7))).toEqual(draws(new Random(7)));
  expect(draws(new Random(7))).not.toEqual(draws(new Random(8)));
});

test('a fork draws for itself: how much it draws shifts nothing', () => {
  const quiet = new Random(7);
  const busy = new Random(7);
  quiet.fork();
  draws(busy.fork());
  expect(draws(quiet)).toEqual(draws(busy));
});

test('integers stay in range, ids have their form', async () => {
  await fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, below) => {
      const random = new Random(seed);
      const integer = random.integer(below);
      expect(integer).toBeGreaterThanOrEqual(0);
      expect(integer).toBeLessThan(below);
      expect(random.hex(13)).toMatch(/^[0-9a-f]{13}$/);
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }),
  );
});

test('draws spread evenly', () => {
  const random = new Random(1);
  const counts = new Array(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) counts[random.integer(10)]++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
