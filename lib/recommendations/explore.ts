import { type Model, ownerNumber } from './model.ts';
import { beta, hashOf, randomFrom } from './random.ts';
import { tagMatch, tagsAt } from './tags.ts';
import { topOf } from './top.ts';

/** A photo that is younger than the model. */
export interface FreshPhoto {
  readonly photoId: string;
  readonly tags: readonly string[];
  readonly owner?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How often it was shown and how many did something with it, as far as that is known. */
  readonly impressions?: number;
  readonly clicks?: number;
}

/** How old a photo may be to be tried out. */
const MAX_AGE_DAYS = 30;
/** After so many impressions a photo is known well enough. */
const ENOUGH_IMPRESSIONS = 400;
/** What is believed of a photo that nobody was shown: about one in four looks at it. */
const PRIOR = { clicks: 1.5, skips: 4 };
/** A photo unlike all that somebody likes is tried out seldom, but tried out. */
const LEAST_MATCH = 0.05;
const DAY = 86_400_000;

/** A young photo that is tried out, and the tag for which it is shown to this person. */
export interface Tried {
  readonly photoId: string;
  readonly place: number | undefined;
  readonly score: number;
  readonly owner: number;
  readonly tags: ReadonlySet<string>;
  readonly tag: string | undefined;
}

/**
 * Young photos in the order in which to try them out, `count` at most: for each a chance to be liked is drawn from what
 * is known of it, Beta(1.5 + clicks, 4 + skips), times how well its tags match (Thompson sampling; Chapelle and Li,
 * 2011). So the less is known of a photo the more it is given a chance, and each of these chances ends: after 400
 * impressions or 30 days. The same seed draws the same.
 */
export function toTry(
  model: Model,
  liked: ReadonlyMap<number, number>,
  fresh: readonly FreshPhoto[],
  {
    isBlocked,
    now,
    seed,
    count,
  }: { isBlocked: (id: string) => boolean; now: number; seed: number; count: number },
): Tried[] {
  const young: { photoId: string; place: number | undefined; draw: number; tags: ArrayLike<number> }[] = [];
  const consider = (
    photoId: string,
    place: number | undefined,
    tags: ArrayLike<number>,
    { createdAt, impressions = 0, clicks = 0 }: Omit<FreshPhoto, 'photoId' | 'tags'>,
  ) => {
    const age = (now - createdAt) / DAY;
    if (!(age <= MAX_AGE_DAYS) || !(impressions < ENOUGH_IMPRESSIONS) || isBlocked(photoId)) return;
    const match = liked.size === 0 ? 1 : Math.max(LEAST_MATCH, tagMatch(model.tags, liked, tags));
    const chance = beta(
      PRIOR.clicks + atLeast0(clicks),
      PRIOR.skips + atLeast0(impressions - clicks),
      randomFrom(hashOf(photoId, seed)),
    );
    young.push({ photoId, place, draw: chance * match, tags });
  };
  for (let place = 0; place < model.createdAt.length; place += 1) {
    const seconds = model.createdAt[place] as number;
    if (seconds === 0 || now - seconds * 1_000 > MAX_AGE_DAYS * DAY) continue;
    consider(model.photoIds[place] as string, place, tagsAt(model.tags, place), {
      createdAt: seconds * 1_000,
      impressions: model.impressions[place] as number,
      clicks: model.clicks[place] as number,
    });
  }
  const tagPlaces =
    fresh.length === 0 ? undefined : new Map(model.tags.names.map((name, place) => [name, place]));
  const freshById = new Map(
    fresh.filter(({ photoId }) => !model.placeOf.has(photoId)).map((one) => [one.photoId, one]),
  );
  for (const one of freshById.values()) {
    consider(
      one.photoId,
      undefined,
      [...new Set(one.tags)].flatMap((tag) => tagPlaces?.get(tag) ?? []),
      one,
    );
  }
  const order = topOf(
    young.map(({ draw }) => draw),
    young.map(({ photoId }) => hashOf(photoId)),
    count,
  );
  return order.map((at) => {
    const { photoId, place, draw, tags } = young[at] as (typeof young)[number];
    const own = place === undefined ? freshById.get(photoId) : undefined;
    return {
      photoId,
      place,
      score: draw,
      owner: place === undefined ? ownerNumber(own?.owner) : (model.owners[place] as number),
      tags: new Set(own?.tags ?? Array.from(tags, (tag) => model.tags.names[tag] as string)),
      tag: likedTag(model, liked, tags),
    };
  });
}

/** The tag of a photo that somebody likes most, if they like any. */
export function likedTag(
  { tags: { names, rarity } }: Model,
  liked: ReadonlyMap<number, number>,
  list: ArrayLike<number>,
): string | undefined {
  let most = 0;
  let name: string | undefined;
  for (let at = 0; at < list.length; at += 1) {
    const tag = list[at] as number;
    const share = (liked.get(tag) ?? 0) * (rarity[tag] as number);
    if (share > most) [most, name] = [share, names[tag]];
  }
  return name;
}

function atLeast0(count: number): number {
  return count > 0 && Number.isFinite(count) ? count : 0;
}
