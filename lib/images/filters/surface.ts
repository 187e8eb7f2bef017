import * as z from 'zod';
import type { Size } from '../size.ts';
import { clamp, mix, smoothstep } from './colour-space.ts';
import { amount, filter, type RowWork } from './filter.ts';

const FALLOFF_STEPS = 2_048;

/**
 * Less light towards the corners. Light is multiplied, which for a power law is the same as multiplying the encoded
 * value by a power of the factor; sRGB is close enough to the power 2.2.
 */
export const vignette = filter({
  name: 'vignette',
  description: 'Darkens the corners.',
  schema: z.strictObject({
    amount: amount(0, 1, 0.6, '0 leaves the photo as it is; 1 makes the corners black.'),
    size: amount(0, 1, 0.35, 'How much of the middle is left alone, of the way to the corners.'),
  }),
  preview: { amount: 0.8, size: 0.25 },
  work: ({ amount, size }) => ({ type: 'rows', rows: (frame) => darkened(frame, amount, size) }),
});

function darkened({ width, height }: Size, amount: number, size: number): RowWork {
  // By the square of the distance from the middle: 0 there, 1 in the corners.
  const falloff = Float32Array.from({ length: FALLOFF_STEPS + 1 }, (_, step) => {
    const distance = Math.sqrt(step / FALLOFF_STEPS);
    return (1 - amount * smoothstep(0.95 * size, 1.05, distance)) ** (1 / 2.2);
  });
  const squares = (length: number) =>
    Float32Array.from({ length }, (_, place) => 0.5 * FALLOFF_STEPS * ((2 * place + 1) / length - 1) ** 2);
  const [across, down] = [squares(width), squares(height)];
  return (row, y) => {
    const square = down[y] as number;
    for (let x = 0, at = 0; at < row.length; x += 1, at += 3) {
      const gain = falloff[((across[x] as number) + square) | 0] as number;
      row[at] = (row[at] as number) * gain;
      row[at + 1] = (row[at + 1] as number) * gain;
      row[at + 2] = (row[at + 2] as number) * gain;
    }
  };
}

/** Noise of one kind for all channels, in encoded values: strongest in the middle tones, as silver on film has it. */
export const grain = filter({
  name: 'grain',
  description: 'The grain of film.',
  schema: z.strictObject({
    amount: amount(0, 1, 0.4, '0 leaves the photo as it is.'),
    size: amount(0, 1, 0.3, 'From finest to coarsest.'),
    seed: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1)
      .meta({ description: 'The same seed throws the same grain; another one throws it anew.' }),
  }),
  preview: { amount: 0.9, size: 0.8 },
  work: ({ amount, size, seed }) => ({
    type: 'rows',
    rows: (frame) => grained(frame, 0.5 * amount, 0.0006 + 0.0034 * size, seed),
  }),
});

/** @param size of a grain, as a fraction of the longer side */
function grained({ width, height }: Size, amount: number, size: number, seed: number): RowWork {
  const cell = Math.max(1, size * Math.max(width, height));
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor(x / cell));
  const shares = Float32Array.from(columns, (column, x) => x / cell - column);
  const count = Math.floor(width / cell) + 2;
  const lineOf = (line: number) =>
    Float32Array.from({ length: count }, (_, x) => amount * noise(x, line, seed));
  const grains = new Float32Array(count);
  let [line, above, below] = [0, lineOf(0), lineOf(1)];
  return (row, y) => {
    for (; line < Math.floor(y / cell); line += 1) [above, below] = [below, lineOf(line + 2)];
    const down = y / cell - line;
    for (let column = 0; column < count; column += 1) {
      grains[column] = mix(above[column] as number, below[column] as number, down);
    }
    for (let x = 0, at = 0; at < row.length; x += 1, at += 3) {
      const column = columns[x] as number;
      const left = grains[column] as number;
      const red = row[at] as number;
      const green = row[at + 1] as number;
      const blue = row[at + 2] as number;
      const luma = 0.25 * red + 0.65 * green + 0.1 * blue;
      const grain = left + ((grains[column + 1] as number) - left) * (shares[x] as number);
      const change = grain * (0.25 + 3 * luma * (1 - luma));
      row[at] = clamp(red + change);
      row[at + 1] = clamp(green + change);
      row[at + 2] = clamp(blue + change);
    }
  };
}

/** -0.5 to 0.5, always the same for the same place: each bit of the input changes half of the output's. */
function noise(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(seed + 1, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32 - 0.5;
}
