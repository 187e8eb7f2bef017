import * as z from 'zod';
import type { Raster } from '../raster.ts';
import type { Size } from '../size.ts';
import { clamp, mix, toEncoded, toLinear } from './colour-space.ts';
import { amount, filter, type RowWork } from './filter.ts';
import { boxMean, gaussian } from './planes.ts';

const RADIUS = 'in thousandths of the photo’s longer side';
/** A narrower blur reaches no neighbour. */
const LEAST_SIGMA = 0.5;
/** What is less opaque than this can't be seen. */
const LEAST_OPACITY = 1 / 512;

/**
 * Unsharp masking of brightness alone, in encoded values: in linear light the dark side of each edge would be drawn
 * much harder than the bright one, and by channel edges would get coloured fringes.
 */
export const sharpen = filter({
  name: 'sharpen',
  description: 'Draws edges more clearly.',
  schema: z.strictObject({
    amount: amount(0, 2, 1, '0 leaves the photo as it is.'),
    radius: amount(0.2, 5, 0.8, `Width of the edges, ${RADIUS}.`),
  }),
  preview: { amount: 2, radius: 5 },
  work: ({ amount, radius }) => ({
    type: 'measured',
    measure: (raster) => {
      if (amount === 0) return { type: 'curve', curve: (value) => value };
      const smooth = smoothBrightness(raster, Math.max(LEAST_SIGMA, lengthOf(radius, raster)));
      return { type: 'rows', rows: ({ width }) => unsharp(smooth, width, amount) };
    },
  }),
});

/** As encoded values have it, 0 to 1: ITU-R BT.601, 2.5.1. */
function brightness(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/**
 * The brightness of every pixel, blurred, 0 to 1. Not by libvips, whose quick blur of bytes makes 234 of a flat 230, so
 * that skies would change, and whose exact one takes five times as long at a wide radius.
 */
function smoothBrightness(raster: Raster, sigma: number): Float32Array {
  const { data, width, height, channels } = raster;
  const smooth = new Float32Array(width * height);
  const weights = channels === 4 ? opacityOf(raster) : undefined;
  for (let at = 0, from = 0; at < smooth.length; at += 1, from += channels) {
    const value = brightness(data[from] as number, data[from + 1] as number, data[from + 2] as number) / 255;
    smooth[at] = weights ? value * (weights[at] as number) : value;
  }
  gaussian(smooth, raster, sigma, 2);
  if (!weights) return smooth;
  gaussian(weights, raster, sigma, 2);
  return smooth.map((value, at) => value / Math.max(LEAST_OPACITY, weights[at] as number));
}

function unsharp(smooth: Float32Array, width: number, amount: number): RowWork {
  return (row, y) => {
    for (let at = 0, pixel = y * width; at < row.length; at += 3, pixel += 1) {
      const red = row[at] as number;
      const green = row[at + 1] as number;
      const blue = row[at + 2] as number;
      const change = amount * (brightness(red, green, blue) - (smooth[pixel] as number));
      row[at] = clamp(red + change);
      row[at + 1] = clamp(green + change);
      row[at + 2] = clamp(blue + change);
    }
  };
}

/** Light is what a lens spreads, so it is spread in linear light: lamps stay bright, and bright edges win. */
export const blur = filter({
  name: 'blur',
  description: 'Out of focus.',
  schema: z.strictObject({ radius: amount(0, 50, 5, `How far light is spread, ${RADIUS}.`) }),
  preview: { radius: 10 },
  work: ({ radius }) => ({
    type: 'pixels',
    apply: (raster) => {
      if (radius === 0) return raster;
      const sigma = lengthOf(radius, raster);
      return byPlane(raster, LINEAR, toByte, (plane) => gaussian(plane, raster, sigma));
    },
  }),
});

/**
 * A guided filter that is guided by the photo itself: what varies less than the noise is taken for noise and
 * averaged, what varies more is an edge and stays. In encoded values, where noise is about as strong everywhere.
 * K. He et al., "Guided image filtering", 2010.
 */
export const denoise = filter({
  name: 'denoise',
  description: 'Smooths noise and keeps edges.',
  schema: z.strictObject({
    amount: amount(0, 1, 0.5, '0 leaves the photo as it is.'),
    radius: amount(0.5, 5, 1.5, `How far around is averaged, ${RADIUS}.`),
  }),
  preview: { amount: 1, radius: 5 },
  work: ({ amount, radius }) => ({
    type: 'pixels',
    apply: (raster) => {
      if (amount === 0) return raster;
      const reach = Math.max(1, lengthOf(radius, raster));
      return byPlane(raster, ENCODED, Math.round, (plane) =>
        guided(plane, raster, reach, (25 * amount) ** 2),
      );
    },
  }),
});

/**
 * What is averaged is looked at in blocks of about two thirds of the radius, and the line that comes out of it is put between
 * their middles: K. He and J. Sun, "Fast guided filter", 2015.
 */
function guided(plane: Float32Array, size: Size, radius: number, noise: number): void {
  const block = Math.max(1, Math.round(radius / 1.5));
  const blocks = { width: Math.ceil(size.width / block), height: Math.ceil(size.height / block) };
  const mean = shrunk(plane, size, block, blocks);
  const slope = mean.map((value) => value * value);
  boxMean(mean, blocks, radius / block);
  boxMean(slope, blocks, radius / block);
  for (let at = 0; at < mean.length; at += 1) {
    const average = mean[at] as number;
    const variance = Math.max(0, (slope[at] as number) - average * average);
    slope[at] = variance / (variance + noise);
    mean[at] = average * (1 - (slope[at] as number));
  }
  boxMean(slope, blocks, radius / block);
  boxMean(mean, blocks, radius / block);
  for (let y = 0; y < size.height; y += 1) {
    line(plane.subarray(y * size.width, (y + 1) * size.width), y, block, blocks, slope, mean);
  }
}

function shrunk(plane: Float32Array, { width, height }: Size, block: number, blocks: Size): Float32Array {
  if (block === 1) return plane.slice();
  const sums = new Float32Array(blocks.width * blocks.height);
  for (let y = 0; y < height; y += 1) {
    const to = sums.subarray(Math.floor(y / block) * blocks.width);
    addBlocks(to, plane.subarray(y * width, (y + 1) * width), block);
  }
  return sums.map((sum, at) => {
    const wide = Math.min(block, width - (at % blocks.width) * block);
    const tall = Math.min(block, height - Math.floor(at / blocks.width) * block);
    return sum / (wide * tall);
  });
}

function addBlocks(sums: Float32Array, row: Float32Array, block: number): void {
  for (let x = 0, at = 0, left = block; x < row.length; x += 1) {
    sums[at] = (sums[at] as number) + (row[x] as number);
    left -= 1;
    if (left === 0) {
      at += 1;
      left = block;
    }
  }
}

/** Each pixel's value by the line of its place, slope and start, which lie between those of four blocks. */
function line(
  row: Float32Array,
  y: number,
  block: number,
  { width, height }: Size,
  slope: Float32Array,
  start: Float32Array,
): void {
  const place = Math.min(height - 1, Math.max(0, (y + 0.5) / block - 0.5));
  const upper = Math.floor(place) * width;
  const lower = Math.min(height - 1, Math.floor(place) + 1) * width;
  const down = place - Math.floor(place);
  for (let x = 0; x < row.length; x += 1) {
    const across = Math.min(width - 1, Math.max(0, (x + 0.5) / block - 0.5));
    const left = across | 0;
    const right = Math.min(width - 1, left + 1);
    const share = across - left;
    const slopeAbove = mix(slope[upper + left] as number, slope[upper + right] as number, share);
    const slopeBelow = mix(slope[lower + left] as number, slope[lower + right] as number, share);
    const startAbove = mix(start[upper + left] as number, start[upper + right] as number, share);
    const startBelow = mix(start[lower + left] as number, start[lower + right] as number, share);
    row[x] = mix(slopeAbove, slopeBelow, down) * (row[x] as number) + mix(startAbove, startBelow, down);
  }
}

const ENCODED = Float32Array.from({ length: 256 }, (_, value) => value);
const LINEAR = Float32Array.from({ length: 256 }, (_, value) => toLinear(value / 255));
const ROOT_STEPS = 4_096;
/** By the square root of the light: spaced closely where the eye sees small differences. */
const BYTES = Uint8Array.from({ length: ROOT_STEPS + 1 }, (_, step) =>
  Math.round(255 * toEncoded((step / ROOT_STEPS) ** 2)),
);

function toByte(light: number): number {
  return BYTES[(Math.sqrt(clamp(light)) * ROOT_STEPS + 0.5) | 0] as number;
}

/**
 * Changes the channels in place, one after the other, so that only one is in memory as numbers. Colours are weighed by their
 * opacity, so that what can't be seen doesn't bleed into what can.
 */
function byPlane(
  raster: Raster,
  values: Float32Array,
  byteOf: (value: number) => number,
  change: (plane: Float32Array) => void,
): Raster {
  const { data, channels, width, height } = raster;
  const plane = new Float32Array(width * height);
  const weights = channels === 4 ? opacityOf(raster) : undefined;
  const spread = weights?.slice();
  if (spread) change(spread);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let at = 0, from = channel; at < plane.length; at += 1, from += channels) {
      plane[at] = (values[data[from] as number] as number) * (weights ? (weights[at] as number) : 1);
    }
    change(plane);
    for (let at = 0, to = channel; at < plane.length; at += 1, to += channels) {
      const weight = spread ? (spread[at] as number) : 1;
      if (weight > LEAST_OPACITY) data[to] = byteOf((plane[at] as number) / weight);
    }
  }
  if (spread) {
    for (let at = 0; at < plane.length; at += 1)
      data[4 * at + 3] = Math.round(255 * clamp(spread[at] as number));
  }
  return raster;
}

function opacityOf({ data, width, height }: Raster): Float32Array {
  return Float32Array.from({ length: width * height }, (_, at) => (data[4 * at + 3] as number) / 255);
}

function lengthOf(thousandths: number, { width, height }: Raster): number {
  return (thousandths / 1_000) * Math.max(width, height);
}
