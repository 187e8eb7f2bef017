import { expect, test } from 'vitest';
import { train } from '../../../lib/recommendations/train.ts';
import { Histories } from '../../../offline/personalize/histories.ts';
import { trendingNow } from '../../../offline/personalize/trending.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 5, 1);
const model = train({ persons: ['p', 'q'], photos: ['old', 'old'], types: ['view', 'view'], times: [1, 2] });

/** Interactions with items, each so many hours ago. */
function historiesOf(
  ...rows: readonly (readonly [item: string, hoursAgo: number, count: number])[]
): Histories {
  const histories = new Histories();
  for (const [item, hoursAgo, count] of rows) {
    for (let user = 0; user < count; user += 1) {
      histories.add({ user: `${user}`, item, type: 'view', at: NOW - hoursAgo * HOUR });
    }
  }
  return histories;
}

const items = (histories: Histories, frequency?: string) =>
  trendingNow(
    model,
    histories,
    frequency === undefined
      ? undefined
      : { algorithmHyperParameters: { trend_discovery_frequency: frequency } },
    NOW,
  ).map(({ itemId }) => itemId);

test('goes by growth from one interval to the next, not by number', () => {
  expect(items(historiesOf(['many', 1.5, 50], ['many', 0.5, 51], ['few', 0.5, 3]))).toEqual([
    'few',
    'many',
    'old',
  ]);
});

test('what shrinks does not trend, and where nothing grows what is popular of late is left', () => {
  expect(items(historiesOf(['past', 1.5, 5], ['past', 0.5, 2]))).toEqual(['old']);
});

test('intervals are as long as the solution says', () => {
  const histories = historiesOf(['day', 20, 5], ['hour', 0.5, 3]);
  expect(items(histories, '1 day')).toEqual(['day', 'hour', 'old']);
  expect(items(histories, '30 minutes')).toEqual(['old']);
  expect(items(histories, '1 hour')).toEqual(['hour', 'old']);
});
