import { describe, expect, it } from 'vitest';
import { choose, MEASURED } from '../../../lib/recommendations/choose.ts';
import { heldOutFrom } from '../../../lib/recommendations/held-out.ts';
import { type Pairs, pairsOf } from '../../../lib/recommendations/interactions.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';

const { interactions, items } = madeUpWorld({ people: 120, photos: 100, events: 2_000, seed: 6 });
const pairs = pairsOf(interactions, items);
const countOf = ({ starts }: Pairs, person: number) =>
  (starts[person + 1] as number) - (starts[person] as number);
const people = [...pairs.personHashes.keys()];

describe('heldOutFrom', () => {
  it('holds out the newest of each, and newcomers whole, for what is next', () => {
    const { fit, asked, newcomers } = heldOutFrom(pairs, 'next');
    const missing = people.map((person) => countOf(pairs, person) - countOf(fit, person));
    const whole = people.filter((person) => countOf(fit, person) === 0).length;
    expect(whole).toBeGreaterThan(8);
    expect(whole).toBeLessThan(40);
    expect(missing.filter((count) => count === 1).length).toBeGreaterThanOrEqual(asked.length);
    for (const { taste, targets } of asked) {
      expect(targets.size).toBe(1);
      for (const photo of targets) expect(taste.liked).not.toContain(photo);
    }
    for (const { taste } of newcomers.few) expect([1, 2]).toContain(taste.liked.length);
    for (const { taste } of newcomers.some) expect([5, 10, 20]).toContain(taste.liked.length);
  });

  it('holds out one in five for any of what they did', () => {
    const { fit, newcomers } = heldOutFrom(pairs, 'any');
    expect(fit.photos.length / pairs.photos.length).toBeCloseTo(0.8, 1);
    expect(newcomers.some).toEqual([]);
  });
});

describe('choose', () => {
  it('goes by what was measured elsewhere where there are too few people', () => {
    const few = madeUpWorld({ people: 20, photos: 50, events: 300, seed: 1 });
    expect(choose(pairsOf(few.interactions, few.items), 'next', 1)).toBe(MEASURED);
  });

  it('keeps to what it can weigh, the same each time', () => {
    const choice = choose(pairs, 'next', 1);
    expect(choose(pairs, 'next', 1)).toEqual(choice);
    for (const { weights } of [choice.recipes.few, choice.recipes.some, choice.recipes.many]) {
      expect(Object.values(weights).some((weight) => weight > 0)).toBe(true);
    }
  }, 60_000);
});
