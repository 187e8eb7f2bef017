import sharp from 'sharp';
import type { Raster } from '../../lib/images/raster.ts';
import type { Recipe } from '../../lib/images/renditions.ts';

const WINDOW = 8;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** What renditions of a photo are held against: one lanczos3 resize of all of its pixels, before any encoding. */
export async function referenceOf(photo: Buffer) {
  const options = { limitInputPixels: false };
  const whole = sharp(photo, options).autoOrient().toColourspace('srgb').removeAlpha().raw();
  const { data, info } = await whole.toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: 3 as const };
  return async (width: number, height: number, fit: Recipe['fit']): Promise<Raster> => {
    const resized = sharp(data, { ...options, raw }).resize(width, height, {
      fit: fit === 'cover' ? 'cover' : 'fill',
      kernel: 'lanczos3',
    });
    return { data: await resized.raw().toBuffer(), width, height, channels: 3 };
  };
}

/** SSIM of a file against the reference of the same size. */
export async function similarity(
  file: Uint8Array,
  fit: Recipe['fit'],
  reference: Awaited<ReturnType<typeof referenceOf>>,
): Promise<number> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const found: Raster = { data, width: info.width, height: info.height, channels: 3 };
  return structuralSimilarity(found, await reference(info.width, info.height, fit));
}

/**
 * How alike the structure of two pictures of the same size is, 1 being the same: the mean over all windows of
 * 8 x 8 pixels of luma. Z. Wang et al., "Image quality assessment: from error visibility to structural similarity",
 * 2004. Sums of windows come from tables of sums, so that each costs the same.
 */
export function structuralSimilarity(one: Raster, other: Raster): number {
  const { width, height } = one;
  if (other.width !== width || other.height !== height) {
    throw new RangeError(`Expected ${width} x ${height} pixels twice; got ${other.width} x ${other.height}`);
  }
  const [x, y] = [lumaOf(one), lumaOf(other)];
  const product = (a: Float64Array, b: Float64Array) => a.map((value, at) => value * (b[at] as number));
  const tables = [x, y, product(x, x), product(y, y), product(x, y)].map((values) =>
    sumTable(values, width, height),
  );
  const [w, h] = [Math.min(WINDOW, width), Math.min(WINDOW, height)];
  let total = 0;
  for (let top = 0; top + h <= height; top += 1) {
    for (let left = 0; left + w <= width; left += 1) {
      const from = top * (width + 1) + left;
      const to = from + h * (width + 1);
      const means = tables.map(
        (sums) =>
          ((sums[to + w] as number) -
            (sums[to] as number) -
            (sums[from + w] as number) +
            (sums[from] as number)) /
          (w * h),
      ) as [number, number, number, number, number];
      total += scoreOf(means);
    }
  }
  return total / ((width - w + 1) * (height - h + 1));
}

function scoreOf([x, y, xx, yy, xy]: readonly [number, number, number, number, number]): number {
  const luminance = (2 * x * y + C1) / (x * x + y * y + C1);
  return (luminance * (2 * (xy - x * y) + C2)) / (xx - x * x + (yy - y * y) + C2);
}

/** BT.601, as JPEG has it. */
function lumaOf({ data, width, height, channels }: Raster): Float64Array {
  const luma = new Float64Array(width * height);
  for (let pixel = 0; pixel < luma.length; pixel += 1) {
    const at = pixel * channels;
    luma[pixel] =
      0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
  }
  return luma;
}

/** At (row, column) the sum of all values above and to the left; one row and column more than the picture. */
function sumTable(values: Float64Array, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let row = 0; row < height; row += 1) {
    let across = 0;
    for (let column = 0; column < width; column += 1) {
      across += values[row * width + column] as number;
      const at = (row + 1) * (width + 1) + column + 1;
      sums[at] = (sums[at - width - 1] as number) + across;
    }
  }
  return sums;
}
