import * as z from 'zod';
import type { Raster } from '../raster.ts';
import { clamp, toEncoded, toLinear } from './colour-space.ts';
import { amount, filter, type RowWork } from './filter.ts';
import { boxMean, gaussian } from './planes.ts';

const RADIUS = 'in thousandths of the photo’s longer side';
/** A narrower blur reaches no neighbour. */
const LEAST_SIGMA = 0.5;

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
    measure: async (raster, pixels) => {
      if (amount === 0) return { type: 'curve', curve: (value) => value };
      const sigma = Math.max(LEAST_SIGMA, lengthOf(radius, raster));
      const blurred = await pixels.blurred(raster, sigma);
      return { type: 'rows', rows: () => unsharp(blurred, amount) };
    },
  }),
});

function unsharp({ data, width, channels }: Raster, amount: number): RowWork {
  return (row, y) => {
    for (let at = 0, from = y * width * channels; at < row.length; at += 3, from += channels) {
      const red = row[at] as number;
      const green = row[at + 1] as number;
      const blue = row[at + 2] as number;
      const smooth =
        0.299 * (data[from] as number) +
        0.587 * (data[from + 1] as number) +
        0.114 * (data[from + 2] as number);
      const change = amount * (0.299 * red + 0.587 * green + 0.114 * blue - smooth / 255);
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

function guided(plane: Float32Array, size: Raster, radius: number, noise: number): void {
  const mean = plane.slice();
  boxMean(mean, size, radius);
  const slope = plane.map((value) => value * value);
  boxMean(slope, size, radius);
  for (let at = 0; at < plane.length; at += 1) {
    const average = mean[at] as number;
    const variance = Math.max(0, (slope[at] as number) - average * average);
    slope[at] = variance / (variance + noise);
    mean[at] = average * (1 - (slope[at] as number));
  }
  boxMean(slope, size, radius);
  boxMean(mean, size, radius);
  for (let at = 0; at < plane.length; at += 1) {
    plane[at] = (slope[at] as number) * (plane[at] as number) + (mean[at] as number);
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
      if (weight > 1 / 512) data[to] = byteOf((plane[at] as number) / weight);
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
