import * as z from 'zod';
import type { Raster } from '../raster.ts';
import { type Size, scaled } from '../size.ts';
import { amount, color, filter, type Pixels, Unfit } from './filter.ts';

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
    apply: (raster, target, pixels) => {
      const left = Math.min(Math.round(region.x * raster.width), raster.width - target.width);
      const top = Math.min(Math.round(region.y * raster.height), raster.height - target.height);
      return pixels.cut(raster, { left, top, ...target });
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
    apply: async (raster, _, pixels) => (turns === 0 ? raster : pixels.quarterTurned(raster, turns)),
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
    apply: (raster, _, pixels) => pixels.mirrored(raster, direction),
  }),
});

export const straighten = filter({
  name: 'straighten',
  description: 'Turns the photo a little and cuts off the corners that become empty.',
  schema: z.strictObject({ degrees: amount(-30, 30, 3, 'Clockwise.') }),
  preview: { degrees: 6 },
  work: ({ degrees }) => ({
    type: 'geometry',
    size: (size) => {
      const { width, height } = filling(size, degrees);
      if (width < 1 || height < 1) throw new Unfit('Straightening leaves less than one pixel.');
      return { width: Math.round(width), height: Math.round(height) };
    },
    apply: async (raster, target, pixels) =>
      degrees === 0 ? raster : turned(raster, target, degrees, pixels),
  }),
});

/** The largest rectangle of the photo's own shape that lies within the turned photo. */
function filling({ width, height }: Size, degrees: number): Size {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(Math.abs(radians(degrees)))];
  const scale = Math.min(width / (width * cos + height * sin), height / (width * sin + height * cos));
  return { width: width * scale, height: height * scale };
}

function turned(raster: Raster, target: Size, degrees: number, pixels: Pixels): Promise<Raster> {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return pixels.transformed(raster, [cos, -sin, sin, cos], target);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

export const resize = filter({
  name: 'resize',
  description: 'Gives the photo another size, in pixels.',
  schema: z.strictObject({
    width: side('Width in pixels.'),
    height: side('Height in pixels.'),
    fit: z.enum(['inside', 'fill']).default('inside').meta({
      description: 'inside keeps the shape and fits into width and height; fill takes them exactly.',
    }),
  }),
  preview: { width: 96, height: 96 },
  work: ({ width, height, fit }) => {
    const sizeOf = (size: Size): Size => {
      if (fit === 'fill') return { width, height };
      return scaled(size, Math.min(width / size.width, height / size.height));
    };
    return {
      type: 'geometry',
      size: sizeOf,
      zoom: (size) => Math.max(sizeOf(size).width / size.width, sizeOf(size).height / size.height),
      apply: (raster, target, pixels) => pixels.resized(raster, target),
    };
  },
});

function side(description: string) {
  return z.int().min(1).max(20_000).default(800).meta({ description });
}

export const border = filter({
  name: 'border',
  description: 'A frame of one colour around the photo.',
  schema: z.strictObject({
    width: amount(0, 0.5, 0.05, 'As a fraction of the photo’s shorter side.'),
    color: color('#ffffff', 'Its colour.'),
  }),
  preview: { width: 0.08, color: '#f5efe0' },
  work: ({ width: share, color }) => ({
    type: 'geometry',
    size: ({ width, height }) => {
      const wide = Math.round(share * Math.min(width, height));
      return { width: width + 2 * wide, height: height + 2 * wide };
    },
    apply: (raster, target, pixels) => pixels.framed(raster, target, color),
  }),
});
