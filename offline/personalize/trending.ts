import type { Model } from '../../lib/recommendations/model.ts';
import { hashOf } from '../../lib/recommendations/random.ts';
import { topOf } from '../../lib/recommendations/top.ts';
import type { Histories } from './histories.ts';
import { type Listed, sharesOf } from './lists.ts';
import type { SolutionConfig } from './resources.ts';

const MINUTE = 60_000;

/** Developer Guide, "Trending-Now recipe": how often trends are looked for, by its name there. */
const FREQUENCIES: Readonly<Record<string, number>> = {
  '30 minutes': 30 * MINUTE,
  '1 hour': 60 * MINUTE,
  '3 hours': 180 * MINUTE,
  '1 day': 1_440 * MINUTE,
};
const DEFAULT_FREQUENCY = '1 hour';

export function isFrequency(name: string): boolean {
  return Object.hasOwn(FREQUENCIES, name);
}

/**
 * Items whose interactions grew most from the interval before the last to the last one; then, as some list is wanted,
 * what is popular of late.
 */
export function trendingNow(
  model: Model,
  histories: Histories,
  config: SolutionConfig | undefined,
  now: number,
): Listed[] {
  const name = config?.algorithmHyperParameters?.trend_discovery_frequency ?? DEFAULT_FREQUENCY;
  const interval = FREQUENCIES[name] ?? (FREQUENCIES[DEFAULT_FREQUENCY] as number);
  const growth = new Map<string, number>();
  for (const { item, at } of histories.all()) {
    const age = Math.floor((now - at) / interval);
    if (age === 0 || age === 1) growth.set(item, (growth.get(item) ?? 0) + (age === 0 ? 1 : -1));
  }
  const growing = [...growth].filter(([, by]) => by > 0);
  const order = topOf(
    growing.map(([, by]) => by),
    growing.map(([item]) => hashOf(item)),
    growing.length,
  ).map((at) => growing[at] as [string, number]);
  const rest = topOf(model.trend, model.hashes, model.photoIds.length)
    .map((place) => model.photoIds[place] as string)
    .filter((item) => !order.some(([first]) => first === item));
  const itemIds = [...order.map(([item]) => item), ...rest];
  const share = sharesOf(itemIds.map((_, at) => -at / 10));
  return itemIds.map((itemId, at) => ({ itemId, score: share[at] as number }));
}
