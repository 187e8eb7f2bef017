import { RENDITIONS, type Recipe } from '../../lib/images/renditions.ts';

/** What is made of each photo. */
export const SETS = {
  /** What every tool can make. */
  jpeg: RENDITIONS.slice(0, -1).map((recipe): Recipe => ({ ...recipe, format: 'jpeg' })),
  /** What the product ships. */
  shipped: RENDITIONS as readonly Recipe[],
} as const;

export type SetName = keyof typeof SETS;

/** The recipes, largest first, as tools like them that make each size from the one before. */
export function largestFirst(recipes: readonly Recipe[]): Recipe[] {
  return recipes.toSorted((one, other) => other.box - one.box);
}
