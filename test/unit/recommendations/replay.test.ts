import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../lib/clicks/rows.ts';
import { MEASURED } from '../../../lib/recommendations/choose.ts';
import type { Model } from '../../../lib/recommendations/model.ts';
import { randomFrom } from '../../../lib/recommendations/random.ts';
import { rank, recommend } from '../../../lib/recommendations/recommend.ts';
import { type ReplayPhoto, replay, type Variant } from '../../../lib/recommendations/replay.ts';
import { momentsOf, type ReplayEvent } from '../../../lib/recommendations/replay-moments.ts';
import type { Candidate, Metric } from '../../../lib/recommendations/replay-scores.ts';
import { train } from '../../../lib/recommendations/train.ts';
import { madeUpClicks } from '../../support/made-up-clicks.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const FROM = 100 * DAY;

const event = (photoId: string, type: string, at: number, more: Partial<ReplayEvent> = {}): ReplayEvent => ({
  person: 'anna',
  photoId,
  type,
  at,
  ...more,
});
const shown = (photoId: string, position: number, at: number, recommendationId = 'r1'): ReplayEvent =>
  event(photoId, 'impression', at, { recommendationId, position, surface: 'home' });
const meanOf = ({ tallies }: Candidate, metric: Metric): number => {
  const { sums, counts } = tallies[metric];
  return sums.reduce((sum, value) => sum + value, 0) / counts.reduce((sum, value) => sum + value, 0);
};
const countOf = ({ tallies }: Candidate, metric: Metric): number =>
  tallies[metric].counts.reduce((sum, value) => sum + value, 0);
const only = (events: readonly ReplayEvent[]) => [...momentsOf(events, FROM).values()].flat();

/** Twelve photos of two kinds, and people who like one kind or the other; the first of a kind most. */
const photos: ReplayPhoto[] = Array.from({ length: 12 }, (_, n) => ({
  photoId: `p${n}`,
  owner: `owner-${n}`,
  tags: [n % 2 ? 'hill' : 'sea'],
  createdAt: n * MINUTE,
}));
const before: ReplayEvent[] = Array.from({ length: 40 }, (_, n) =>
  photos
    .filter((_, at) => at % 2 === n % 2 && at / 2 < 1 + (n % 6))
    .map(({ photoId }, at) => event(photoId, 'like', (1 + n + at) * MINUTE, { person: `person-${n}` })),
).flat();
const model = train(
  {
    persons: before.map(({ person }) => person),
    photos: before.map(({ photoId }) => photoId),
    types: before.map(({ type }) => type),
    times: before.map(({ at }) => at),
  },
  {
    photos: photos.map(({ photoId }) => photoId),
    tags: photos.map(({ tags }) => tags),
    owners: photos.map(({ owner }) => owner ?? ''),
    createdAt: photos.map(({ createdAt }) => createdAt),
  },
  { choice: MEASURED },
);
const trained: Variant = { name: 'trained', model, explore: 0 };

describe('momentsOf', () => {
  it('makes answers of the impressions with one recommendationId, and what was done with them within a day', () => {
    const moments = only([
      shown('p2', 1, FROM + 5),
      shown('p1', 0, FROM),
      shown('p3', 0, FROM + 9, 'r2'),
      event('p1', 'view', FROM + MINUTE, { recommendationId: 'r1' }),
      event('p2', 'view', FROM + 2 * DAY, { recommendationId: 'r1' }),
      event('p3', 'dismiss', FROM + MINUTE, { recommendationId: 'r2' }),
      event('p9', 'view', FROM + MINUTE, { recommendationId: 'r1' }),
      event('p4', 'view', FROM + MINUTE, { recommendationId: 'r1', person: 'ben' }),
    ]);
    expect(moments).toMatchObject([
      {
        kind: 'answer',
        at: FROM,
        shown: new Map([
          ['p1', 0],
          ['p2', 1],
        ]),
        clicked: new Set(['p1']),
      },
      { kind: 'answer', at: FROM + 9, shown: new Map([['p3', 0]]), clicked: new Set() },
    ]);
  });

  it('leaves out what is similar to a photo, impressions without a place, and answers before the replay', () => {
    expect(
      only([
        { ...shown('p1', 0, FROM), surface: 'similar' },
        event('p1', 'impression', FROM, { recommendationId: 'r2' }),
        shown('p1', 0, FROM - 1, 'r3'),
        event('p1', 'view', FROM, { recommendationId: 'r3' }),
      ]),
    ).toEqual([]);
  });

  it('counts a click of the very moment of its impression', () => {
    const [answer] = only([event('p1', 'click', FROM, { recommendationId: 'r1' }), shown('p1', 0, FROM)]);
    expect(answer).toMatchObject({ clicked: new Set(['p1']) });
  });

  it('knows people as they were: nothing of the moment or later, no like that was taken back', () => {
    const [answer] = only([
      event('old', 'view', 1),
      event('liked', 'like', 2),
      event('liked', 'unlike', 3),
      event('nope', 'dismiss', 4),
      shown('p1', 0, FROM),
      event('now', 'view', FROM),
      event('later', 'view', FROM + 1),
    ]);
    expect(answer?.profile.map(({ photoId }) => photoId)).toEqual(['nope', 'old']);
    expect(answer?.dismissed).toEqual(['nope']);
  });

  it('asks for photos when they are found, if they come to be liked and stay so', () => {
    const questions = only([
      event('known', 'view', FROM - 1),
      event('known', 'like', FROM + 1),
      event('mine', 'upload', FROM),
      event('mine', 'like', FROM + 1),
      shown('p1', 1, FROM + 2),
      shown('found', 0, FROM + 3),
      event('found', 'view', FROM + 4),
      event('found', 'like', FROM + 9),
      event('regretted', 'like', FROM + 5),
      event('regretted', 'unlike', FROM + 6),
      event('at once', 'like', FROM + 2 * DAY),
    ]).filter(({ kind }) => kind === 'question');
    expect(questions).toMatchObject([
      { at: FROM + 4, target: 'found', lastShown: ['found', 'p1'] },
      { at: FROM + 2 * DAY, target: 'at once', lastShown: undefined },
    ]);
  });

  it('knows nothing of what comes after a moment, whatever comes', () => {
    const types = fc.constantFrom('view', 'like', 'unlike', 'dismiss', 'impression');
    const events = fc.array(
      fc
        .record({ photoId: fc.constantFrom('p1', 'p2', 'p3'), type: types, at: fc.nat(30) })
        .map(({ photoId, type, at }) =>
          type === 'impression' ? shown(photoId, 0, FROM + at, `r${at}`) : event(photoId, type, FROM + at),
        ),
      { maxLength: 40 },
    );
    const known = (moments: ReturnType<typeof only>) =>
      moments
        .filter(({ kind }) => kind === 'answer')
        .map(({ at, profile, dismissed }) => ({ at, profile, dismissed }));
    fc.assert(
      fc.property(events, fc.nat(30), (all, end) => {
        const cut = all.filter(({ at }) => at <= FROM + end);
        expect(known(only(cut))).toEqual(known(only(all)).filter(({ at }) => at <= FROM + end));
      }),
    );
  });
});

describe('replay', () => {
  const list = recommend(model, [], { limit: 4, explore: 0, now: FROM }).map(({ photoId }) => photoId);

  it('scores a variant that shows the same as what was shown, and one that shows it upside down', () => {
    const [, { photoId: second } = { photoId: '' }] = rank(model, [], list);
    const upside: Model = { ...model, trend: model.trend.map((value) => -value) };
    const events = [
      ...before,
      ...list.map((photoId, position) => shown(photoId, position, FROM)),
      event(second, 'view', FROM + MINUTE, { recommendationId: 'r1' }),
    ];
    const { asShown, variants, answers } = replay({
      events,
      photos,
      from: FROM,
      variants: [trained, { name: 'upside down', model: upside, explore: 0 }],
    });
    expect(answers).toBe(1);
    const [same, other] = variants as [Candidate, Candidate];
    for (const candidate of [asShown, same]) {
      expect(countOf(candidate, 'click-through')).toBe(4);
      expect(meanOf(candidate, 'click-through')).toBe(0.25);
      expect(candidate.coverage).toBe(4 / 12);
    }
    const place = list.indexOf(second);
    expect(meanOf(asShown, 'shown MRR')).toBe(1 / (place + 1));
    expect(meanOf(asShown, 'shown NDCG@10')).toBeCloseTo(1 / Math.log2(place + 2), 12);
    expect(meanOf(same, 'shown MRR')).toBe(1 / 2);
    expect(meanOf(same, 'shown NDCG@10')).toBeCloseTo(1 / Math.log2(3), 12);
    expect(countOf(other, 'click-through')).toBe(0);
    expect(meanOf(other, 'shown MRR')).toBe(1 / 3);
    expect(other.coverage).toBeGreaterThan(0);
  });

  it('judges an order of photos that were asked for by name by that order alone', () => {
    const events = [
      ...before,
      ...list.map((photoId, position) => ({ ...shown(photoId, position, FROM), surface: 'ranked' })),
      event(list[0] as string, 'view', FROM, { recommendationId: 'r1' }),
    ];
    const { asShown, variants } = replay({ events, photos, from: FROM, variants: [trained] });
    for (const candidate of [asShown, ...variants]) {
      expect(countOf(candidate, 'shown MRR')).toBe(1);
      expect(countOf(candidate, 'click-through')).toBe(0);
      expect(candidate.coverage).toBe(0);
    }
  });

  it('asks whether what somebody found and liked next was among the first', () => {
    const [first = '', second = ''] = list;
    const events = [
      ...before,
      shown(second, 0, FROM),
      event(second, 'like', FROM + MINUTE),
      event('unknown', 'like', FROM + 2 * DAY),
    ];
    const { asShown, variants, questions } = replay({ events, photos, from: FROM, variants: [trained] });
    expect(questions).toBe(2);
    expect(first).not.toBe(second);
    expect(meanOf(variants[0] as Candidate, 'next recall@20')).toBe(1 / 2);
    expect(meanOf(variants[0] as Candidate, 'next NDCG@10')).toBeCloseTo(1 / Math.log2(3) / 2, 12);
    expect(countOf(asShown, 'next recall@20')).toBe(1);
    expect(meanOf(asShown, 'next NDCG@10')).toBe(1);
  });

  it('shows nobody their own photos, what is gone, what they dismissed, and what is yet to come', () => {
    const events = [
      ...before.filter(({ person }) => person !== 'anna'),
      event('p2', 'dismiss', FROM - 1),
      shown('p4', 0, FROM + DAY),
      ...Array.from({ length: 19 }, (_, n) => shown(`x${n}`, n + 1, FROM + DAY)),
    ];
    const world: ReplayPhoto[] = [
      ...photos.map((photo) => (photo.photoId === 'p0' ? { ...photo, owner: 'anna' } : photo)),
      { photoId: 'young', tags: ['sea'], createdAt: FROM },
      { photoId: 'later', tags: ['sea'], createdAt: FROM + 2 * DAY },
      { photoId: 'short', tags: ['sea'], createdAt: FROM, goneAt: FROM + DAY },
    ].map((photo) => (photo.photoId === 'p1' ? { ...photo, goneAt: FROM } : photo));
    const { variants } = replay({
      events,
      photos: world,
      from: FROM,
      variants: [trained, { name: 'bold', model, explore: 1 }],
    });
    // All there are but p0, p1, p2, and of the newcomers the one that is there.
    const size = new Set([...world, ...events].map(({ photoId }) => photoId)).size;
    const [cautious, bold] = variants as [Candidate, Candidate];
    expect(cautious.coverage).toBe(9 / size);
    expect(bold.coverage).toBe(10 / size);
    expect(meanOf(cautious, 'newcomers')).toBe(0);
    expect(meanOf(bold, 'newcomers')).toBe(1 / 10);
  });

  it('estimates the click-through of a ranking from answers that were drawn by chance', () => {
    const random = randomFrom(5);
    const chance = (photoId: string) => 0.1 + 0.07 * Number(photoId.slice(1));
    const events: ReplayEvent[] = [...before];
    for (let answer = 0; answer < 3_000; answer += 1) {
      const person = `visitor-${answer}`;
      const order = photos.map(({ photoId }) => photoId);
      for (let last = order.length - 1; last > 0; last -= 1) {
        const other = Math.floor(random() * (last + 1));
        [order[last], order[other]] = [order[other] as string, order[last] as string];
      }
      for (const [position, photoId] of order.slice(0, 4).entries()) {
        const at = FROM + answer;
        events.push({ ...shown(photoId, position, at, `r${answer}`), person });
        if (random() < chance(photoId))
          events.push(event(photoId, 'click', at, { person, recommendationId: `r${answer}` }));
      }
    }
    const { asShown, variants } = replay({ events, photos, from: FROM, variants: [trained], most: 3_000 });
    const truth = list.reduce((sum, photoId) => sum + chance(photoId), 0) / 4;
    const matched = countOf(variants[0] as Candidate, 'click-through');
    expect(matched / countOf(asShown, 'click-through')).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(meanOf(variants[0] as Candidate, 'click-through') - truth)).toBeLessThan(
      3 * Math.sqrt((truth * (1 - truth)) / matched),
    );
    expect(Math.abs(meanOf(asShown, 'click-through') - truth)).toBeGreaterThan(
      3 * Math.sqrt((truth * (1 - truth)) / matched),
    );
  });

  describe('of a made-up clickstream whose answers were drawn by chance', () => {
    const records = madeUpClicks({ people: 100, photos: 150, events: 4_000, answers: 10, seed: 2 });
    const events = records.filter((record) => record.kind === 'interaction');
    const times = events.map(({ at }) => at).sort((a, b) => a - b);
    const from = times[Math.floor(times.length * 0.7)] as number;
    const rows = rowsOf(
      records.filter((record) => (record.kind === 'photo' ? record.createdAt : record.at) < from),
    );
    const world = {
      events,
      photos: records.filter((record) => record.kind === 'photo'),
      from,
      variants: [{ name: 'trained', model: train(rows.interactions, rows.items, { choice: MEASURED }) }],
    };

    it('finds that what was learnt ranks better', () => {
      const { asShown, variants, people } = replay({ ...world, most: 400 });
      expect(meanOf(variants[0] as Candidate, 'shown NDCG@10')).toBeGreaterThan(
        meanOf(asShown, 'shown NDCG@10') + 0.02,
      );
      expect(replay({ ...world, most: 20 }).people).toBeLessThan(people);
    });

    it('finds the same whatever the order of what was recorded', () => {
      const turned = { ...world, events: events.toReversed(), photos: world.photos.toReversed() };
      expect(replay({ ...turned, most: 100 })).toEqual(replay({ ...world, most: 100 }));
    });
  });

  it('replays nothing where nothing was recorded', () => {
    const { people, answers, variants } = replay({ events: [], photos: [], from: 0, variants: [trained] });
    expect([people, answers, variants.length]).toEqual([0, 0, 1]);
  });
});
