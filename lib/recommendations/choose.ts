import { easeOf, headOf } from './ease.ts';
import { type FactorOptions, factorsOf, roundedFactors } from './factors.ts';
import { byPhoto, type Pairs } from './interactions.ts';
import { PARTS, type Part, type Recipe, type Recipes } from './model.ts';
import type { Taste } from './profile.ts';
import { randomFrom } from './random.ts';
import { partScores, recipeFor, type Scorer, standardised } from './score.ts';
import { cosinesOf, followersOf, supportOf, trendOf } from './together.ts';
import { topOf } from './top.ts';

/**
 * What a model is to be good at: what people do next, which is what an app asks; or any of what they did, which is
 * what a random split of a data set asks.
 */
export type Aim = 'next' | 'any';

/** What was chosen by trying it. */
export interface Choice {
  readonly recipes: Recipes;
  readonly easePenalty: number;
  readonly factors: Pick<FactorOptions, 'unobserved' | 'penalty'>;
}

/** Recipes as they were measured best on MovieLens 100K, where there is too little to choose by. */
export const MEASURED: Choice = {
  recipes: {
    few: { weights: { trending: 2, cosine: 1, sequence: 1, ease: 0, factors: 0 }, halfLife: null },
    some: { weights: { trending: 0.5, cosine: 1, sequence: 1, ease: 0, factors: 0 }, halfLife: null },
    many: { weights: { trending: 0, cosine: 0, sequence: 1, ease: 1, factors: 0 }, halfLife: 30 },
  },
  easePenalty: 350,
  factors: { unobserved: 0.3, penalty: 0.01 },
};

const EASE_PENALTIES = [350, 100, 1_000];
const FACTOR_PENALTIES = [
  { unobserved: 0.3, penalty: 0.01 },
  { unobserved: 0.1, penalty: 0.03 },
  { unobserved: 0.1, penalty: 0.003 },
  { unobserved: 0.01, penalty: 0.03 },
];
const WEIGHTS: Readonly<Record<Part, readonly number[]>> = {
  trending: [0, 0.25, 0.5, 1],
  cosine: [0, 0.5, 1],
  sequence: [0, 0.5, 1, 1.5],
  ease: [0, 0.5, 1],
  factors: [0, 0.5, 1],
};
const HALF_LIVES = [null, 30, 10, 3];

/** Choosing is done on a sample of people and on the head of the catalogue, so that it never takes minutes. */
const MAX_PAIRS = 150_000;
const MAX_PHOTOS = 5_000;
const MAX_HEAD = 1_700;
/** The product of how many people are asked and how many photos are ranked for each. */
const MAX_SCORES = 2_000_000;
/** Fewer people say nothing about a recipe. */
const ENOUGH_PEOPLE = 50;
/** A change must be better by this part, or it is chance. */
const BETTER = 1.005;
const NEIGHBOURS = 200;
const DIMENSIONS = 32;
const EPOCHS = 8;

/**
 * Chooses penalties and recipes by trying them: a part of each person's pairs is held out, the rest learnt from, and
 * what is held out ranked among all photos; the greatest NDCG at 10 wins. Recipes go one weight at a time.
 */
export function choose(pairs: Pairs, aim: Aim, seed: number): Choice {
  const { fit, heldOut } = split(sampled(pairs), aim);
  const asked = peopleToAsk(fit, heldOut);
  if (asked.length < ENOUGH_PEOPLE) return MEASURED;
  const turned = byPhoto(fit);
  const support = supportOf(fit);
  const head = headOf(support, fit.hashes, MAX_HEAD);
  const shared = {
    trend: trendOf(fit),
    cosines: cosinesOf(fit, turned, NEIGHBOURS),
    followers: followersOf(fit, turned, support, NEIGHBOURS),
  };
  const halfLife = aim === 'next' ? 30 : null;
  const alone = (part: Part, scorer: Pick<Scorer, 'ease' | 'factors'>) =>
    mean(
      asked.map((person) =>
        gainOf(person, partScores({ ...shared, ...scorer }, part, person.taste, halfLife), fit),
      ),
    );

  const noFactors = roundedFactors(new Float64Array(fit.photoIds.length), factorOptions(1, MEASURED.factors));
  const ease = best(
    EASE_PENALTIES.map((penalty) => ({ penalty, ease: easeOf(fit, head, penalty, head.length) })),
    ({ ease }) => alone('ease', { ease, factors: noFactors }),
  );
  const factors = best(
    FACTOR_PENALTIES.map((penalties) => {
      const options = factorOptions(DIMENSIONS, penalties);
      return { penalties, factors: roundedFactors(factorsOf(fit, turned, options, seed), options) };
    }),
    ({ factors }) => alone('factors', { ease: ease.ease, factors }),
  );
  const scorer = { ...shared, ease: ease.ease, factors: factors.factors };
  return {
    recipes: recipesFor(scorer, asked, fit),
    easePenalty: ease.penalty,
    factors: factors.penalties,
  };
}

function factorOptions(dimensions: number, penalties: Choice['factors']): FactorOptions {
  return { dimensions, epochs: EPOCHS, ...penalties };
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

/** Holds out the newest pair of each person, or one in five by hash. */
function split(pairs: Pairs, aim: Aim): { fit: Pairs; heldOut: number[][] } {
  const heldOut: number[][] = pairs.personHashes.length === 0 ? [] : Array.from(pairs.personHashes, () => []);
  const isHeldOut = (person: number, at: number) => {
    const length = (pairs.starts[person + 1] as number) - (pairs.starts[person] as number);
    if (length < 2) return false;
    if (aim === 'next') return at + 1 === pairs.starts[person + 1];
    const draw =
      (pairs.personHashes[person] as number) ^ (pairs.hashes[pairs.photos[at] as number] as number);
    return randomFrom(draw)() < 0.2;
  };
  const fit = picked(pairs, (person, at) => {
    const photo = pairs.photos[at] as number;
    if (!isHeldOut(person, at)) return photo;
    (heldOut[person] as number[]).push(photo);
    return undefined;
  });
  return { fit, heldOut };
}

interface Asked {
  readonly taste: Taste;
  readonly targets: ReadonlySet<number>;
}

function peopleToAsk(fit: Pairs, heldOut: readonly number[][]): Asked[] {
  const most = Math.max(ENOUGH_PEOPLE, Math.floor(MAX_SCORES / fit.photoIds.length));
  const asked: Asked[] = [];
  for (const person of topOf(fit.personHashes, fit.personHashes, fit.personHashes.length)) {
    if (asked.length === most) break;
    const [from, to] = [fit.starts[person], fit.starts[person + 1]];
    const targets = new Set(heldOut[person]);
    if (targets.size === 0 || from === to) continue;
    asked.push({
      targets,
      taste: {
        liked: [...fit.photos.subarray(from, to)].reverse(),
        likedWeights: [...fit.strengths.subarray(from, to)]
          .reverse()
          .map((strength) => Math.exp(strength - 1)),
        disliked: [],
        dislikedWeights: [],
        seen: new Set(),
      },
    });
  }
  return asked;
}

/** Binary NDCG at 10 of what is held out, among all photos that the person isn't tied to. Scores are used up. */
function gainOf({ taste, targets }: Asked, scores: Float64Array, { hashes }: Pairs): number {
  for (const photo of taste.liked) scores[photo] = Number.NaN;
  let [gain, ideal] = [0, 0];
  for (const [rank, photo] of topOf(scores, hashes, 10).entries()) {
    if (targets.has(photo)) gain += 1 / Math.log2(rank + 2);
  }
  for (let rank = 0; rank < Math.min(10, targets.size); rank += 1) ideal += 1 / Math.log2(rank + 2);
  return gain / ideal;
}

function recipesFor(scorer: Scorer, asked: readonly Asked[], fit: Pairs): Recipes {
  const { few, some, many } = MEASURED.recipes;
  const inReach = (recipe: Recipe) =>
    asked.filter(({ taste }) => recipeFor(MEASURED.recipes, taste.liked.length) === recipe);
  return {
    few,
    some: climbed(some, inReach(some), scorer, fit),
    many: climbed(many, inReach(many), scorer, fit),
  };
}

/** Changes one weight after the other, as long as it helps. */
function climbed(start: Recipe, asked: readonly Asked[], scorer: Scorer, fit: Pairs): Recipe {
  if (asked.length < ENOUGH_PEOPLE) return start;
  const parts = asked.map(({ taste }) => {
    const known = new Map<string, Float32Array>();
    return (part: Part, halfLife: number | null): Float32Array => {
      const key = part === 'trending' || part === 'sequence' ? part : `${part} ${halfLife}`;
      const scores =
        known.get(key) ?? Float32Array.from(standardised(partScores(scorer, part, taste, halfLife)));
      known.set(key, scores);
      return scores;
    };
  });
  const total = new Float64Array(fit.photoIds.length);
  const worth = ({ weights, halfLife }: Recipe) =>
    mean(
      asked.map((person, place) => {
        total.fill(0);
        for (const part of PARTS) {
          const weight = weights[part];
          if (weight === 0) continue;
          const scores = (parts[place] as (typeof parts)[number])(part, halfLife);
          for (let photo = 0; photo < total.length; photo += 1) {
            (total[photo] as number) += weight * (scores[photo] as number);
          }
        }
        return gainOf(person, total, fit);
      }),
    );
  let recipe = start;
  let gain = worth(recipe);
  for (let round = 0; round < 2; round += 1) {
    const before = gain;
    const changes = [
      ...PARTS.flatMap((part) =>
        WEIGHTS[part].map((weight) => (from: Recipe) => ({
          ...from,
          weights: { ...from.weights, [part]: weight },
        })),
      ),
      ...HALF_LIVES.map((halfLife) => (from: Recipe) => ({ ...from, halfLife })),
    ];
    for (const change of changes) {
      const tried = change(recipe);
      const triedGain = worth(tried);
      if (triedGain <= gain * BETTER) continue;
      recipe = tried;
      gain = triedGain;
    }
    if (gain === before) break;
  }
  return recipe;
}

function best<T>(tried: readonly T[], worth: (one: T) => number): T {
  const worths = tried.map(worth);
  return tried[worths.indexOf(Math.max(...worths))] as T;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
