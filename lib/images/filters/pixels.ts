import { fromRaster, type Raster, resized, toRaster } from '../raster.ts';
import type { Area, Size } from '../size.ts';
import type { Pixels } from './filter.ts';

/** What filters let libvips do. */
export const PIXELS: Pixels = {
  resized,
  cut: async (raster: Raster, area: Area) => copied(raster, area),
  quarterTurned: (raster: Raster, turns: number) => toRaster(fromRaster(raster).rotate(90 * turns)),
  mirrored: (raster: Raster, direction: 'horizontal' | 'vertical') => {
    const picture = fromRaster(raster);
    return toRaster(direction === 'horizontal' ? picture.flop() : picture.flip());
  },
  // Bicubic: bilinear would blur what sharpening then has to draw again.
  transformed: async (raster: Raster, matrix: [number, number, number, number], { width, height }: Size) => {
    const whole = await toRaster(
      fromRaster(await drawnOut(raster)).affine(matrix, { interpolator: 'bicubic', background: BLACK }),
    );
    const left = Math.round((whole.width - width) / 2);
    const top = Math.round((whole.height - height) / 2);
    // Within the same memory, which nobody else has: a photo of 12 megapixels is 36 MB each time.
    return copied(whole, { left, top, width, height }, whole.data);
  },
  framed: (raster: Raster, { width, height }: Size, background: string) => {
    const [across, down] = [width - raster.width, height - raster.height];
    const [left, top] = [Math.floor(across / 2), Math.floor(down / 2)];
    return toRaster(
      fromRaster(raster).extend({ left, top, right: across - left, bottom: down - top, background }),
    );
  },
};

/** As far as a bicubic kernel and the rounding of sizes reach, so that nothing of the background gets into the picture. */
const MARGIN = 4;

/** With its outermost pixels repeated all around. */
function drawnOut(raster: Raster): Promise<Raster> {
  const margins = { left: MARGIN, top: MARGIN, right: MARGIN, bottom: MARGIN };
  return toRaster(fromRaster(raster).extend({ ...margins, extendWith: 'copy' }));
}

/** Of what is turned out of sight; a colour with alpha would give every photo alpha. */
const BLACK = '#000000';

/** Row by row: libvips would do no more, and copy it twice on the way. */
function copied(
  { data, width: wide, channels }: Raster,
  { left, top, width, height }: Area,
  into: Buffer = Buffer.allocUnsafe(width * height * channels),
): Raster {
  for (let y = 0; y < height; y += 1) {
    const start = ((top + y) * wide + left) * channels;
    data.copy(into, y * width * channels, start, start + width * channels);
  }
  return { data: into.subarray(0, width * height * channels), width, height, channels };
}
