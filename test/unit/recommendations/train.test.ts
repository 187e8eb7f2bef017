import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialize } from '../../../lib/recommendations/artefact.ts';
import { MEASURED } from '../../../lib/recommendations/choose.ts';
import type { Interactions } from '../../../lib/recommendations/interactions.ts';
import { recommend } from '../../../lib/recommendations/recommend.ts';
import { train } from '../../../lib/recommendations/train.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';

const { interactions, items } = madeUpWorld({ people: 40, photos: 60, events: 500, seed: 4 });
const trained = (rows: Interactions, forget?: string[]) =>
  train(rows, items, { choice: MEASURED, ...(forget ? { forget } : {}) });
const original = serialize(trained(interactions));

describe('train', () => {
  it('gives the same model to the last bit whatever the order of rows, and however often they come', () => {
    const backwards = picked(interactions, [...interactions.persons.keys()].reverse());
    const doubled = picked(interactions, [...interactions.persons.keys(), ...interactions.persons.keys()]);
    expect(serialize(trained(backwards)).equals(original)).toBe(true);
    expect(serialize(trained(doubled)).equals(original)).toBe(true);
  });

  it('gives the model of a world without those who are to be forgotten', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 5 }), (numbers) => {
        const forgotten = numbers.map((number) => `person-${number}`);
        const others = [...interactions.persons.keys()].filter(
          (row) => !forgotten.includes(interactions.persons[row] as string),
        );
        const without = trained(picked(interactions, others));
        expect(serialize(trained(interactions, forgotten)).equals(serialize(without))).toBe(true);
        expect(serialize(without).equals(original)).toBe(false);
      }),
      { numRuns: 5 },
    );
  });

  it('keeps no key of a person', () => {
    expect(original.includes('person-')).toBe(false);
  });

  it('learns nothing from nothing, and answers nothing', () => {
    const empty = train({ persons: [], photos: [], types: [], times: [] });
    expect(empty.photoIds).toEqual([]);
    expect(recommend(empty, [{ photoId: 'a', type: 'like', at: 1 }])).toEqual([]);
  });

  it('counts few impressions of a photo on one person, so that nobody ends its being tried out alone', () => {
    const shown = (persons: readonly string[]) => ({
      persons,
      photos: persons.map(() => 'new'),
      types: persons.map(() => 'impression'),
      times: persons.map((_, at) => at),
    });
    const impressionsOf = (persons: readonly string[]) => [...train(shown(persons)).impressions];
    expect(impressionsOf(Array(400).fill('eve'))).toEqual([5]);
    expect(impressionsOf([...Array(9).fill('ana'), 'bob', 'bob', 'eve'])).toEqual([5 + 2 + 1]);
  });

  it('leaves out rows that say nothing, and takes the future for now', () => {
    const model = train(
      {
        persons: ['a', 'b', '', 'c', 'd', 'e'],
        photos: ['sea', 'sea', 'sea', '', 'hill', 'dune'],
        types: ['like', 'view', 'view', 'view', 'nonsense', 'rating'],
        times: [Number.NaN, 9e15, 1, 1, Number.POSITIVE_INFINITY, 5],
        values: [0, 0, 0, 0, 0, Number.NaN],
      },
      undefined,
      { now: 1_000 },
    );
    expect(model.until).toBe(1_000);
    expect(model.photoIds).toEqual(['dune', 'hill', 'sea']);
    expect([...model.support]).toEqual([1, 0, 2]);
    expect(model.trend.every(Number.isFinite)).toBe(true);
    expect(recommend(model, []).map(({ photoId }) => photoId)).toEqual(['sea', 'dune', 'hill']);
  });

  it('counts a person once for a photo, and not at all after a dismissal', () => {
    const model = train({
      persons: ['a', 'a', 'a', 'b', 'b', 'c', 'c'],
      photos: ['sea', 'sea', 'sea', 'sea', 'sea', 'sea', 'sea'],
      types: ['view', 'like', 'view', 'view', 'dismiss', 'dismiss', 'view'],
      times: [1, 2, 3, 1, 2, 1, 2],
    });
    expect([...model.support]).toEqual([2]);
  });
});

function picked({ persons, photos, types, times }: Interactions, rows: readonly number[]): Interactions {
  return {
    persons: rows.map((row) => persons[row] as string),
    photos: rows.map((row) => photos[row] as string),
    types: rows.map((row) => types[row] as string),
    times: rows.map((row) => times[row] as number),
  };
}
