import { expect, test } from 'vitest';
import { train } from '../../../lib/recommendations/train.ts';
import { examinationOf, metricsOf } from '../../../offline/personalize/measure.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';

const { interactions, items } = madeUpWorld({ people: 200, photos: 80, events: 5_000, seed: 3 });

test('holds out the newest tenth of what a tenth of the people did, and nothing else', () => {
  const { rest, asked } = examinationOf(interactions);
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.length).toBeLessThan(40);
  const heldOut = interactions.persons.length - rest.persons.length;
  const told = asked.reduce((sum, { profile }) => sum + profile.length, 0);
  expect(heldOut / (heldOut + told)).toBeGreaterThan(0.1);
  expect(heldOut / (heldOut + told)).toBeLessThan(0.2);
  for (const { profile, targets } of asked) {
    const newest = Math.max(...profile.map(({ at }) => at));
    const isNewer = (photo: string) =>
      interactions.photos.some(
        (each, row) => each === photo && (interactions.times[row] as number) >= newest,
      );
    expect([...targets].every(isNewer)).toBe(true);
  }
});

test('what suits people foretells more than what is popular, and chance less', () => {
  const examination = examinationOf(interactions);
  const model = train(examination.rest, items);
  const gain = (recipe: string) =>
    metricsOf(recipe, model, examination).normalized_discounted_cumulative_gain_at_25 as number;
  expect(gain('user-personalization-v2')).toBeGreaterThan(gain('popularity-count'));
  expect(gain('user-personalization-v2')).toBeLessThan(1);
  const coverage = metricsOf('popularity-count', model, examination).coverage as number;
  expect(coverage).toBeCloseTo(25 / model.photoIds.length, 5);
});

test('a list that has what was held out in front is perfect', () => {
  const examination = examinationOf(interactions);
  const model = train(examination.rest, items);
  const first = metricsOf('popularity-count', model, {
    ...examination,
    asked: [{ profile: [], targets: new Set([topOfAll()]) }],
  });
  expect(first).toMatchObject({
    mean_reciprocal_rank_at_25: 1,
    normalized_discounted_cumulative_gain_at_5: 1,
    precision_at_5: 0.2,
    precision_at_25: 0.04,
  });

  function topOfAll(): string {
    const most = Math.max(...model.support);
    return model.photoIds[model.support.indexOf(most)] as string;
  }
});
