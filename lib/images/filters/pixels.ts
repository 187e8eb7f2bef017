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
  transformed: (raster: Raster, matrix: [number, number, number, number], background: string) =>
    toRaster(fromRaster(raster).affine(matrix, { interpolator: 'bicubic', background })),
  framed: (raster: Raster, { width, height }: Size, background: string) => {
    const [across, down] = [width - raster.width, height - raster.height];
    const [left, top] = [Math.floor(across / 2), Math.floor(down / 2)];
    return toRaster(
      fromRaster(raster).extend({ left, top, right: across - left, bottom: down - top, background }),
    );
  },
  // By default libvips cuts the tails off so early that a narrow blur does nothing.
  blurred: (raster: Raster, sigma: number) =>
    toRaster(fromRaster(raster).blur({ sigma, minAmplitude: 0.02 })),
};

/** Row by row: libvips would do no more, and copy it twice on the way. */
function copied({ data, width: wide, channels }: Raster, { left, top, width, height }: Area): Raster {
  const result = Buffer.allocUnsafe(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    const start = ((top + y) * wide + left) * channels;
    data.copy(result, y * width * channels, start, start + width * channels);
  }
  return { data: result, width, height, channels };
}
