import { easeOf, headOf } from './ease.ts';
import { type FactorOptions, factorsOf, roundedFactors } from './factors.ts';
import { byPhoto, type Pairs } from './interactions.ts';
import type { Scorer } from './score.ts';
import { foretellPoints, type Tags } from './tags.ts';
import { cosinesOf, followersOf, supportOf, trendOf } from './together.ts';

/** What is to be learnt, and how. */
export interface LearnOptions {
  readonly factors: FactorOptions;
  readonly easePenalty: number;
  /** How many of the photos that most people are tied to EASE learns from. */
  readonly headSize: number;
  /** How many neighbours a photo keeps of the cosines and followers, and of EASE. */
  readonly neighbours: number;
  readonly easeNeighbours: number;
  readonly seed: number;
}

/** Learns all parts of a score from pairs; photos that nobody is tied to get a point from their tags. */
export function learn(pairs: Pairs, tags: Tags, options: LearnOptions): Scorer {
  const turned = byPhoto(pairs);
  const support = supportOf(pairs);
  const points = factorsOf(pairs, turned, options.factors, options.seed);
  foretellPoints(points, options.factors.dimensions, support, tags);
  const head = headOf(support, pairs.hashes, options.headSize);
  return {
    trend: trendOf(pairs),
    cosines: cosinesOf(pairs, turned, options.neighbours),
    followers: followersOf(pairs, turned, support, options.neighbours),
    ease: easeOf(pairs, head, options.easePenalty, options.easeNeighbours),
    factors: roundedFactors(points, options.factors),
  };
}
