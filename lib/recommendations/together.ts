import type { ByPhoto, Pairs } from './interactions.ts';
import { type Neighbours, neighboursOf } from './neighbours.ts';

/** How many photos after one count as following it. */
export const WINDOW = 20;
/** How much less each step further counts. */
export const DECAY = 0.9;
/** 0 leaves popular photos their lead in what follows, 1 takes it away. */
const POPULARITY = 0.5;
/** How many days until an interaction counts half in what is trending. */
const TREND_HALF_LIFE_DAYS = 14;
const DAY = 86_400_000;

/**
 * What is trending: the strengths of a photo's pairs, each halved for every 14 days before the newest interaction. As
 * all halve alike, the order stays right until the next training.
 */
export function trendOf({ photoIds, photos, strengths, times, until }: Pairs): Float32Array {
  const trend = new Float64Array(photoIds.length);
  for (const [at, photo] of photos.entries()) {
    const days = (until - (times[at] as number)) / DAY;
    (trend[photo] as number) += (strengths[at] as number) * 2 ** (-days / TREND_HALF_LIFE_DAYS);
  }
  return Float32Array.from(trend);
}

/** How many people are tied to each photo. */
export function supportOf({ photoIds, photos }: Pairs): Uint32Array {
  const support = new Uint32Array(photoIds.length);
  for (const photo of photos) (support[photo] as number) += 1;
  return support;
}

/** Photos that the same people like: the cosine between the columns of two photos (Sarwar et al., 2001). */
export function cosinesOf(pairs: Pairs, turned: ByPhoto, most: number): Neighbours {
  const { hashes, starts, photos, strengths } = pairs;
  const norms = new Float64Array(hashes.length);
  for (const [at, photo] of photos.entries()) (norms[photo] as number) += (strengths[at] as number) ** 2;
  return neighboursOf(
    hashes,
    most,
    (photo, row) => {
      for (let own = turned.starts[photo] as number; own < (turned.starts[photo + 1] as number); own += 1) {
        const person = turned.persons[own] as number;
        const strength = strengths[turned.places[own] as number] as number;
        for (let at = starts[person] as number; at < (starts[person + 1] as number); at += 1) {
          row.add(photos[at] as number, strength * (strengths[at] as number));
        }
      }
    },
    (sum, photo, other) => sum / Math.sqrt((norms[photo] as number) * (norms[other] as number)),
  );
}

/**
 * What people went on to after a photo: the pairs that follow it within a window, each step counting less, divided by a
 * root of how many people know what followed. Directed: an album's second page follows its first.
 */
export function followersOf(pairs: Pairs, turned: ByPhoto, support: Uint32Array, most: number): Neighbours {
  const { hashes, starts, photos } = pairs;
  return neighboursOf(
    hashes,
    most,
    (photo, row) => {
      for (let own = turned.starts[photo] as number; own < (turned.starts[photo + 1] as number); own += 1) {
        const from = (turned.places[own] as number) + 1;
        const to = Math.min(from + WINDOW, starts[(turned.persons[own] as number) + 1] as number);
        for (let at = from; at < to; at += 1) row.add(photos[at] as number, DECAY ** (at - from));
      }
    },
    (sum, _, other) => sum / (support[other] as number) ** POPULARITY,
  );
}
