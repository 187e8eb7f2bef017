import type { Items } from './interactions.ts';
import { inverseOf } from './inverse.ts';
import { hashOf } from './random.ts';
import { topOf } from './top.ts';

/** So many tags at most are told apart; rarer ones are left out. */
const MAX_TAGS = 20_000;
/** So many at most are learnt from; the time grows with the cube. */
const MAX_LEARNT = 500;
/** A photo that fewer people are tied to says little about its tags. */
const ENOUGH_PEOPLE = 2;
const RIDGE = 1;

/** Which photo has which tags: rows in compressed sparse form. */
export interface Tags {
  readonly names: readonly string[];
  /** By tag: how much it says, the rarer the more. */
  readonly rarity: Float32Array;
  readonly starts: Uint32Array;
  readonly tags: Uint16Array;
}

/** The tags of photos by their place in `photoIds`; those without a row in `items` have none. */
export function tagsOf(photoIds: readonly string[], items: Items): Tags {
  const rowOf = new Map(items.photos.map((id, row) => [id, row]));
  const own = photoIds.map((id) => {
    const row = rowOf.get(id);
    return row === undefined ? [] : [...new Set(items.tags[row] ?? [])];
  });
  const counts = new Map<string, number>();
  for (const tag of own.flat()) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const all = [...counts.keys()];
  const names = topOf(
    all.map((tag) => counts.get(tag) as number),
    all.map((tag) => hashOf(tag)),
    MAX_TAGS,
  ).map((place) => all[place] as string);
  const places = new Map(names.map((name, place) => [name, place]));
  const starts = new Uint32Array(photoIds.length + 1);
  const tags: number[] = [];
  for (const [photo, list] of own.entries()) {
    tags.push(...list.flatMap((tag) => places.get(tag) ?? []).sort((a, b) => a - b));
    starts[photo + 1] = tags.length;
  }
  const rarity = Float32Array.from(names, (name) =>
    Math.log(1 + photoIds.length / (counts.get(name) as number)),
  );
  return { names, rarity, starts, tags: Uint16Array.from(tags) };
}

/** A photo's tags, by place in `names`. */
export function tagsAt({ starts, tags }: Tags, photo: number): Uint16Array {
  return tags.subarray(starts[photo], starts[photo + 1]);
}

/** The length of a list of tags as a vector of their rarities. */
function lengthOf({ rarity }: Tags, list: ArrayLike<number>): number {
  let squares = 0;
  for (let at = 0; at < list.length; at += 1) squares += (rarity[list[at] as number] as number) ** 2;
  return Math.sqrt(squares);
}

/** What somebody likes, by tag: the weighted sum of their photos' tag vectors (tf-idf, each of length 1). */
export function likedTags(
  tags: Tags,
  photos: readonly number[],
  weights: readonly number[],
): Map<number, number> {
  const liked = new Map<number, number>();
  for (const [place, photo] of photos.entries()) {
    const own = tagsAt(tags, photo);
    const length = lengthOf(tags, own);
    for (const tag of own) {
      const share = ((weights[place] as number) * (tags.rarity[tag] as number)) / length;
      liked.set(tag, (liked.get(tag) ?? 0) + share);
    }
  }
  const length = Math.hypot(...liked.values());
  if (length > 0) for (const [tag, value] of liked) liked.set(tag, value / length);
  return liked;
}

/** How well tags meet what somebody likes: the cosine of both, from -1 to 1. */
export function tagMatch(tags: Tags, liked: ReadonlyMap<number, number>, list: ArrayLike<number>): number {
  const length = lengthOf(tags, list);
  if (length === 0 || liked.size === 0) return 0;
  let sum = 0;
  for (let at = 0; at < list.length; at += 1) {
    const tag = list[at] as number;
    sum += (liked.get(tag) ?? 0) * (tags.rarity[tag] as number);
  }
  return sum / length;
}

/**
 * Gives photos that nobody is tied to yet the point that their tags foretell: ridge regression from the tags of known
 * photos to their points, so that a new photo is shown to those who like its kind. `points` is written in place.
 */
export function foretellPoints(
  points: Float64Array,
  dimensions: number,
  support: Uint32Array,
  tags: Tags,
): void {
  const learnt = Math.min(tags.names.length, MAX_LEARNT);
  if (learnt === 0) return;
  const vector = (photo: number) => {
    const own = tagsAt(tags, photo).filter((tag) => tag < learnt);
    const length = lengthOf(tags, own);
    return [...own].map((tag) => ({ tag, value: (tags.rarity[tag] as number) / length }));
  };
  const square = new Float64Array(learnt * learnt);
  const target = new Float64Array(learnt * dimensions);
  for (let tag = 0; tag < learnt; tag += 1) square[tag * learnt + tag] = RIDGE;
  for (let photo = 0; photo < support.length; photo += 1) {
    if ((support[photo] as number) < ENOUGH_PEOPLE) continue;
    const own = vector(photo);
    for (const { tag, value } of own) {
      for (const other of own) (square[tag * learnt + other.tag] as number) += value * other.value;
      for (let k = 0; k < dimensions; k += 1) {
        (target[tag * dimensions + k] as number) += value * (points[photo * dimensions + k] as number);
      }
    }
  }
  const inverse = inverseOf(square, learnt);
  const map = new Float64Array(learnt * dimensions);
  for (let tag = 0; tag < learnt; tag += 1) {
    for (let other = 0; other < learnt; other += 1) {
      const weight = inverse[tag * learnt + other] as number;
      for (let k = 0; k < dimensions; k += 1) {
        (map[tag * dimensions + k] as number) += weight * (target[other * dimensions + k] as number);
      }
    }
  }
  for (let photo = 0; photo < support.length; photo += 1) {
    if ((support[photo] as number) > 0) continue;
    for (const { tag, value } of vector(photo)) {
      for (let k = 0; k < dimensions; k += 1) {
        (points[photo * dimensions + k] as number) += value * (map[tag * dimensions + k] as number);
      }
    }
  }
}
