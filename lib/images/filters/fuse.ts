import type { Raster } from '../raster.ts';
import { clamp } from './colour-space.ts';
import type { Colouring, Curve, PixelWork, Rgb, RowWork } from './filter.ts';

/** Entries of a curve's table: 16 for each of the 255 steps of a file's values, which are thus met exactly. */
const TABLE_STEPS = 16 * 255;
/** Steps along each side of a colour cube. With 32, smooth gradings are off by less than one 255th on average. */
const CUBE_STEPS = 32;
const SIDE = CUBE_STEPS + 1;

/**
 * Does any number of such works in one pass, in floating point: values are rounded to 8 bits once, at the end.
 * The result of each work is cut to 0 to 1, as if it stood alone. Alpha stays as it is.
 */
export function fused(raster: Raster, works: readonly PixelWork[]): Raster {
  const { data, width, height, channels } = raster;
  const passes = compile(works, raster);
  const result = Buffer.allocUnsafe(data.length);
  const row = new Float32Array(width * 3);
  const stride = width * channels;
  for (let y = 0; y < height; y += 1) {
    const start = y * stride;
    for (let at = start, to = 0; to < row.length; at += channels, to += 3) {
      row[to] = (data[at] as number) / 255;
      row[to + 1] = (data[at + 1] as number) / 255;
      row[to + 2] = (data[at + 2] as number) / 255;
    }
    for (const pass of passes) pass(row, y);
    for (let at = start, from = 0; from < row.length; at += channels, from += 3) {
      result[at] = (row[from] as number) * 255 + 0.5;
      result[at + 1] = (row[from + 1] as number) * 255 + 0.5;
      result[at + 2] = (row[from + 2] as number) * 255 + 0.5;
      if (channels === 4) result[at + 3] = data[at + 3] as number;
    }
  }
  return { ...raster, data: result };
}

/**
 * The fewest passes over a row: curves that follow each other become one table for each channel, and everything
 * from the first work that mixes channels to the last becomes one cube. A curve that jumps is never put into a cube,
 * which would smear it over a 32nd; neighbours of a cube that are curves stay tables, which are exact.
 */
function compile(works: readonly PixelWork[], size: Raster): RowWork[] {
  const passes: RowWork[] = [];
  let group: Exclude<PixelWork, { type: 'rows' }>[] = [];
  const close = () => {
    const first = group.findIndex(({ type }) => type === 'colour');
    const last = group.findLastIndex(({ type }) => type === 'colour');
    if (first === -1) passes.push(...tableOf(group));
    else {
      passes.push(...tableOf(group.slice(0, first)));
      passes.push(cubeOf(group.slice(first, last + 1)));
      passes.push(...tableOf(group.slice(last + 1)));
    }
    group = [];
  };
  for (const work of works) {
    if (work.type === 'rows') {
      close();
      passes.push(work.rows(size));
    } else if (work.type === 'curve' && work.steps) {
      close();
      passes.push(...tableOf([work]));
    } else group.push(work);
  }
  close();
  return passes;
}

function tableOf(works: readonly PixelWork[]): RowWork[] {
  const curves = works.flatMap((work) => (work.type === 'curve' ? [work.curve] : []));
  if (curves.length === 0) return [];
  const [red, green, blue] = [0, 1, 2].map((channel) => table(curves, channel)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return [
    (row) => {
      for (let at = 0; at < row.length; at += 3) {
        row[at] = red[((row[at] as number) * TABLE_STEPS + 0.5) | 0] as number;
        row[at + 1] = green[((row[at + 1] as number) * TABLE_STEPS + 0.5) | 0] as number;
        row[at + 2] = blue[((row[at + 2] as number) * TABLE_STEPS + 0.5) | 0] as number;
      }
    },
  ];
}

function table(curves: readonly Curve[], channel: number): Float32Array {
  return Float32Array.from({ length: TABLE_STEPS + 1 }, (_, step) =>
    curves.reduce((value, curve) => clamp(curve(value, channel)), step / TABLE_STEPS),
  );
}

/** The works as one function of a colour. */
export function coloured(works: readonly Exclude<PixelWork, { type: 'rows' }>[]): Colouring {
  return (rgb) => {
    for (const work of works) {
      if (work.type === 'colour') work.colour(rgb);
      else
        for (let channel = 0; channel < 3; channel += 1)
          rgb[channel] = work.curve(rgb[channel] as number, channel);
      for (let channel = 0; channel < 3; channel += 1) rgb[channel] = clamp(rgb[channel] as number);
    }
  };
}

function cubeOf(works: readonly Exclude<PixelWork, { type: 'rows' }>[]): RowWork {
  const colour = coloured(works);
  const cube = new Float32Array(3 * SIDE ** 3);
  const rgb: Rgb = [0, 0, 0];
  let at = 0;
  for (let red = 0; red < SIDE; red += 1) {
    for (let green = 0; green < SIDE; green += 1) {
      for (let blue = 0; blue < SIDE; blue += 1) {
        rgb[0] = red / CUBE_STEPS;
        rgb[1] = green / CUBE_STEPS;
        rgb[2] = blue / CUBE_STEPS;
        colour(rgb);
        cube.set(rgb, at);
        at += 3;
      }
    }
  }
  return (row) => interpolate(cube, row);
}

const RED = 3 * SIDE * SIDE;
const GREEN = 3 * SIDE;
const BLUE = 3;

/**
 * Tetrahedral interpolation: each cell of the cube is cut into six along its grey diagonal, so that greys are made
 * of greys alone, and functions that are linear come out exactly. J. M. Kasson et al., "Tetrahedral interpolation
 * technique using lookup tables", 1993.
 */
function interpolate(cube: Float32Array, row: Float32Array): void {
  for (let at = 0; at < row.length; at += 3) {
    const red = (row[at] as number) * CUBE_STEPS;
    const green = (row[at + 1] as number) * CUBE_STEPS;
    const blue = (row[at + 2] as number) * CUBE_STEPS;
    const r = red < CUBE_STEPS ? red | 0 : CUBE_STEPS - 1;
    const g = green < CUBE_STEPS ? green | 0 : CUBE_STEPS - 1;
    const b = blue < CUBE_STEPS ? blue | 0 : CUBE_STEPS - 1;
    const x = red - r;
    const y = green - g;
    const z = blue - b;
    const low = r * RED + g * GREEN + b * BLUE;
    const high = low + RED + GREEN + BLUE;
    let one: number;
    let two: number;
    let most: number;
    let middle: number;
    let least: number;
    if (x >= y) {
      if (y >= z) [one, two, most, middle, least] = [RED, RED + GREEN, x, y, z];
      else if (x >= z) [one, two, most, middle, least] = [RED, RED + BLUE, x, z, y];
      else [one, two, most, middle, least] = [BLUE, RED + BLUE, z, x, y];
    } else if (x >= z) [one, two, most, middle, least] = [GREEN, RED + GREEN, y, x, z];
    else if (y >= z) [one, two, most, middle, least] = [GREEN, GREEN + BLUE, y, z, x];
    else [one, two, most, middle, least] = [BLUE, GREEN + BLUE, z, y, x];
    one += low;
    two += low;
    const atLow = 1 - most;
    const atOne = most - middle;
    const atTwo = middle - least;
    for (let channel = 0; channel < 3; channel += 1) {
      row[at + channel] =
        atLow * (cube[low + channel] as number) +
        atOne * (cube[one + channel] as number) +
        atTwo * (cube[two + channel] as number) +
        least * (cube[high + channel] as number);
    }
  }
}
