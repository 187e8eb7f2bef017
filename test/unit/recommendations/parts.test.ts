import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, diversified, Owners } from '../../../lib/recommendations/diversity.ts';
import { easeOf } from '../../../lib/recommendations/ease.ts';
import { byPhoto, pairsOf } from '../../../lib/recommendations/interactions.ts';
import { closeness, neighboursOf, thinned } from '../../../lib/recommendations/neighbours.ts';
import { beta, hashOf, normal, randomFrom } from '../../../lib/recommendations/random.ts';
import { standardised } from '../../../lib/recommendations/score.ts';
import { cosinesOf, followersOf, supportOf, trendOf } from '../../../lib/recommendations/together.ts';
import { topOf } from '../../../lib/recommendations/top.ts';

const NOTHING = { photos: [], tags: [] };
const DAY = 86_400_000;

/** Views of photos by name, one after the other, a day apart. */
function viewsOf(histories: Record<string, string>) {
  const rows = Object.entries(histories).flatMap(([person, photos]) =>
    [...photos].map((photo, day) => ({ person, photo, time: (day + 1) * DAY })),
  );
  return pairsOf(
    {
      persons: rows.map(({ person }) => person),
      photos: rows.map(({ photo }) => photo),
      types: rows.map(() => 'view'),
      times: rows.map(({ time }) => time),
    },
    NOTHING,
  );
}

describe('topOf', () => {
  it('is the start of a sorted list, equal values by hash, without what is no number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double())),
        fc.nat(40),
        (values, count) => {
          const hashes = values.map((_, place) => hashOf(String(place)));
          const sorted = [...values.keys()]
            .filter((place) => Number.isFinite(values[place]))
            .sort(
              (a, b) =>
                Number((values[b] as number) > (values[a] as number)) -
                  Number((values[b] as number) < (values[a] as number)) ||
                (hashes[a] as number) - (hashes[b] as number),
            );
          expect(topOf(values, hashes, count)).toEqual(sorted.slice(0, count));
        },
      ),
    );
  });
});

describe('what people do together', () => {
  const pairs = viewsOf({ ann: 'abc', ben: 'ab', cem: 'ca', dee: 'd' });
  const turned = byPhoto(pairs);
  const place = (photo: string) => pairs.photoIds.indexOf(photo);

  it('is the cosine of columns', () => {
    const cosines = cosinesOf(pairs, turned, 10);
    expect(closeness(cosines, place('a'), place('b'))).toBeCloseTo(2 / Math.sqrt(3 * 2));
    expect(closeness(cosines, place('b'), place('c'))).toBeCloseTo(1 / 2);
    expect(closeness(cosines, place('a'), place('d'))).toBe(0);
  });

  it('has a direction: each step further counts less, and so do popular photos', () => {
    const followers = followersOf(pairs, turned, supportOf(pairs), 10);
    expect(closeness(followers, place('a'), place('b'))).toBeCloseTo(2 / Math.sqrt(2));
    expect(closeness(followers, place('a'), place('c'))).toBeCloseTo(0.9 / Math.sqrt(2));
    expect(closeness(followers, place('b'), place('a'))).toBe(0);
  });

  it('halves in fourteen days', () => {
    const trend = trendOf(viewsOf({ ann: 'abcdefghijklmno' }));
    expect((trend[0] as number) / (trend[14] as number)).toBeCloseTo(0.5);
  });

  it('reaches further back where so little is going on that the last visitor would make the trend', () => {
    const day = 86_400_000;
    const quiet = pairsOf(
      {
        persons: ['ann', 'ben', 'cem', 'dee', 'eve'],
        photos: ['liked', 'liked', 'liked', 'liked', 'last'],
        types: Array(5).fill('view'),
        times: [0, 100, 200, 300, 600].map((days) => 1.7e12 + days * day),
      },
      { photos: [], tags: [] },
    );
    const trend = trendOf(quiet);
    const of = (id: string) => trend[quiet.photoIds.indexOf(id)] as number;
    expect(of('liked')).toBeGreaterThan(of('last'));
  });

  it('keeps the longest rows of the photos that most know', () => {
    const hashes = Uint32Array.from({ length: 40 }, (_, photo) => hashOf(String(photo)));
    const support = Uint32Array.from({ length: 40 }, (_, photo) => (photo < 4 ? 100 : 1));
    const all = neighboursOf(
      hashes,
      40,
      (photo, row) => {
        for (let other = 0; other < 40; other += 1) row.add(other, 1 + ((photo * other) % 7));
      },
      (sum) => sum,
    );
    const cut = thinned(all, support, hashes, 200);
    expect(cut.photos.length).toBeLessThanOrEqual(200);
    expect(cut.photos.length).toBeGreaterThan(150);
    expect((cut.starts[1] as number) - (cut.starts[0] as number)).toBeGreaterThan(25);
    expect(thinned(all, support, hashes, all.photos.length)).toBe(all);
  });
});

describe('EASE', () => {
  it('foretells each photo from the others better than any other weights do', () => {
    const pairs = viewsOf({ ann: 'abc', ben: 'ab', cem: 'ca', dee: 'db', eve: 'acd' });
    const n = pairs.photoIds.length;
    const ease = easeOf(pairs, [0, 1, 2, 3], 2, n);
    const weights = Float64Array.from({ length: n * n }, (_, at) =>
      closeness(ease, Math.floor(at / n), at % n),
    );
    const loss = (b: Float64Array) => {
      let sum = 0;
      for (let person = 0; person + 1 < pairs.starts.length; person += 1) {
        const own = [...pairs.photos.subarray(pairs.starts[person], pairs.starts[person + 1])];
        for (let j = 0; j < n; j += 1) {
          const foretold = own.reduce((total, i) => total + (b[i * n + j] as number), 0);
          sum += (Number(own.includes(j)) - foretold) ** 2;
        }
      }
      return sum + 2 * b.reduce((total, value) => total + value * value, 0);
    };
    const least = loss(weights);
    fc.assert(
      fc.property(fc.nat(n - 1), fc.nat(n - 1), fc.constantFrom(-0.05, 0.05), (i, j, change) => {
        fc.pre(i !== j);
        const other = weights.slice();
        (other[i * n + j] as number) += change;
        expect(loss(other)).toBeGreaterThan(least);
      }),
    );
  });
});

describe('chance', () => {
  it('has the mean and spread that it should have', () => {
    const random = randomFrom(5);
    const draws = (draw: () => number) => Array.from({ length: 20_000 }, draw);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(draws(random))).toBeCloseTo(0.5, 2);
    expect(mean(draws(() => normal(random) ** 2))).toBeCloseTo(1, 1);
    expect(mean(draws(() => beta(1.5, 4, random)))).toBeCloseTo(1.5 / 5.5, 2);
    expect(mean(draws(() => beta(30, 10, random)))).toBeCloseTo(0.75, 2);
  });
});

describe('standardised', () => {
  it('has mean 0 and deviation 1, or says nothing where all is equal', () => {
    const scores = standardised(Float64Array.of(1, 2, 3, 10));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(0);
    expect(scores.reduce((sum, score) => sum + score * score, 0) / 4).toBeCloseTo(1);
    expect([...standardised(Float64Array.of(0.1, 0.1, 0.1))]).toEqual([0, 0, 0]);
    expect(standardised(new Float64Array(0))).toHaveLength(0);
  });
});

describe('diversified', () => {
  const candidate = (photoId: string, score: number, owner: number, ...tags: string[]): Candidate => ({
    photoId,
    score,
    owner,
    tags: new Set(tags),
  });
  const names = (list: readonly Candidate[]) => list.map(({ photoId }) => photoId).join('');

  it('takes something else after two of a kind, and the best first', () => {
    const list = [
      candidate('a', 10, 1, 'sea'),
      candidate('b', 9.9, 2, 'sea'),
      candidate('c', 9, 3, 'hill'),
      candidate('d', 0, 4, 'dune'),
    ];
    expect(names(diversified(list, 3, new Owners()))).toBe('acb');
  });

  it('leaves the order as it is where there are no tags, and has enough of an owner after two', () => {
    const list = [5, 4, 3, 2, 1].map((score) => candidate(String(score), score, score > 2 ? 7 : 0));
    expect(names(diversified(list, 5, new Owners()))).toBe('5421');
  });
});
