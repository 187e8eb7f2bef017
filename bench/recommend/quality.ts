import type { Items } from '../../lib/recommendations/interactions.ts';
import { type Model, PARTS, type Part, type Recipe } from '../../lib/recommendations/model.ts';
import { type Profile, type Taste, tasteOf } from '../../lib/recommendations/profile.ts';
import { allScores } from '../../lib/recommendations/recommend.ts';
import { scoresFor } from '../../lib/recommendations/score.ts';
import { likedTags, tagMatch, tagsAt } from '../../lib/recommendations/tags.ts';
import { topOf } from '../../lib/recommendations/top.ts';
import { train } from '../../lib/recommendations/train.ts';
import type { Question, Trial } from './protocols.ts';
import { columnsOf, type Rating } from './ratings.ts';

/** Something that scores every photo for somebody. */
type Scores = (model: Model, profile: Profile) => ArrayLike<number>;

/** Means over all who are asked, and the share of the catalogue that anybody's first ten show. */
export interface Quality {
  readonly recall10: number;
  readonly recall20: number;
  readonly ndcg10: number;
  readonly coverage: number;
}

const popularity: Scores = (model) => model.support;
const serving: Scores = (model, profile) => allScores(model, taste(model, profile)).total;

function taste(model: Model, profile: Profile): Taste {
  return tasteOf(model, profile, Number.POSITIVE_INFINITY);
}

/** A part alone, all of the profile counting alike. */
function alone(part: Part): Scores {
  const weights = Object.fromEntries(PARTS.map((one) => [one, one === part ? 1 : 0])) as Recipe['weights'];
  return (model, profile) => scoresFor(model, taste(model, profile), { weights, halfLife: null }).total;
}

const byTags: Scores = (model, profile) => {
  const { liked, likedWeights } = taste(model, profile);
  const tags = likedTags(model.tags, liked, likedWeights);
  return model.photoIds.map((_, photo) => tagMatch(model.tags, tags, tagsAt(model.tags, photo)));
};

/** All that is compared, by name. */
export const CONTESTANTS: Readonly<Record<string, Scores>> = {
  popularity,
  ...Object.fromEntries(PARTS.map((part) => [part, alone(part)])),
  serving,
  'serving, newest 100': (model, profile) => serving(model, profile.slice(-100)),
};

/** What ranks photos that nobody is tied to. */
export const FOR_UNSEEN: Readonly<Record<string, Scores>> = {
  'by hash': ({ photoIds }) => new Float64Array(photoIds.length),
  'tags alone': byTags,
  serving,
};

export interface Outcome {
  readonly model: Model;
  readonly qualities: ReadonlyMap<string, Quality>;
}

/** Trains once for a trial, and asks everybody of it through every contestant. */
export function tried(
  trial: Trial,
  contestants: Readonly<Record<string, Scores>>,
  seed: number,
  items?: Items,
  among?: ReadonlySet<string>,
): Outcome {
  const model = train(columnsOf(trial.train), items, { seed, aim: trial.aim });
  const qualities = Object.entries(contestants).map(
    ([name, scores]) => [name, qualityOf(model, trial.questions, scores, among)] as const,
  );
  return { model, qualities: new Map(qualities) };
}

/**
 * Full ranking: all photos of the model compete, but those the person is known to have seen; equal scores are ordered
 * by hash. Recall at k is hits / min(k, targets), NDCG binary. A target that the model never met can't be hit.
 */
function qualityOf(
  model: Model,
  questions: readonly Question[],
  scores: Scores,
  among?: ReadonlySet<string>,
): Quality {
  const shown = new Set<number>();
  let [count, recall10, recall20, ndcg10] = [0, 0, 0, 0];
  for (const { known, targets } of questions) {
    if (targets.size === 0) continue;
    const open = Float64Array.from(scores(model, known.map(eventOf)));
    for (const { photo } of known) open[model.placeOf.get(photo) ?? -1] = Number.NaN;
    if (among)
      for (const [place, id] of model.photoIds.entries()) if (!among.has(id)) open[place] = Number.NaN;
    const top = topOf(open, model.hashes, 20);
    for (const place of top.slice(0, 10)) shown.add(place);
    const hits = top.map((place) => (targets.has(model.photoIds[place] as string) ? 1 : 0));
    count += 1;
    recall10 += sum(hits.slice(0, 10)) / Math.min(10, targets.size);
    recall20 += sum(hits) / Math.min(20, targets.size);
    const gains = hits.slice(0, 10).map((hit, rank) => hit / Math.log2(rank + 2));
    const ideal = Array.from({ length: Math.min(10, targets.size) }, (_, rank) => 1 / Math.log2(rank + 2));
    ndcg10 += sum(gains) / sum(ideal);
  }
  return {
    recall10: recall10 / count,
    recall20: recall20 / count,
    ndcg10: ndcg10 / count,
    coverage: shown.size / (among?.size ?? model.photoIds.length),
  };
}

function eventOf({ photo, time }: Rating): Profile[number] {
  return { photoId: photo, type: 'view', at: time };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
