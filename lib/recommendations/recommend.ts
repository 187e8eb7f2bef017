import { type Candidate, diversified, Owners } from './diversity.ts';
import { type FreshPhoto, type Tried, toTry } from './explore.ts';
import { addDirection } from './factors.ts';
import type { Model } from './model.ts';
import { addRow } from './neighbours.ts';
import { type Profile, type Taste, tasteOf } from './profile.ts';
import { type Reason, reasonByTag, reasonFor } from './reason.ts';
import { faded, partScores, recipeFor, type Scores, scoresFor, standardised } from './score.ts';
import { likedTags, tagMatch, tagsAt } from './tags.ts';
import { topOf } from './top.ts';

export interface RecommendOptions {
  /** How many photos at most: 20 unless given, 500 at most. */
  readonly limit?: number;
  /** Photos that may not appear, besides those of the profile. */
  readonly exclude?: Iterable<string>;
  /** Milliseconds since 1970; the newest interaction that the model learnt from unless given. */
  readonly now?: number;
  /** Where what is drawn by chance starts from; 1 unless given. */
  readonly seed?: number;
  /** The share of places where young photos are tried out, from 0 to 1; 0.3 unless given. */
  readonly explore?: number;
  /** Photos that came after the model was trained; they are tried out too. */
  readonly fresh?: readonly FreshPhoto[];
}

export interface Recommendation {
  readonly photoId: string;
  /** Comparable within one answer, but between photos that are tried out and others. The order is the answer. */
  readonly score: number;
  readonly reason: Reason;
}

export interface Scored {
  readonly photoId: string;
  readonly score: number;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 500;
/** Of the share of places where young photos are tried out; measured by replay (MovieLens 100K). */
const EXPLORE = 0.3;
/** How far down the ranking variety is looked for: so many photos for each that is asked for. */
const POOL = 5;
const LEAST_POOL = 100;
/** How much following, against liking the same, counts for what is similar. */
const FOLLOWING = 0.5;
/** What fewer did is theirs: what goes with a photo that one person saw is what else that person saw. */
const LEAST_PEOPLE = 3;

/**
 * The photos to show somebody next, the best first. Their profile moves the answer at once; the model changes by
 * training only. Photos of the profile and of `exclude` never appear, no owner has more than two while there are
 * others, and what is tried out has every few places but never the first. The same input gives the same answer; an
 * empty model or a limit of 0 an empty one.
 */
export function recommend(model: Model, profile: Profile, options: RecommendOptions = {}): Recommendation[] {
  const { exclude = [], now = model.until, seed = 1, fresh = [] } = options;
  const limit = clamped(options.limit, DEFAULT_LIMIT, MAX_LIMIT, Math.floor);
  const explore = clamped(options.explore, EXPLORE, 1);
  const taste = tasteOf(model, profile, now);
  const liked = likedTags(model.tags, taste.liked, taste.likedWeights);
  const excluded = new Set(exclude);
  const isBlocked = (id: string) => excluded.has(id) || taste.seen.has(id);

  const scores = allScores(model, taste);
  const tried = toTry(model, liked, fresh, { isBlocked, now, seed, count: Math.floor(limit * explore) });
  const owners = new Owners();
  const chances = tried.filter(({ owner }) => {
    const fits = !owners.hasEnough(owner);
    if (fits) owners.add(owner);
    return fits;
  });
  const hidden = [...excluded, ...taste.seen, ...chances.map(({ photoId }) => photoId)];
  const ranked = rankedPhotos(model, scores, limit, owners, hidden);

  const answer: Recommendation[] = [];
  const add = (one: Candidate | Tried | undefined, byTag: boolean) => {
    if (one === undefined) return;
    const { photoId, score } = one;
    const reason =
      byTag && 'tag' in one
        ? reasonByTag(one.tag)
        : reasonFor(model, taste, liked, scores, model.placeOf.get(photoId) as number);
    answer.push({ photoId, score, reason });
  };
  for (let position = 0; answer.length < limit && (ranked.length > 0 || chances.length > 0); position += 1) {
    const tries = Math.floor((position + 1) * explore) > Math.floor(position * explore) && position > 0;
    const fromTried = chances.length > 0 && (tries || ranked.length === 0);
    add(fromTried ? chances.shift() : ranked.shift(), fromTried);
  }
  return answer;
}

/**
 * Why somebody may be shown each of these photos, whatever ranked them; `new` for those that the model doesn't know.
 */
export function explain(
  model: Model,
  profile: Profile,
  photoIds: readonly string[],
  now: number = model.until,
): Map<string, Reason> {
  const taste = tasteOf(model, profile, now);
  const liked = likedTags(model.tags, taste.liked, taste.likedWeights);
  const scores = allScores(model, taste);
  return new Map(
    photoIds.map((id) => {
      const place = model.placeOf.get(id);
      return [id, place === undefined ? { code: 'new' } : reasonFor(model, taste, liked, scores, place)];
    }),
  );
}

/**
 * Photos like one, the best first: liked by the same people, gone on to after it, near it in taste, and of the same
 * tags. Of a photo that the model doesn't know, and of one that fewer than three people are tied to, only its tags say
 * what is like it.
 */
export function similar(
  model: Model,
  photoId: string,
  limit: number = DEFAULT_LIMIT,
  tags: readonly string[] = [],
): Scored[] {
  const photo = model.placeOf.get(photoId);
  if (photo === undefined) return similarByTags(model, tags, limit);
  if ((model.support[photo] as number) < LEAST_PEOPLE) {
    const own = Array.from(tagsAt(model.tags, photo), (tag) => model.tags.names[tag] as string);
    return similarByTags(model, own, limit, photo);
  }
  const total = new Float64Array(model.photoIds.length);
  const add = (weight: number, fill: (scores: Float64Array) => void) => {
    const scores = new Float64Array(total.length);
    fill(scores);
    const own = standardised(scores);
    for (let other = 0; other < total.length; other += 1)
      (total[other] as number) += weight * (own[other] as number);
  };
  add(1, (scores) => addRow(scores, model.cosines, photo, 1));
  add(FOLLOWING, (scores) => addRow(scores, model.followers, photo, 1));
  add(1, (scores) => {
    addDirection(scores, model.factors, photo);
  });
  const liked = likedTags(model.tags, [photo], [1]);
  add(1, (scores) => {
    for (let other = 0; other < scores.length; other += 1) {
      scores[other] = tagMatch(model.tags, liked, tagsAt(model.tags, other));
    }
  });
  total[photo] = Number.NaN;
  return topOf(total, model.hashes, clamped(limit, DEFAULT_LIMIT, MAX_LIMIT, Math.floor)).map((other) => ({
    photoId: model.photoIds[other] as string,
    score: total[other] as number,
  }));
}

function similarByTags(model: Model, names: readonly string[], limit: number, leftOut?: number): Scored[] {
  const wanted = new Set(names);
  const liked = new Map(
    model.tags.names.flatMap((name, tag) =>
      wanted.has(name) ? [[tag, model.tags.rarity[tag] as number] as const] : [],
    ),
  );
  const scores = model.photoIds.map((_, place) =>
    place === leftOut ? 0 : tagMatch(model.tags, liked, tagsAt(model.tags, place)),
  );
  return topOf(scores, model.hashes, clamped(limit, DEFAULT_LIMIT, MAX_LIMIT, Math.floor))
    .filter((place) => (scores[place] as number) > 0)
    .map((place) => ({ photoId: model.photoIds[place] as string, score: scores[place] as number }));
}

/** Photos in the order that suits somebody; those that the model doesn't know come last, as given, without a score. */
export function rank(
  model: Model,
  profile: Profile,
  photoIds: readonly string[],
  { now = model.until }: { readonly now?: number } = {},
): { readonly photoId: string; readonly score?: number }[] {
  const { total } = allScores(model, tasteOf(model, profile, now));
  const asked = [...new Set(photoIds)];
  const places = asked.flatMap((id) => model.placeOf.get(id) ?? []);
  const order = topOf(
    places.map((place) => total[place] as number),
    places.map((place) => model.hashes[place] as number),
    places.length,
  ).map((at) => places[at] as number);
  return [
    ...order.map((place) => ({ photoId: model.photoIds[place] as string, score: total[place] as number })),
    ...asked.filter((id) => !model.placeOf.has(id)).map((photoId) => ({ photoId })),
  ];
}

/**
 * The score of every photo for somebody, by the recipe for how much is known of them. What nobody is tied to yet has no
 * neighbours: it is scored by the point that its tags foretold, and by the tags themselves.
 */
export function allScores(model: Model, taste: Taste): Scores {
  const recipe = recipeFor(model.recipes, taste.liked.length);
  const scores = scoresFor(model, taste, recipe);
  if (taste.liked.length === 0 || !model.support.includes(0)) return scores;
  const byFactors = standardised(partScores(model, 'factors', taste, recipe.halfLife));
  const liked = likedTags(model.tags, taste.liked, faded(taste.likedWeights, recipe.halfLife));
  const missing = Math.max(0, 1 - recipe.weights.factors);
  for (let photo = 0; photo < model.support.length; photo += 1) {
    if (model.support[photo] !== 0) continue;
    (scores.total[photo] as number) +=
      missing * (byFactors[photo] as number) + tagMatch(model.tags, liked, tagsAt(model.tags, photo));
  }
  return scores;
}

/** The best photos that may appear, made various; those of owners that have enough only where nothing else is left. */
function rankedPhotos(
  model: Model,
  { total }: Scores,
  limit: number,
  owners: Owners,
  hidden: readonly string[],
): Candidate[] {
  const open = total.slice();
  for (const id of hidden) {
    const place = model.placeOf.get(id);
    if (place !== undefined) open[place] = Number.NaN;
  }
  const candidate = (place: number): Candidate => ({
    photoId: model.photoIds[place] as string,
    score: total[place] as number,
    owner: model.owners[place] as number,
    tags: new Set(Array.from(tagsAt(model.tags, place), (tag) => model.tags.names[tag] as string)),
  });
  const best = topOf(open, model.hashes, Math.max(LEAST_POOL, limit * POOL)).map(candidate);
  const taken = diversified(best, limit, owners);
  if (taken.length === limit) return taken;
  const rest = topOf(open, model.hashes, open.length).map(candidate);
  const has = new Set(taken.map(({ photoId }) => photoId));
  for (const enough of [true, false]) {
    for (const one of rest) {
      if (taken.length === limit) break;
      if (has.has(one.photoId) || (enough && owners.hasEnough(one.owner))) continue;
      taken.push(one);
      has.add(one.photoId);
      owners.add(one.owner);
    }
  }
  return taken;
}

function clamped(
  value: number | undefined,
  otherwise: number,
  most: number,
  whole: (value: number) => number = (same) => same,
): number {
  if (value === undefined || Number.isNaN(value)) return otherwise;
  return whole(Math.min(most, Math.max(0, value)));
}
