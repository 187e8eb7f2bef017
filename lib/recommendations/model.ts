import type { Factors } from './factors.ts';
import type { Neighbours } from './neighbours.ts';
import { hashOf } from './random.ts';
import type { Tags } from './tags.ts';

/** The parts of a score. */
export const PARTS = ['trending', 'cosine', 'sequence', 'ease', 'factors'] as const;
export type Part = (typeof PARTS)[number];

/** How much each part counts, standardised over all photos. */
export interface Recipe {
  readonly weights: Readonly<Record<Part, number>>;
  /** After how many newer photos one counts half; null: all count alike. */
  readonly halfLife: number | null;
}

/** How a score is made for people of whom little, some or much is known. */
export interface Recipes {
  /** Of 1 or 2 photos, and the like. */
  readonly few: Recipe;
  /** Of 3 to 20. */
  readonly some: Recipe;
  readonly many: Recipe;
}

/** What is stored of a model. */
export interface Learnt {
  readonly photoIds: readonly string[];
  /** By photo: a number for its owner, 0 where that isn't known. */
  readonly owners: Uint32Array;
  /** By photo: seconds since 1970, 0 where that isn't known. */
  readonly createdAt: Uint32Array;
  /** By photo: how many people are tied to it. */
  readonly support: Uint32Array;
  readonly trend: Float32Array;
  /** By photo: how often it was shown and how many did something with it, up to 65 535. */
  readonly impressions: Uint16Array;
  readonly clicks: Uint16Array;
  readonly cosines: Neighbours;
  readonly followers: Neighbours;
  readonly ease: Neighbours;
  readonly factors: Factors;
  readonly tags: Tags;
  readonly recipes: Recipes;
  /** EASE's penalty, as chosen. */
  readonly easePenalty: number;
  /** The newest interaction, in milliseconds since 1970. */
  readonly until: number;
}

/** A model that answers. */
export interface Model extends Learnt {
  readonly placeOf: ReadonlyMap<string, number>;
  readonly hashes: Uint32Array;
}

/** Makes what was learnt ready to answer. */
export function ready(learnt: Learnt): Model {
  return {
    ...learnt,
    placeOf: new Map(learnt.photoIds.map((id, place) => [id, place])),
    hashes: Uint32Array.from(learnt.photoIds, (id) => hashOf(id)),
  };
}

/** The number by which a model knows an owner, 0 for nobody. */
export function ownerNumber(owner: string | undefined): number {
  return owner ? Math.max(1, hashOf(owner)) : 0;
}
