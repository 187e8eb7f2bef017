import { describe, expect, it } from 'vitest';
import { lastLeftOut, newPeople, randomSplit, unseenPhotos } from '../../../bench/recommend/protocols.ts';
import { CONTESTANTS, FOR_UNSEEN, tried } from '../../../bench/recommend/quality.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';

const { interactions, items } = madeUpWorld({ people: 160, photos: 240, events: 4_000, seed: 11 });
const ratings = interactions.persons.map((person, row) => ({
  person,
  photo: interactions.photos[row] as string,
  time: interactions.times[row] as number,
}));
const once = [...new Map(ratings.map((one) => [`${one.person} ${one.photo}`, one])).values()];

/** Busy machines take their time for learning by trying. */
const PATIENCE = 60_000;

/** NDCG at 10 within what another processor's rounding may change. */
const expectNear = (ndcg10: number | undefined, golden: number) =>
  expect(Math.abs((ndcg10 ?? Number.NaN) - golden)).toBeLessThan(0.02);

describe('what the recommender foretells in a made-up world', { timeout: PATIENCE }, () => {
  it('is what people go on to, far better than what is popular and than each part alone', () => {
    const { qualities } = tried(lastLeftOut(once), CONTESTANTS, 1);
    expectNear(qualities.get('serving')?.ndcg10, 0.415);
    expectNear(qualities.get('sequence')?.ndcg10, 0.403);
    expectNear(qualities.get('ease')?.ndcg10, 0.352);
    expectNear(qualities.get('cosine')?.ndcg10, 0.308);
    expectNear(qualities.get('factors')?.ndcg10, 0.304);
    expectNear(qualities.get('trending')?.ndcg10, 0.09);
    expectNear(qualities.get('popularity')?.ndcg10, 0.075);
  });

  it('is any of what they did, if it is to be good at that', () => {
    const { qualities } = tried(randomSplit(once, 1), CONTESTANTS, 1);
    expectNear(qualities.get('serving')?.ndcg10, 0.388);
    expectNear(qualities.get('popularity')?.ndcg10, 0.058);
  });

  it('is better for new people after each few events', () => {
    for (const [events, golden] of [
      [0, 0.14],
      [1, 0.26],
      [5, 0.33],
      [20, 0.47],
    ] as const) {
      expectNear(tried(newPeople(once, 1, events), CONTESTANTS, 1).qualities.get('serving')?.ndcg10, golden);
    }
  });

  it('is who likes photos that nobody has seen, by their tags', () => {
    const trial = unseenPhotos(once, 1);
    const { qualities } = tried(trial, FOR_UNSEEN, 1, items, trial.unseen);
    expectNear(qualities.get('serving')?.ndcg10, 0.675);
    expectNear(qualities.get('by hash')?.ndcg10, 0.108);
  });
});
