import { easeOf, headOf } from './ease.ts';
import { type FactorOptions, factorsOf, roundedFactors } from './factors.ts';
import { type Aim, type Asked, gainOf, heldOutFrom } from './held-out.ts';
import { byPhoto, type Pairs } from './interactions.ts';
import { PARTS, type Part, type Recipe, type Recipes } from './model.ts';
import { partScores, type Scorer, standardised } from './score.ts';
import { cosinesOf, followersOf, supportOf, trendOf } from './together.ts';

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

/** What was measured best for any of what people did, where the order of what they did says nothing. */
const FOR_ANY: Recipe = {
  weights: { trending: 0, cosine: 0, sequence: 0, ease: 1, factors: 1 },
  halfLife: null,
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

/** Choosing is done on the head of the catalogue, so that it never takes minutes. */
const MAX_HEAD = 1_700;
/** Fewer people say nothing about a recipe. */
const ENOUGH_PEOPLE = 50;
const NEIGHBOURS = 200;
const DIMENSIONS = 32;
const EPOCHS = 8;

/**
 * Chooses penalties and recipes by trying them: a part of the pairs is held out, the rest learnt from, and what is held
 * out ranked among all photos; the greatest NDCG at 10 wins. Recipes go one weight at a time. What to show people of
 * whom little is known is tried on people of whom nothing was learnt.
 */
export function choose(pairs: Pairs, aim: Aim, seed: number): Choice {
  const { fit, asked, newcomers } = heldOutFrom(pairs, aim);
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
  const { few, some, many } = MEASURED.recipes;
  const scorer = { ...shared, ease: ease.ease, factors: factors.factors };
  return {
    recipes: {
      few: climbed(few, newcomers.few, scorer, fit),
      some:
        aim === 'next'
          ? climbed(some, newcomers.some, scorer, fit)
          : climbed(FOR_ANY, knowing(asked, 3, 20), scorer, fit),
      many: climbed(aim === 'next' ? many : FOR_ANY, knowing(asked, 21), scorer, fit),
    },
    easePenalty: ease.penalty,
    factors: factors.penalties,
  };
}

function factorOptions(dimensions: number, penalties: Choice['factors']): FactorOptions {
  return { dimensions, epochs: EPOCHS, ...penalties };
}

/** Changes one weight after the other, as long as it helps beyond chance. */
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
  const gainsOf = ({ weights, halfLife }: Recipe) =>
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
    });
  let recipe = start;
  let gains = gainsOf(recipe);
  for (let round = 0; round < 2; round += 1) {
    const before = recipe;
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
      const triedGains = gainsOf(tried);
      if (!isBetter(triedGains, gains)) continue;
      recipe = tried;
      gains = triedGains;
    }
    if (recipe === before) break;
  }
  return recipe;
}

function knowing(asked: readonly Asked[], least: number, most = Number.POSITIVE_INFINITY): Asked[] {
  return asked.filter(({ taste: { liked } }) => liked.length >= least && liked.length <= most);
}

/** Better on the mean by more than its standard error, or it is chance. */
function isBetter(gains: readonly number[], than: readonly number[]): boolean {
  const changes = gains.map((gain, place) => gain - (than[place] as number));
  const change = mean(changes);
  const variance = mean(changes.map((one) => (one - change) ** 2));
  return change > Math.sqrt(variance / changes.length);
}

function best<T>(tried: readonly T[], worth: (one: T) => number): T {
  const worths = tried.map(worth);
  return tried[worths.indexOf(Math.max(...worths))] as T;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
