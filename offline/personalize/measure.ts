import type { Interactions } from '../../lib/recommendations/interactions.ts';
import type { Model } from '../../lib/recommendations/model.ts';
import type { Profile, ProfileEvent } from '../../lib/recommendations/profile.ts';
import { hashOf } from '../../lib/recommendations/random.ts';
import { forUser, type Listed, likeItem, popular } from './lists.ts';

/** One in so many people is asked, and of their photos the newest one in so many is held out. */
const PART = 10;
/** How many people are asked at most: a sample of so many tells quality well enough, and training stays short. */
const MOST_ASKED = 1_000;
const DEEPEST = 25;

/** Somebody of whom the newest was held out. */
interface Asked {
  readonly profile: Profile;
  readonly targets: ReadonlySet<string>;
}

export interface Examination {
  /** The interactions without what was held out. */
  readonly rest: Interactions;
  readonly asked: readonly Asked[];
}

/**
 * Holds out the newest tenth of the photos of a tenth of the people, of each at least one, with all that they did with
 * them: lists show nobody again what they know, so that what was only done again could not be foretold.
 */
export function examinationOf(interactions: Interactions): Examination {
  const rows = new Map<string, number[]>();
  for (const [row, person] of interactions.persons.entries()) {
    if (interactions.types[row] === 'impression') continue;
    const own = rows.get(person);
    if (own) own.push(row);
    else rows.set(person, [row]);
  }
  const drawn = [...rows]
    .filter(([person]) => hashOf(person, 1) % PART === 0)
    .map(([person, own]) => ({ person, own, photos: photosOf(interactions, own) }))
    .filter(({ photos }) => photos.length > 1)
    .sort((one, other) => hashOf(one.person) - hashOf(other.person))
    .slice(0, MOST_ASKED);
  const heldOut = new Set<number>();
  const asked = drawn.map(({ own, photos }) => {
    const targets = new Set(photos.slice(photos.length - Math.ceil(photos.length / PART)));
    const isTarget = (row: number) => targets.has(interactions.photos[row] as string);
    for (const row of own) if (isTarget(row)) heldOut.add(row);
    return { profile: own.filter((row) => !isTarget(row)).map((row) => eventAt(interactions, row)), targets };
  });
  return { rest: without(interactions, heldOut), asked };
}

/** The photos of these rows, the one that something was done with last at the end. The rows are put into that order. */
function photosOf({ times, photos }: Interactions, rows: number[]): string[] {
  rows.sort(
    (a, b) =>
      (times[a] as number) - (times[b] as number) ||
      hashOf(photos[a] as string) - hashOf(photos[b] as string),
  );
  return [...new Set(rows.map((row) => photos[row] as string).reverse())].reverse();
}

/** GetSolutionMetrics: how well lists of the recipe foretell what was held out, by the names of the API. */
export function metricsOf(
  recipe: string,
  model: Model,
  { asked }: Examination,
): Readonly<Record<string, number>> {
  const lists = asked.map(({ profile }) => listFor(recipe, model, profile).map(({ itemId }) => itemId));
  const mean = (worth: (list: readonly string[], targets: ReadonlySet<string>) => number) =>
    asked.reduce((sum, { targets }, at) => sum + worth(lists[at] as string[], targets), 0) /
    Math.max(1, asked.length);
  return {
    coverage: new Set(lists.flat()).size / Math.max(1, model.photoIds.length),
    mean_reciprocal_rank_at_25: mean((list, targets) => {
      const rank = list.findIndex((item) => targets.has(item));
      return rank < 0 ? 0 : 1 / (rank + 1);
    }),
    ...Object.fromEntries(
      [5, 10, 25].flatMap((depth) => [
        [
          `normalized_discounted_cumulative_gain_at_${depth}`,
          mean((list, targets) => gainOf(list.slice(0, depth), targets)),
        ],
        [
          `precision_at_${depth}`,
          mean((list, targets) => list.slice(0, depth).filter((item) => targets.has(item)).length / depth),
        ],
      ]),
    ),
  };
}

function listFor(recipe: string, model: Model, profile: Profile): Listed[] {
  switch (recipe) {
    case 'popularity-count':
    case 'trending-now':
      return popular(model, DEEPEST);
    case 'similar-items':
      return likeItem(model, profile.at(-1)?.photoId ?? '', DEEPEST);
    default:
      return forUser(model, profile, { limit: DEEPEST, explore: 0, now: model.until });
  }
}

function gainOf(list: readonly string[], targets: ReadonlySet<string>): number {
  let [gain, ideal] = [0, 0];
  for (const [rank, item] of list.entries()) if (targets.has(item)) gain += 1 / Math.log2(rank + 2);
  for (let rank = 0; rank < Math.min(list.length, targets.size); rank += 1) ideal += 1 / Math.log2(rank + 2);
  return ideal === 0 ? 0 : gain / ideal;
}

function eventAt({ photos, types, times, values }: Interactions, row: number): ProfileEvent {
  const value = values?.[row];
  return {
    photoId: photos[row] as string,
    type: types[row] as string,
    at: times[row] as number,
    ...(value !== undefined && !Number.isNaN(value) && { value }),
  };
}

function without(interactions: Interactions, heldOut: ReadonlySet<number>): Interactions {
  const stays = (_: unknown, row: number) => !heldOut.has(row);
  const { persons, photos, types, times, values } = interactions;
  return {
    persons: persons.filter(stays),
    photos: photos.filter(stays),
    types: types.filter(stays),
    times: Array.from(times).filter(stays),
    ...(values && { values: Array.from(values).filter(stays) }),
  };
}
