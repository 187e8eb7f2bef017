import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import type { InteractionRecord } from '../../../lib/clicks/click.ts';
import { creditsOf } from '../../../lib/clicks/credit.ts';
import { toRecommendationId } from '../../../lib/recommendations/attribution.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const day = 86_400_000;
const old = ulid(now - 40 * day);
const young = ulid(now - 2 * day);
const recommendationId = toRecommendationId({ source: 'built-in', arm: 'main', id: 'abc' });

const did = (over: Partial<InteractionRecord>): InteractionRecord => ({
  kind: 'interaction',
  id: 'i'.repeat(22),
  person: 'p'.repeat(22),
  session: 's'.repeat(22),
  type: 'impression',
  photoId: old,
  at: now,
  receivedAt: now,
  recommendationId,
  surface: 'home',
  ...over,
});

test('what people did is credited to the rung, surface and arm that showed it', () => {
  const credits = creditsOf([
    did({ position: 0 }),
    did({ position: 1, photoId: young }),
    did({ type: 'click', position: 1, photoId: young }),
    did({ type: 'like', position: 1, photoId: young }),
  ]);
  expect(credits).toEqual(
    expect.arrayContaining([
      {
        dimensions: { source: 'built-in', surface: 'home', arm: 'main' },
        counts: { Impressions: 2, NewcomerImpressions: 1, Clicks: 1, Likes: 1 },
      },
      { dimensions: { place: 'first' }, counts: { Impressions: 1 } },
      { dimensions: { place: 'second-third' }, counts: { Impressions: 1, Clicks: 1, Likes: 1 } },
    ]),
  );
});

test('what came by another way is nobody’s credit', () => {
  const { recommendationId: _, ...direct } = did({ type: 'view' });
  expect(creditsOf([direct, did({ recommendationId: 'made.up.id' }), did({ type: 'upload' })])).toEqual([]);
});

test('there are few combinations of dimensions, whatever clients send', () => {
  const surfaces = ['home', 'similar', 'ranked', 'other'] as const;
  const sources = ['personalize', 'last-list', 'built-in', 'trending', 'newest'] as const;
  const all = sources.flatMap((source) =>
    surfaces.flatMap((surface) =>
      (['main', 'hold-out'] as const).map((arm) =>
        did({ surface, recommendationId: toRecommendationId({ source, arm, id: 'x' }) }),
      ),
    ),
  );
  expect(creditsOf(all)).toHaveLength(40);
});
