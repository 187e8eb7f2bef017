import { rgbaToThumbHash } from 'thumbhash';
import { fromRaster, type Raster, toRaster } from './raster.ts';

/** What is shown until the photo is loaded. */
export interface Placeholder {
  /** ThumbHash, about 25 bytes in base64. */
  readonly thumbhash: string;
  /** The dominant colour, `#rrggbb`. */
  readonly color: string;
}

/** Largest side that a ThumbHash is computed from. */
export const PLACEHOLDER_BOX = 100;

const STEP_BITS = 5;
const WHITE = '#ffffff';

/** ThumbHash and dominant colour of a raster within PLACEHOLDER_BOX. */
export async function placeholderOf(raster: Raster): Promise<Placeholder> {
  const { data, width, height } = await toRaster(fromRaster(raster).ensureAlpha());
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64'),
    color: dominantColor(data),
  };
}

/**
 * The mean of the most frequent colour, colours being counted in 8 steps a channel and weighed by their
 * opacity; white for a photo that can't be seen.
 */
function dominantColor(rgba: Buffer): string {
  const bins = new Map<number, [weight: number, red: number, green: number, blue: number]>();
  for (let at = 0; at < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    const key = [red, green, blue].reduce((bits, value) => (bits << 3) | (value >> STEP_BITS), 0);
    const bin = bins.get(key) ?? [0, 0, 0, 0];
    bins.set(key, [bin[0] + alpha, bin[1] + red * alpha, bin[2] + green * alpha, bin[3] + blue * alpha]);
  }
  const [weight, ...sums] = [...bins.values()].reduce(
    (most, bin) => (bin[0] > most[0] ? bin : most),
    [0, 0, 0, 0],
  );
  if (weight === 0) return WHITE;
  return `#${sums
    .map((sum) =>
      Math.round(sum / weight)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
