import * as z from 'zod';
import { fromRaster, toRaster } from '../raster.ts';
import { amount, filter, Unfit } from './filter.ts';

const FRACTION = 'as a fraction of the photo';

export const crop = filter({
  name: 'crop',
  description: 'Keeps a rectangle of the photo.',
  schema: z
    .strictObject({
      x: amount(0, 1, 0.1, `Left edge, ${FRACTION}’s width.`),
      y: amount(0, 1, 0.1, `Top edge, ${FRACTION}’s height.`),
      width: amount(0, 1, 0.8, `Width, ${FRACTION}’s width; x + width is at most 1.`),
      height: amount(0, 1, 0.8, `Height, ${FRACTION}’s height; y + height is at most 1.`),
    })
    .refine(({ x, width }) => x + width <= 1 + ROUNDING, {
      path: ['width'],
      error: 'Expected x + width of at most 1',
    })
    .refine(({ y, height }) => y + height <= 1 + ROUNDING, {
      path: ['height'],
      error: 'Expected y + height of at most 1',
    }),
  preview: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 },
  work: (region) => ({
    type: 'geometry',
    region,
    size: ({ width, height }) => {
      const cut = { width: Math.round(region.width * width), height: Math.round(region.height * height) };
      if (cut.width < 1 || cut.height < 1) throw new Unfit('The crop leaves less than one pixel.');
      return cut;
    },
    apply: (raster, target) => {
      const left = Math.min(Math.round(region.x * raster.width), raster.width - target.width);
      const top = Math.min(Math.round(region.y * raster.height), raster.height - target.height);
      return toRaster(fromRaster(raster).extract({ left, top, ...target }));
    },
  }),
});

/** 0.1 + 0.9 may be more than 1 by this. */
const ROUNDING = 1e-9;

export const rotate = filter({
  name: 'rotate',
  description: 'Turns the photo clockwise by quarter turns.',
  schema: z.strictObject({
    turns: z.int().min(0).max(3).default(1).meta({ description: 'Quarter turns clockwise.' }),
  }),
  preview: { turns: 1 },
  work: ({ turns }) => ({
    type: 'geometry',
    size: (size) => (turns % 2 === 0 ? size : { width: size.height, height: size.width }),
    apply: async (raster) => (turns === 0 ? raster : toRaster(fromRaster(raster).rotate(90 * turns))),
  }),
});

export const flip = filter({
  name: 'flip',
  description: 'Mirrors the photo.',
  schema: z.strictObject({
    direction: z
      .enum(['horizontal', 'vertical'])
      .default('horizontal')
      .meta({ description: 'horizontal exchanges left and right.' }),
  }),
  preview: { direction: 'horizontal' },
  work: ({ direction }) => ({
    type: 'geometry',
    size: (size) => size,
    apply: (raster) => {
      const picture = fromRaster(raster);
      return toRaster(direction === 'horizontal' ? picture.flop() : picture.flip());
    },
  }),
});
