import { rgbaToThumbHash } from 'thumbhash';
import { fromRaster, type Raster, toRaster } from './raster.ts';

/** What is shown until the photo is loaded. */
export interface Placeholder {
  /** ThumbHash, about 25 bytes in base64. */
  readonly thumbhash: string;
  /** The dominant colour, `#rrggbb`. */
  readonly color: string;
}

/** Largest side that both are computed from: a ThumbHash holds seven waves a side, and 100 pixels give the same. */
const BOX = 50;

/** Colours are counted in 8 steps a channel: finer ones would split a sky, and let a small dark thing win. */
const STEPS = 8;
const STEP = 256 / STEPS;
const WHITE = '#ffffff';

/** ThumbHash and dominant colour of a picture: the smaller, the cheaper. */
export async function placeholderOf(raster: Raster): Promise<Placeholder> {
  const small = fromRaster(raster).resize(BOX, BOX, { fit: 'inside', withoutEnlargement: true });
  const { data, width, height } = await toRaster(small.ensureAlpha());
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64'),
    color: dominantColor(data),
  };
}

/** The mean of the most frequent colour, weighed by opacity; white for a photo that can't be seen. */
function dominantColor(rgba: Buffer): string {
  // Four sums a bin: opacity, and red, green and blue times opacity.
  const sums = new Float64Array(4 * STEPS ** 3);
  const add = (at: number, value: number) => {
    sums[at] = (sums[at] ?? 0) + value;
  };
  let most = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const red = rgba[at] ?? 0;
    const green = rgba[at + 1] ?? 0;
    const blue = rgba[at + 2] ?? 0;
    const alpha = rgba[at + 3] ?? 0;
    const step =
      Math.floor(red / STEP) * STEPS ** 2 + Math.floor(green / STEP) * STEPS + Math.floor(blue / STEP);
    const bin = 4 * step;
    add(bin, alpha);
    add(bin + 1, red * alpha);
    add(bin + 2, green * alpha);
    add(bin + 3, blue * alpha);
    if ((sums[bin] ?? 0) > (sums[most] ?? 0)) most = bin;
  }
  const [weight = 0, ...colors] = sums.subarray(most, most + 4);
  if (weight === 0) return WHITE;
  return `#${colors
    .map((sum) =>
      Math.round(sum / weight)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
