import {
  blackAndWhite,
  duotone,
  hue,
  invert,
  posterize,
  saturation,
  sepia,
  splitTone,
  tint,
  vibrance,
  warmth,
} from './colour.ts';
import type { Filter } from './filter.ts';
import { border, crop, flip, resize, rotate, straighten } from './geometry.ts';
import { LOOKS } from './looks.ts';
import { blur, denoise, sharpen } from './spatial.ts';
import { grain, vignette } from './surface.ts';
import { autoEnhance, contrast, exposure, fade, highlights, shadows } from './tone.ts';
import { watermark } from './watermark.ts';

/** Every filter and look, in the order in which they are offered. */
export const FILTERS: readonly Filter[] = [
  ...[autoEnhance, exposure, contrast, highlights, shadows, fade],
  ...[saturation, vibrance, warmth, tint, hue],
  ...[blackAndWhite, sepia, duotone, splitTone, invert, posterize],
  ...[sharpen, denoise, blur, vignette, grain],
  ...[crop, straighten, rotate, flip, resize, border, watermark],
  ...LOOKS,
];

// A Map has no names but its own: `constructor` is as unknown as any other.
const BY_NAME: ReadonlyMap<string, Filter> = new Map(FILTERS.map((filter) => [filter.name, filter]));

/** The filter or look of that name, or undefined. */
export function findFilter(name: string): Filter | undefined {
  return BY_NAME.get(name);
}
