import type { ByPhoto, Pairs } from './interactions.ts';
import { type Neighbours, neighboursOf } from './neighbours.ts';

/** How many photos after one count as following it. */
export const WINDOW = 20;
/** How much less each step further counts. */
export const DECAY = 0.9;
/** 0 leaves popular photos their lead in what follows, 1 takes it away. */
const POPULARITY = 0.5;
/** How many days until an interaction counts half in what is trending, where enough is going on. */
const TREND_HALF_LIFE_DAYS = 14;
/** What has to count together, or what trends is what the last few people happened to do. */
const ENOUGH_TRENDING = 2_000;
const DAY = 86_400_000;

/**
 * What is trending: the strengths of a photo's pairs, each halved for every 14 days before the newest interaction, or
 * for twice as long, and twice again, until two thousand count together or nearly all do. As all halve alike, the
 * order stays right until the next training.
 */
export function trendOf({ photoIds, photos, strengths, times, until }: Pairs): Float32Array {
  const days = Float64Array.from(times, (time) => (until - time) / DAY);
  const enough = Math.min(ENOUGH_TRENDING, photos.length / 2);
  let halfLife = TREND_HALF_LIFE_DAYS;
  while (countedBy(days, halfLife) < enough) halfLife *= 2;
  const trend = new Float64Array(photoIds.length);
  for (const [at, photo] of photos.entries()) {
    (trend[photo] as number) += (strengths[at] as number) * 2 ** (-(days[at] as number) / halfLife);
  }
  return Float32Array.from(trend);
}

/** How many interactions count, each as much as is left of it. */
function countedBy(days: Float64Array, halfLife: number): number {
  return days.reduce((sum, age) => sum + 2 ** (-age / halfLife), 0);
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
