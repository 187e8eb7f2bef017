import { invalid } from './errors.ts';
import type { Allows } from './filtering.ts';
import type { Listed } from './lists.ts';
import type { Recommendations } from './runtime-input.ts';
import type { World } from './world.ts';

type Promotion = NonNullable<Recommendations['promotions']>[number];

/**
 * A list of which a share is promoted: the best of what both the promotion's filter and the request's let through, at
 * places of chance, in order among themselves. Where there are too few of them, the others fill their places.
 * @throws ServiceError InvalidInputException for a promotion without a filter or share
 */
export function promoted(
  { context }: World,
  { name, filterArn, percentPromotedItems }: Promotion,
  numResults: number,
  list: (limit: number, allows: Allows) => Listed[],
  allows: Allows,
  isPromoted: Allows,
): Listed[] {
  if (filterArn === undefined || percentPromotedItems === undefined) {
    throw invalid('A promotion needs a filterArn and percentPromotedItems.');
  }
  const count = Math.round((numResults * percentPromotedItems) / 100);
  const chosen = list(count, (itemId) => allows(itemId) && isPromoted(itemId));
  const has = new Set(chosen.map(({ itemId }) => itemId));
  const others = list(numResults - chosen.length, (itemId) => allows(itemId) && !has.has(itemId));
  const promotedItems = chosen.map(({ reason: _, ...item }) => ({
    ...item,
    ...(name !== undefined && { promotionName: name }),
    reason: ['Promoted item'],
  }));
  const places = drawn(promotedItems.length, promotedItems.length + others.length, (below) =>
    context.random.integer(below),
  );
  return Array.from({ length: promotedItems.length + others.length }, (_, place) =>
    places.has(place) ? promotedItems.shift() : others.shift(),
  ) as Listed[];
}

/** So many places of all, each as likely as any other. */
function drawn(count: number, all: number, below: (limit: number) => number): ReadonlySet<number> {
  const places = Array.from({ length: all }, (_, place) => place);
  for (let at = 0; at < count; at += 1) {
    const other = at + below(all - at);
    [places[at], places[other]] = [places[other] as number, places[at] as number];
  }
  return new Set(places.slice(0, count));
}
