import type { Filter } from './filter.ts';
import { crop, flip, rotate } from './geometry.ts';
import { contrast, exposure, fade, highlights, shadows } from './tone.ts';

/** Every filter, in the order in which they are offered. */
export const FILTERS: readonly Filter[] = [exposure, contrast, highlights, shadows, fade, crop, rotate, flip];

// A Map has no names but its own: `constructor` is as unknown as any other.
const BY_NAME: ReadonlyMap<string, Filter> = new Map(FILTERS.map((filter) => [filter.name, filter]));

/** The filter or look of that name, or undefined. */
export function findFilter(name: string): Filter | undefined {
  return BY_NAME.get(name);
}
