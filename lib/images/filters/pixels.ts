import { fromRaster, type Raster, resized, toRaster } from '../raster.ts';
import type { Size } from '../size.ts';
import type { Area, Pixels } from './filter.ts';

/** What filters let libvips do. */
export const PIXELS: Pixels = {
  resized,
  cut: (raster: Raster, area: Area) => toRaster(fromRaster(raster).extract(area)),
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
  blurred: (raster: Raster, sigma: number) => toRaster(fromRaster(raster).blur(sigma)),
};
