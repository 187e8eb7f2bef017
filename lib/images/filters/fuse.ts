import type { Raster } from '../raster.ts';
import { clamp } from './colour-space.ts';
import type { Colouring, Curve, PixelWork, Rgb, RowWork } from './filter.ts';

/** Steps of a table that is looked up with values between those of a file: 16 for each of these, which are met exactly. */
const TABLE_STEPS = 16 * 255;
/** Steps along each side of a colour cube. With 32, smooth gradings are off by less than one 255th on average. */
const CUBE_STEPS = 32;
const SIDE = CUBE_STEPS + 1;

/** Curves that follow each other, and the cube after them, if there is one. */
interface Colours {
  readonly curves: readonly Curve[];
  readonly cube?: Float32Array;
}

/** Fills a row from the bytes of a picture, from `start` on, `channels` a pixel. */
type Opening = (data: Buffer, start: number, channels: number, row: Float32Array) => void;

/**
 * Does any number of such works in one pass over the picture, in place: another copy of it would cost more than a
 * work does. Values are rounded to 8 bits once, at the end; the result of each work is cut to 0 to 1, as if it stood
 * alone. Alpha stays as it is.
 */
export function fuse(raster: Raster, works: readonly PixelWork[]): void {
  const { data, width, height, channels } = raster;
  const { open, passes } = compile(works, raster);
  const row = new Float32Array(width * 3);
  for (let y = 0; y < height; y += 1) {
    const start = y * width * channels;
    open(data, start, channels, row);
    for (const pass of passes) pass(row, y);
    close(row, data, start, channels);
  }
}

/** A function of its own, as the engine compiles functions, not loops within loops. */
function close(row: Float32Array, data: Buffer, start: number, channels: number): void {
  for (let at = start, from = 0; from < row.length; at += channels, from += 3) {
    // A Buffer cuts fractions off.
    data[at] = (row[from] as number) * 255 + 0.5;
    data[at + 1] = (row[from + 1] as number) * 255 + 0.5;
    data[at + 2] = (row[from + 2] as number) * 255 + 0.5;
  }
}

/**
 * The fewest passes over a row: curves that follow each other become one table for each channel, and everything
 * from the first work that mixes channels to the last becomes one cube. A curve that jumps is never put into a cube,
 * which would smear it over a 32nd; neighbours of a cube that are curves stay tables, which are exact.
 */
function compile(works: readonly PixelWork[], size: Raster): { open: Opening; passes: RowWork[] } {
  const parts: (Colours | RowWork)[] = [];
  let group: ColourWork[] = [];
  const finish = () => {
    parts.push(...coloursOf(group));
    group = [];
  };
  for (const work of works) {
    if (work.type === 'rows') {
      finish();
      parts.push(work.rows(size));
    } else if (work.type === 'curve' && work.steps) {
      finish();
      parts.push({ curves: [work.curve] });
    } else group.push(work);
  }
  finish();
  const first = parts[0];
  const open = opening(
    first === undefined || typeof first === 'function' ? { curves: [] } : first,
    size.width,
  );
  const rest = typeof first === 'function' ? parts : parts.slice(1);
  return { open, passes: rest.map((part) => (typeof part === 'function' ? part : passOf(part, size.width))) };
}

type ColourWork = Exclude<PixelWork, { type: 'rows' }>;

function coloursOf(works: readonly ColourWork[]): Colours[] {
  const curvesOf = (part: readonly ColourWork[]) =>
    part.flatMap((work) => (work.type === 'curve' ? [work.curve] : []));
  const first = works.findIndex(({ type }) => type === 'colour');
  if (first === -1) return works.length > 0 ? [{ curves: curvesOf(works) }] : [];
  const last = works.findLastIndex(({ type }) => type === 'colour');
  const cube = cubeOf(works.slice(first, last + 1));
  const after = curvesOf(works.slice(last + 1));
  return [
    { curves: curvesOf(works.slice(0, first)), cube },
    ...(after.length > 0 ? [{ curves: after }] : []),
  ];
}

/** A file has 256 values only, so where each falls in the cube is known beforehand. */
function opening({ curves, cube }: Colours, width: number): Opening {
  const [red, green, blue] = tables(curves, 255);
  if (!cube) {
    return (data, start, channels, row) => {
      for (let at = start, to = 0; to < row.length; at += channels, to += 3) {
        row[to] = red[data[at] as number] as number;
        row[to + 1] = green[data[at + 1] as number] as number;
        row[to + 2] = blue[data[at + 2] as number] as number;
      }
    };
  }
  const [reds, greens, blues] = [placesOf(red), placesOf(green), placesOf(blue)];
  const lows = new Int32Array(width);
  return (data, start, channels, row) => {
    for (let at = start, to = 0, pixel = 0; to < row.length; at += channels, to += 3, pixel += 1) {
      const r = data[at] as number;
      const g = data[at + 1] as number;
      const b = data[at + 2] as number;
      lows[pixel] =
        RED * (reds.cells[r] as number) +
        GREEN * (greens.cells[g] as number) +
        BLUE * (blues.cells[b] as number);
      row[to] = reds.shares[r] as number;
      row[to + 1] = greens.shares[g] as number;
      row[to + 2] = blues.shares[b] as number;
    }
    interpolate(cube, lows, row);
  };
}

/** Which of the cube's cells a value falls into, and how far; 1 is the end of the last one. */
function placesOf(table: Float32Array): { cells: Int32Array; shares: Float32Array } {
  const cells = Int32Array.from(table, (value) => Math.min(CUBE_STEPS - 1, Math.floor(value * CUBE_STEPS)));
  return { cells, shares: table.map((value, at) => value * CUBE_STEPS - (cells[at] as number)) };
}

function passOf({ curves, cube }: Colours, width: number): RowWork {
  const lows = new Int32Array(cube ? width : 0);
  const [red, green, blue] = tables(curves, TABLE_STEPS);
  return (row) => {
    if (curves.length > 0) {
      for (let at = 0; at < row.length; at += 3) {
        row[at] = red[((row[at] as number) * TABLE_STEPS + 0.5) | 0] as number;
        row[at + 1] = green[((row[at + 1] as number) * TABLE_STEPS + 0.5) | 0] as number;
        row[at + 2] = blue[((row[at + 2] as number) * TABLE_STEPS + 0.5) | 0] as number;
      }
    }
    if (!cube) return;
    for (let at = 0, pixel = 0; at < row.length; at += 3, pixel += 1) {
      const r = (row[at] as number) * CUBE_STEPS;
      const g = (row[at + 1] as number) * CUBE_STEPS;
      const b = (row[at + 2] as number) * CUBE_STEPS;
      const x = Math.min(CUBE_STEPS - 1, r | 0);
      const y = Math.min(CUBE_STEPS - 1, g | 0);
      const z = Math.min(CUBE_STEPS - 1, b | 0);
      lows[pixel] = RED * x + GREEN * y + BLUE * z;
      row[at] = r - x;
      row[at + 1] = g - y;
      row[at + 2] = b - z;
    }
    interpolate(cube, lows, row);
  };
}

type Tables = [red: Float32Array, green: Float32Array, blue: Float32Array];

function tables(curves: readonly Curve[], steps: number): Tables {
  const of = (channel: number) =>
    Float32Array.from({ length: steps + 1 }, (_, step) =>
      curves.reduce((value, curve) => clamp(curve(value, channel)), step / steps),
    );
  return [of(0), of(1), of(2)];
}

/**
 * The works as one function of a colour. Curves are looked up in tables, which is a tenth of the work where a cube is
 * filled.
 */
export function coloured(works: readonly ColourWork[]): Colouring {
  const colours = works.map((work) => (work.type === 'colour' ? work.colour : lookedUp(work.curve)));
  return (rgb) => {
    for (const colour of colours) {
      colour(rgb);
      rgb[0] = clamp(rgb[0]);
      rgb[1] = clamp(rgb[1]);
      rgb[2] = clamp(rgb[2]);
    }
  };
}

function lookedUp(curve: Curve): Colouring {
  const [red, green, blue] = tables([curve], TABLE_STEPS);
  return (rgb) => {
    rgb[0] = red[(rgb[0] * TABLE_STEPS + 0.5) | 0] as number;
    rgb[1] = green[(rgb[1] * TABLE_STEPS + 0.5) | 0] as number;
    rgb[2] = blue[(rgb[2] * TABLE_STEPS + 0.5) | 0] as number;
  };
}

function cubeOf(works: readonly ColourWork[]): Float32Array {
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
        cube[at++] = rgb[0];
        cube[at++] = rgb[1];
        cube[at++] = rgb[2];
      }
    }
  }
  return cube;
}

const RED = 3 * SIDE * SIDE;
const GREEN = 3 * SIDE;
const BLUE = 3;

/**
 * Tetrahedral interpolation: each cell of the cube is cut into six along its grey diagonal, so that greys are made
 * of greys alone, and functions that are linear come out exactly. J. M. Kasson et al., "Tetrahedral interpolation
 * technique using lookup tables", 1993.
 *
 * @param lows where the darkest corner of each pixel's cell stands in the cube
 * @param row how far each pixel's red, green and blue are from there to the brightest, 0 to 1; becomes its colour
 */
function interpolate(cube: Float32Array, lows: Int32Array, row: Float32Array): void {
  for (let at = 0, pixel = 0; at < row.length; at += 3, pixel += 1) {
    const low = lows[pixel] as number;
    const x = row[at] as number;
    const y = row[at + 1] as number;
    const z = row[at + 2] as number;
    // From the darkest corner along the channel that is furthest, then along the next, then to the brightest.
    let one = low;
    let two = low;
    let most = x;
    let middle = y;
    let least = z;
    if (x >= y) {
      if (y >= z) {
        one += RED;
        two += RED + GREEN;
      } else if (x >= z) {
        one += RED;
        two += RED + BLUE;
        middle = z;
        least = y;
      } else {
        one += BLUE;
        two += RED + BLUE;
        most = z;
        middle = x;
        least = y;
      }
    } else if (x >= z) {
      one += GREEN;
      two += RED + GREEN;
      most = y;
      middle = x;
    } else if (y >= z) {
      one += GREEN;
      two += GREEN + BLUE;
      most = y;
      middle = z;
      least = x;
    } else {
      one += BLUE;
      two += GREEN + BLUE;
      most = z;
      least = x;
    }
    const high = low + RED + GREEN + BLUE;
    const atLow = 1 - most;
    const atOne = most - middle;
    const atTwo = middle - least;
    row[at] =
      atLow * (cube[low] as number) +
      atOne * (cube[one] as number) +
      atTwo * (cube[two] as number) +
      least * (cube[high] as number);
    row[at + 1] =
      atLow * (cube[low + 1] as number) +
      atOne * (cube[one + 1] as number) +
      atTwo * (cube[two + 1] as number) +
      least * (cube[high + 1] as number);
    row[at + 2] =
      atLow * (cube[low + 2] as number) +
      atOne * (cube[one + 2] as number) +
      atTwo * (cube[two + 2] as number) +
      least * (cube[high + 2] as number);
  }
}
