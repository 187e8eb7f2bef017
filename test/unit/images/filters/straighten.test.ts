import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../../lib/images/raster.ts';
import { filtered } from '../../../support/pictures/filtered.ts';

const white = (width: number, height: number, channels: 3 | 4 = 3): Raster => ({
  data: Buffer.alloc(width * height * channels, 255),
  width,
  height,
  channels,
});

const straightened = (raster: Raster, degrees: number) =>
  filtered(raster, { filter: 'straighten', params: { degrees } });

/** The row in which a column is darkest. */
function darkestRow({ data, width, height, channels }: Raster, x: number): number {
  const rows = Array.from({ length: height }, (_, y) => data[(y * width + x) * channels] as number);
  return rows.indexOf(Math.min(...rows));
}

describe('a photo that is straightened', () => {
  it('shows nothing but the photo, to the last pixel of its corners', async () => {
    const side = fc.integer({ min: 20, max: 300 });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        fc.constantFrom(3 as const, 4 as const),
        fc.double({ min: -30, max: 30, noNaN: true }),
        async (width, height, channels, degrees) => {
          const { data } = await straightened(white(width, height, channels), degrees);
          expect(data.every((value) => value === 255)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('turns clockwise about its middle', async () => {
    const horizon = white(201, 201);
    horizon.data.fill(0, 201 * 100 * 3, 201 * 101 * 3);
    const turned = await straightened(horizon, 10);
    const [left, middle, right] = [0, (turned.width - 1) / 2, turned.width - 1].map((x) =>
      darkestRow(turned, Math.round(x)),
    ) as [number, number, number];
    const fall = Math.tan((10 * Math.PI) / 180) * turned.width;
    expect(Math.abs(right - left - fall)).toBeLessThan(2);
    expect(Math.abs(middle - (turned.height - 1) / 2)).toBeLessThan(1.5);
  });
});
