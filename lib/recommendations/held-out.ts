import type { Pairs } from './interactions.ts';
import type { Taste } from './profile.ts';
import { randomFrom } from './random.ts';
import { supportOf } from './together.ts';
import { topOf } from './top.ts';

/**
 * What a model is to be good at: what people do next, which is what an app asks; or any of what they did, which is
 * what a random split of a data set asks.
 */
export type Aim = 'next' | 'any';

/** Choosing is done on a sample of people and on the head of the catalogue, so that it never takes minutes. */
const MAX_PAIRS = 150_000;
const MAX_PHOTOS = 5_000;
/** The product of how many people are asked and how many photos are ranked for each. */
const MAX_SCORES = 2_000_000;
/** But so many people in any case. */
const LEAST_ASKED = 50;
/** One person in so many is kept out of the learning whole, to stand for those who are new. */
const NEWCOMERS = 1 / 6;
/** After how many photos newcomers are asked, and for how many next ones. */
const KNOWN = { few: [1, 2], some: [5, 10, 20] } as const;
const NEXT = 20;

/** Somebody who is asked: their taste as far as it is told, and what they like besides. */
export interface Asked {
  readonly taste: Taste;
  readonly targets: ReadonlySet<number>;
}

/** What may be learnt from, and whom to ask about the rest. */
export interface HeldOut {
  readonly fit: Pairs;
  /** People of whom all but a part was learnt. */
  readonly asked: readonly Asked[];
  /** People of whom nothing was learnt, after 1 or 2 photos and after some. */
  readonly newcomers: { readonly few: readonly Asked[]; readonly some: readonly Asked[] };
}

/**
 * Holds out a part of a sample: each person's newest pair, or one in five by hash; and to learn what people do next,
 * one person in six.
 */
export function heldOutFrom(all: Pairs, aim: Aim): HeldOut {
  const pairs = sampled(all);
  const rowOf = (person: number) =>
    [pairs.starts[person] as number, pairs.starts[person + 1] as number] as const;
  const isNew = (person: number) =>
    aim === 'next' && randomFrom(pairs.personHashes[person] as number)() < NEWCOMERS;
  const isHeldOut = (person: number, at: number) => {
    const [from, to] = rowOf(person);
    if (isNew(person)) return true;
    if (to - from < 2) return false;
    if (aim === 'next') return at + 1 === to;
    const draw =
      (pairs.personHashes[person] as number) ^ (pairs.hashes[pairs.photos[at] as number] as number);
    return randomFrom(draw)() < 0.2;
  };
  const fit = picked(pairs, (person, at) => (isHeldOut(person, at) ? undefined : pairs.photos[at]));

  const most = Math.max(LEAST_ASKED, Math.floor(MAX_SCORES / Math.max(1, pairs.photoIds.length)));
  const people = topOf(pairs.personHashes, pairs.personHashes, pairs.personHashes.length);
  const asked: Asked[] = [];
  const newcomers = { few: [] as Asked[], some: [] as Asked[] };
  for (const person of people) {
    const [from, to] = rowOf(person);
    if (isNew(person)) {
      for (const group of ['few', 'some'] as const) {
        for (const known of KNOWN[group]) {
          if (from + known >= to || newcomers[group].length >= most) continue;
          const next = pairs.photos.subarray(from + known, Math.min(from + known + NEXT, to));
          newcomers[group].push(askedOf(pairs, from, from + known, next));
        }
      }
      continue;
    }
    const places = Array.from({ length: to - from }, (_, place) => from + place);
    const targets = places.filter((at) => isHeldOut(person, at)).map((at) => pairs.photos[at] as number);
    const [start, end] = [fit.starts[person] as number, fit.starts[person + 1] as number];
    if (targets.length > 0 && start < end && asked.length < most)
      asked.push(askedOf(fit, start, end, targets));
  }
  return { fit, asked, newcomers };
}

function askedOf({ photos, strengths }: Pairs, from: number, to: number, targets: Iterable<number>): Asked {
  return {
    targets: new Set(targets),
    taste: {
      liked: [...photos.subarray(from, to)].reverse(),
      likedWeights: [...strengths.subarray(from, to)].reverse().map((strength) => Math.exp(strength - 1)),
      disliked: [],
      dislikedWeights: [],
      seen: new Set(),
    },
  };
}

/** People drawn by hash, and the photos that most of all are tied to. */
function sampled(pairs: Pairs): Pairs {
  const photos = topOf(supportOf(pairs), pairs.hashes, MAX_PHOTOS).sort((a, b) => a - b);
  const people = topOf(pairs.personHashes, pairs.personHashes, pairs.personHashes.length);
  const drawn = new Set<number>();
  let count = 0;
  for (const person of people) {
    count += (pairs.starts[person + 1] as number) - (pairs.starts[person] as number);
    if (count > MAX_PAIRS && drawn.size > 0) break;
    drawn.add(person);
  }
  const places = new Map(photos.map((photo, place) => [photo, place]));
  return {
    ...picked(pairs, (person, at) =>
      drawn.has(person) ? places.get(pairs.photos[at] as number) : undefined,
    ),
    photoIds: photos.map((photo) => pairs.photoIds[photo] as string),
    hashes: Uint32Array.from(photos, (photo) => pairs.hashes[photo] as number),
  };
}

/** The pairs that `place` keeps, with the place that it gives to their photo. */
function picked(pairs: Pairs, place: (person: number, at: number) => number | undefined): Pairs {
  const starts = new Uint32Array(pairs.starts.length);
  const photos: number[] = [];
  const kept: number[] = [];
  for (let person = 0; person + 1 < starts.length; person += 1) {
    for (let at = pairs.starts[person] as number; at < (pairs.starts[person + 1] as number); at += 1) {
      const photo = place(person, at);
      if (photo === undefined) continue;
      photos.push(photo);
      kept.push(at);
    }
    starts[person + 1] = kept.length;
  }
  return {
    ...pairs,
    starts,
    photos: Uint32Array.from(photos),
    strengths: Float32Array.from(kept, (at) => pairs.strengths[at] as number),
    times: Float64Array.from(kept, (at) => pairs.times[at] as number),
  };
}

/** Binary NDCG at 10 of what is held out, among all photos that the person isn't tied to. Scores are used up. */
export function gainOf({ taste, targets }: Asked, scores: Float64Array, { hashes }: Pairs): number {
  for (const photo of taste.liked) scores[photo] = Number.NaN;
  let [gain, ideal] = [0, 0];
  for (const [rank, photo] of topOf(scores, hashes, 10).entries()) {
    if (targets.has(photo)) gain += 1 / Math.log2(rank + 2);
  }
  for (let rank = 0; rank < Math.min(10, targets.size); rank += 1) ideal += 1 / Math.log2(rank + 2);
  return gain / ideal;
}
