import { likedTag } from './explore.ts';
import { directionOf } from './factors.ts';
import type { Model, Part } from './model.ts';
import { closeness, type Neighbours } from './neighbours.ts';
import type { Taste } from './profile.ts';
import type { Scores } from './score.ts';
import { tagsAt } from './tags.ts';
import { DECAY, WINDOW } from './together.ts';

/** Why somebody is shown a photo. */
export type Reason =
  /** People who like this photo of theirs like it too. */
  | { readonly code: 'because-you-liked'; readonly photoId: string }
  /** People went on to it after this photo, which they saw of late. */
  | { readonly code: 'followed-by'; readonly photoId: string }
  /** It has a tag of photos they like. */
  | { readonly code: 'tag'; readonly tag: string }
  | { readonly code: 'trending' }
  | { readonly code: 'new' };

/** The reason that weighs most: the part that adds most to the score, and the photo of theirs that adds most to it. */
export function reasonFor(
  model: Model,
  taste: Taste,
  liked: ReadonlyMap<number, number>,
  scores: Scores,
  photo: number,
): Reason {
  if (model.support[photo] === 0) return reasonByTag(likedTag(model, liked, tagsAt(model.tags, photo)));
  let greatest: Part = 'trending';
  let most = scores.parts.get('trending')?.[photo] ?? 0;
  for (const [part, added] of scores.parts) {
    if ((added[photo] as number) > most) [greatest, most] = [part, added[photo] as number];
  }
  const by = (value: (own: number, age: number) => number) => strongest(model, taste, value);
  const like = (neighbours: Neighbours) =>
    by((own, age) => (taste.likedWeights[age] as number) * closeness(neighbours, own, photo));
  switch (greatest) {
    case 'trending':
      return { code: 'trending' };
    case 'sequence': {
      const photoId = by((own, age) =>
        age < WINDOW ? DECAY ** age * closeness(model.followers, own, photo) : 0,
      );
      return photoId === undefined ? { code: 'trending' } : { code: 'followed-by', photoId };
    }
    default: {
      const direction = directionOf(model.factors, photo);
      const photoId =
        like(greatest === 'ease' ? model.ease : model.cosines) ??
        by((own) => product(directionOf(model.factors, own), direction));
      if (photoId !== undefined) return { code: 'because-you-liked', photoId };
      const tag = likedTag(model, liked, tagsAt(model.tags, photo));
      return tag === undefined ? { code: 'trending' } : { code: 'tag', tag };
    }
  }
}

/** The reason for a photo that is tried out. */
export function reasonByTag(tag: string | undefined): Reason {
  return tag === undefined ? { code: 'new' } : { code: 'tag', tag };
}

function strongest(
  model: Model,
  { liked }: Taste,
  value: (own: number, age: number) => number,
): string | undefined {
  let most = 0;
  let found: string | undefined;
  for (const [age, own] of liked.entries()) {
    const worth = value(own, age);
    if (worth > most) [most, found] = [worth, model.photoIds[own]];
  }
  return found;
}

function product(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, value, k) => sum + value * (other[k] as number), 0);
}
