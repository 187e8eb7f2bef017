import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEASURED } from '../../../lib/recommendations/choose.ts';
import type { ProfileEvent } from '../../../lib/recommendations/profile.ts';
import { rank, recommend, similar } from '../../../lib/recommendations/recommend.ts';
import { train } from '../../../lib/recommendations/train.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';
import { profiles } from './profiles.ts';

const { interactions, items } = madeUpWorld({ people: 80, photos: 120, events: 1_500, seed: 3 });
const model = train(interactions, items, { choice: MEASURED });
const ownerOf = new Map(items.photos.map((id, row) => [id, items.owners?.[row]]));
const idsOf = (answer: readonly { photoId: string }[]) => answer.map(({ photoId }) => photoId);
const like = (photoId: string, at = model.until): ProfileEvent => ({ photoId, type: 'like', at });
const aPhoto = fc.constantFrom(...items.photos);

describe('recommend', () => {
  it('gives so many different photos with finite scores and true reasons, and none that may not appear', () => {
    fc.assert(
      fc.property(
        profiles(items.photos),
        fc.uniqueArray(aPhoto, { maxLength: 100 }),
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (profile, exclude, limit, explore, seed) => {
          const answer = recommend(model, profile, { limit, exclude, explore, seed });
          const seen = profile
            .filter(({ type }) => !['impression', '__proto__'].includes(type))
            .map(({ photoId }) => photoId);
          const open = items.photos.filter((id) => !exclude.includes(id) && !seen.includes(id));
          expect(new Set(idsOf(answer)).size).toBe(Math.min(limit, open.length));
          for (const { photoId, score, reason } of answer) {
            expect(open).toContain(photoId);
            expect(score).toSatisfy(Number.isFinite);
            if ('photoId' in reason) expect(seen).toContain(reason.photoId);
            if ('tag' in reason) expect(items.tags[items.photos.indexOf(photoId)]).toContain(reason.tag);
          }
        },
      ),
    );
  });

  it('is not put off by odd limits, times, shares and photos', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 1e9];
    for (const value of odd) {
      const answer = recommend(model, [like(items.photos[0] as string, value)], {
        limit: value,
        explore: value,
        now: value,
        seed: value,
        fresh: [{ photoId: 'odd', tags: [], createdAt: value, impressions: value, clicks: value }],
      });
      expect(answer.every(({ score }) => Number.isFinite(score))).toBe(true);
    }
  });

  it('moves with every like: what goes with the photo comes nearer to the top', () => {
    let moved = 0;
    for (const photo of items.photos.slice(0, 50)) {
      const before = idsOf(recommend(model, [], { limit: 200, explore: 0 }));
      const after = idsOf(recommend(model, [like(photo)], { limit: 200, explore: 0 }));
      expect(after).not.toContain(photo);
      if (
        after.slice(0, 20).join() !==
        before
          .filter((id) => id !== photo)
          .slice(0, 20)
          .join()
      )
        moved += 1;
      const near = idsOf(similar(model, photo, 5));
      const place = (list: string[]) => near.reduce((sum, id) => sum + list.indexOf(id), 0);
      expect(place(after)).toBeLessThanOrEqual(place(before) + near.length);
    }
    expect(moved).toBeGreaterThan(45);
  });

  it('keeps its answer when something else is shown, and takes dismissed photos and their like away', () => {
    const known = items.photos.slice(0, 6).map((id) => like(id));
    const answer = recommend(model, known, { explore: 0 });
    const shown = answer.map(({ photoId }) => ({ photoId, type: 'impression', at: model.until }));
    expect(recommend(model, [...known, ...shown], { explore: 0 })).toEqual(answer);
    const dismissed = (answer[0] as { photoId: string }).photoId;
    const after = recommend(model, [...known, { photoId: dismissed, type: 'dismiss', at: model.until }], {
      explore: 0,
    });
    expect(idsOf(after)).not.toContain(dismissed);
    const [near] = similar(model, dismissed, 1);
    const scoreOf = (list: ReturnType<typeof rank>) =>
      list.find(({ photoId }) => photoId === near?.photoId)?.score as number;
    expect(
      scoreOf(
        rank(model, [...known, { photoId: dismissed, type: 'dismiss', at: model.until }], items.photos),
      ),
    ).toBeLessThan(scoreOf(rank(model, known, items.photos)));
  });

  it('has no more than two photos of an owner while there are others', () => {
    fc.assert(
      fc.property(profiles(items.photos), fc.nat(), (profile, seed) => {
        const answer = recommend(model, profile, { limit: 10, seed });
        const counts = Map.groupBy(answer, ({ photoId }) => ownerOf.get(photoId));
        const open = items.photos.filter((id) => !profile.some(({ photoId }) => photoId === id));
        if (new Set(open.map((id) => ownerOf.get(id))).size < 8) return;
        for (const [, photos] of counts) expect(photos.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('shows somebody unknown what is trending, and says so', () => {
    const answer = recommend(model, [], { explore: 0, limit: 3 });
    expect(answer.every(({ reason }) => reason.code === 'trending')).toBe(true);
    const best = model.trend.indexOf(Math.max(...model.trend));
    expect(answer[0]?.photoId).toBe(model.photoIds[best]);
  });

  it('tries out young photos that nobody knows in some places, those first whose tags are liked', () => {
    const now = model.until;
    const fresh = Array.from({ length: 40 }, (_, number) => ({
      photoId: `fresh-${number}`,
      tags: [number % 2 === 0 ? 'kind-0' : 'kind-9', 'never-seen'],
      createdAt: now - number * 2 * 86_400_000,
    }));
    const liking = items.photos.filter((_, row) => items.tags[row]?.includes('kind-0')).slice(0, 5);
    const answers = Array.from({ length: 60 }, (_, seed) =>
      recommend(
        model,
        liking.map((id) => like(id)),
        { seed, fresh, exclude: model.photoIds.slice(60) },
      ),
    );
    const tried = answers.flatMap((answer) => answer.filter(({ photoId }) => photoId.startsWith('fresh-')));
    const numbers = tried.map(({ photoId }) => Number(photoId.slice(6)));
    expect(numbers.every((number) => number <= 15)).toBe(true);
    expect(numbers.filter((number) => number % 2 === 0).length).toBeGreaterThan(numbers.length * 0.6);
    expect(tried.some(({ reason }) => reason.code === 'tag' && reason.tag === 'kind-0')).toBe(true);
    for (const answer of answers) expect(answer[0]?.photoId.startsWith('fresh-')).toBe(false);
    const known = fresh.map((one) => ({ ...one, impressions: 400 }));
    expect(idsOf(recommend(model, [], { fresh: known })).some((id) => id.startsWith('fresh-'))).toBe(false);
    expect(idsOf(recommend(model, [], { fresh, explore: 0 })).some((id) => id.startsWith('fresh-'))).toBe(
      false,
    );
  });

  it('puts equal photos into an order that their number has no part in', () => {
    const names = Array.from({ length: 200 }, (_, number) => `photo-${String(number).padStart(3, '0')}`);
    const equal = train(
      { persons: [], photos: [], types: [], times: [] },
      { photos: names, tags: names.map(() => []) },
    );
    const places = idsOf(recommend(equal, [], { limit: 200 })).map((id) => names.indexOf(id));
    expect(places).toHaveLength(200);
    const firstHalf = places.slice(0, 100).filter((place) => place < 100).length;
    expect(firstHalf).toBeGreaterThan(30);
    expect(firstHalf).toBeLessThan(70);
  });
});

describe('rank', () => {
  it('keeps every photo once, those it knows by score, then the others as they came', () => {
    fc.assert(
      fc.property(profiles(items.photos), fc.array(fc.oneof(aPhoto, fc.string())), (profile, asked) => {
        const ranked = rank(model, profile, asked);
        const unknown = [...new Set(asked)].filter((id) => !items.photos.includes(id));
        expect(idsOf(ranked).toSorted()).toEqual([...new Set(asked)].sort());
        expect(idsOf(ranked.slice(ranked.length - unknown.length))).toEqual(unknown);
        const scores = ranked.flatMap(({ score }) => score ?? []);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        expect(scores).toHaveLength(ranked.length - unknown.length);
      }),
    );
  });
});

describe('similar', () => {
  it('finds photos of the same kind, never the photo itself, and nothing for what it does not know', () => {
    let same = 0;
    for (const [row, photo] of items.photos.entries()) {
      const near = idsOf(similar(model, photo, 5));
      expect(near).toHaveLength(5);
      expect(near).not.toContain(photo);
      same += near.filter((id) => items.tags[items.photos.indexOf(id)]?.[0] === items.tags[row]?.[0]).length;
    }
    expect(same / (5 * items.photos.length)).toBeGreaterThan(0.7);
    expect(similar(model, 'unknown', 5)).toEqual([]);
  });

  it('does not tell what else somebody saw who is the only one to have seen a photo, or one of two', () => {
    const secrets = items.photos.slice(0, 6);
    const tags = [...items.tags, ['odd']];
    const seenBy = (...people: string[]) => {
      const rows = people.flatMap((person) => [...secrets, 'bait'].map((photo) => ({ person, photo })));
      return train(
        {
          persons: [...interactions.persons, ...rows.map(({ person }) => person)],
          photos: [...interactions.photos, ...rows.map(({ photo }) => photo)],
          types: [...interactions.types, ...rows.map(() => 'like')],
          times: [...Array.from(interactions.times), ...rows.map((_, at) => model.until + at)],
        },
        { photos: [...items.photos, 'bait'], tags },
        { choice: MEASURED },
      );
    };
    for (const people of [['bob'], ['bob', 'eve']])
      expect(similar(seenBy(...people), 'bait', 20)).toEqual([]);
    const known = idsOf(similar(seenBy('bob', 'eve', 'ana'), 'bait', 6));
    expect(known.filter((id) => secrets.includes(id)).length).toBeGreaterThan(3);
  });
});
