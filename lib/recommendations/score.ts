import { addTaste, tasteFrom } from './factors.ts';
import type { Learnt, Part, Recipe, Recipes } from './model.ts';
import { addRow, type Neighbours } from './neighbours.ts';
import type { Taste } from './profile.ts';
import { DECAY, WINDOW } from './together.ts';

/** What scores are made of. */
export type Scorer = Pick<Learnt, 'trend' | 'cosines' | 'followers' | 'ease' | 'factors'>;

/** Of somebody of whom nothing is known, only what is trending can be said. */
const NOTHING_KNOWN: Recipe = {
  weights: { trending: 1, cosine: 0, sequence: 0, ease: 0, factors: 0 },
  halfLife: null,
};

/** The recipe for somebody who likes so many photos that the model knows. */
export function recipeFor(recipes: Recipes, known: number): Recipe {
  if (known === 0) return NOTHING_KNOWN;
  if (known <= 2) return recipes.few;
  return known <= 20 ? recipes.some : recipes.many;
}

/** The score of every photo for somebody, and what each part adds to it. */
export interface Scores {
  readonly total: Float64Array;
  readonly parts: ReadonlyMap<Part, Float64Array>;
}

/** Scores every photo for somebody: the parts of the recipe, standardised, weighed and added. */
export function scoresFor(scorer: Scorer, taste: Taste, { weights, halfLife }: Recipe): Scores {
  const total = new Float64Array(scorer.trend.length);
  const parts = new Map<Part, Float64Array>();
  for (const [part, weight] of Object.entries(weights) as [Part, number][]) {
    if (weight === 0) continue;
    const scores = standardised(partScores(scorer, part, taste, halfLife));
    for (let photo = 0; photo < total.length; photo += 1) {
      scores[photo] = weight * (scores[photo] as number);
      (total[photo] as number) += scores[photo] as number;
    }
    parts.set(part, scores);
  }
  return { total, parts };
}

/** What one part says about every photo. */
export function partScores(scorer: Scorer, part: Part, taste: Taste, halfLife: number | null): Float64Array {
  const scores = new Float64Array(scorer.trend.length);
  switch (part) {
    case 'trending':
      scores.set(scorer.trend);
      break;
    case 'cosine':
      addRows(scores, scorer.cosines, taste, halfLife);
      break;
    case 'ease':
      addRows(scores, scorer.ease, taste, halfLife);
      break;
    case 'sequence':
      for (const [age, photo] of taste.liked.slice(0, WINDOW).entries()) {
        addRow(scores, scorer.followers, photo, DECAY ** age);
      }
      break;
    case 'factors':
      addTaste(
        scores,
        scorer.factors,
        tasteFrom(scorer.factors, taste.liked, faded(taste.likedWeights, halfLife)),
      );
  }
  return scores;
}

/** The weights of photos, the newest first, each halved for so many newer ones. */
export function faded(weights: readonly number[], halfLife: number | null): number[] {
  return weights.map((weight, age) => (halfLife === null ? weight : weight * 2 ** (-age / halfLife)));
}

function addRows(scores: Float64Array, neighbours: Neighbours, taste: Taste, halfLife: number | null): void {
  const likes = faded(taste.likedWeights, halfLife);
  for (const [place, photo] of taste.liked.entries())
    addRow(scores, neighbours, photo, likes[place] as number);
  const dislikes = faded(taste.dislikedWeights, halfLife);
  for (const [place, photo] of taste.disliked.entries()) {
    addRow(scores, neighbours, photo, -(dislikes[place] as number));
  }
}

/** Moves and stretches scores in place to mean 0 and deviation 1, so that parts of any scale can be weighed. */
export function standardised(scores: Float64Array): Float64Array {
  let [sum, squares] = [0, 0];
  for (const score of scores) sum += score;
  const mean = sum / scores.length;
  for (const score of scores) squares += (score - mean) ** 2;
  const deviation = Math.sqrt(squares / scores.length);
  const same = !(deviation > 1e-12 * Math.abs(mean)) || !Number.isFinite(deviation);
  for (let photo = 0; photo < scores.length; photo += 1) {
    scores[photo] = same ? 0 : ((scores[photo] as number) - mean) / deviation;
  }
  return scores;
}
