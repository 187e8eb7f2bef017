import type { Model } from '../../lib/recommendations/model.ts';
import { type Profile, tasteOf } from '../../lib/recommendations/profile.ts';
import {
  allScores,
  type RecommendOptions,
  rank,
  recommend,
  similar,
} from '../../lib/recommendations/recommend.ts';
import { topOf } from '../../lib/recommendations/top.ts';

/** One entry of an answer. */
export interface Listed {
  readonly itemId: string;
  readonly score?: number;
  readonly reason?: readonly string[];
}

/** How young a photo is that may be there only to be tried out. */
const YOUNG_MS = 30 * 86_400_000;

/** What suits a user, the best first: scores are shares of the likelihood of all items. */
export function forUser(
  model: Model,
  profile: Profile,
  options: RecommendOptions & { readonly now: number },
): Listed[] {
  const share = sharesOf(allScores(model, tasteOf(model, profile, options.now)).total);
  return recommend(model, profile, options).map(({ photoId, reason }) => {
    const place = model.placeOf.get(photoId);
    const isYoung =
      place === undefined || options.now - (model.createdAt[place] as number) * 1_000 <= YOUNG_MS;
    const isTried = isYoung && (reason.code === 'new' || reason.code === 'tag');
    return {
      itemId: photoId,
      score: place === undefined ? 0 : (share[place] as number),
      ...(isTried && { reason: ['Exploration'] }),
    };
  });
}

/** Items like one. */
export function likeItem(model: Model, itemId: string, limit: number): Listed[] {
  const list = similar(model, itemId, limit);
  const share = sharesOf(list.map(({ score }) => score));
  return list.map(({ photoId }, at) => ({ itemId: photoId, score: share[at] as number }));
}

/** Items in the order that suits a user; those that the model doesn't know come last and have no score. */
export function ranked(model: Model, profile: Profile, itemIds: readonly string[], now: number): Listed[] {
  const list = rank(model, profile, itemIds, { now });
  const share = sharesOf(list.flatMap(({ score }) => score ?? []));
  return list.map(({ photoId }, at) => ({
    itemId: photoId,
    ...(share[at] !== undefined && { score: share[at] as number }),
  }));
}

/** What most people did something with. */
export function popular(model: Model, limit = model.photoIds.length): Listed[] {
  const share = sharesOf(Float64Array.from(model.support, (count) => Math.log(count + 1)));
  return topOf(model.support, model.hashes, limit).map((place) => ({
    itemId: model.photoIds[place] as string,
    score: share[place] as number,
  }));
}

/** Softmax: what share of all each value has, however far they are from 0. */
export function sharesOf(values: ArrayLike<number>): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1) most = Math.max(most, values[at] as number);
  const powers = Float64Array.from(values, (value) => Math.exp(value - most));
  let sum = 0;
  for (const power of powers) sum += power;
  return powers.map((power) => power / sum);
}
