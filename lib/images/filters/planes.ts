import type { Size } from '../size.ts';

/**
 * The mean of each value's neighbourhood, in place: a square that reaches `radius` pixels to each side, of which the
 * outermost count by their fraction. Beyond the edge the edge's value goes on. Costs the same for every radius.
 */
export function boxMean(plane: Float32Array, size: Size, radius: number): void {
  if (radius > 0) boxMeans(plane, size, radius, 1);
}

/**
 * A Gaussian blur, in place, as a few box blurs of the same variance: P. Gwosdek et al., "Theoretical foundations of
 * Gaussian convolution by extended box filtering", 2011.
 *
 * @param sigma standard deviation, in pixels
 * @param boxes three are as good as a Gaussian; two, a pyramid, take a third less time
 */
export function gaussian(plane: Float32Array, size: Size, sigma: number, boxes: 2 | 3 = 3): void {
  boxMeans(plane, size, radiusOf(sigma, boxes), boxes);
}

/** The fractional radius of a box of which so many have the variance of the Gaussian. */
function radiusOf(sigma: number, boxes: number): number {
  const variance = sigma ** 2 / boxes;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const length = 2 * whole + 1;
  const missing = variance - (whole * (whole + 1)) / 3;
  const share = (length * missing) / (2 * ((whole + 1) ** 2 - variance));
  return whole + share;
}

/** Rows and columns don't mind which comes first, so each row has all its turns while it is at hand. */
function boxMeans(plane: Float32Array, size: Size, radius: number, times: number): void {
  const { width, height } = size;
  // The row with its edges drawn out, so that the sum's window never leaves it.
  const drawnOut = new Float32Array(width + 2 * Math.floor(radius) + 2);
  for (let y = 0; y < height; y += 1) {
    const row = plane.subarray(y * width, (y + 1) * width);
    for (let time = 0; time < times; time += 1) alongRow(row, drawnOut, radius);
  }
  for (let time = 0; time < times; time += 1) alongColumns(plane, size, radius);
}

function alongRow(row: Float32Array, drawnOut: Float32Array, radius: number): void {
  const whole = Math.floor(radius);
  const share = radius - whole;
  const scale = 1 / (2 * radius + 1);
  drawnOut.fill(row[0] as number, 0, whole + 1);
  drawnOut.set(row, whole + 1);
  drawnOut.fill(row[row.length - 1] as number, row.length + whole + 1);
  let sum = 0;
  for (let at = 1; at <= 2 * whole; at += 1) sum += drawnOut[at] as number;
  for (let x = 0; x < row.length; x += 1) {
    const far = x + 2 * whole + 1;
    sum += drawnOut[far] as number;
    row[x] = (sum + share * ((drawnOut[x] as number) + (drawnOut[far + 1] as number))) * scale;
    sum -= drawnOut[x + 1] as number;
  }
}

/** Row after row with one sum a column, as memory lies; rows that are written are kept as they were, while needed. */
function alongColumns(plane: Float32Array, { width, height }: Size, radius: number): void {
  const whole = Math.floor(radius);
  const share = radius - whole;
  const scale = 1 / (2 * radius + 1);
  const kept = new Float32Array((whole + 2) * width);
  const sums = new Float64Array(width);
  const inside = (y: number) => Math.min(height - 1, Math.max(0, y));
  for (let y = -whole; y < whole; y += 1) {
    const row = plane.subarray(inside(y) * width, (inside(y) + 1) * width);
    row.forEach((value, x) => {
      sums[x] = (sums[x] as number) + value;
    });
  }
  for (let y = 0; y < height; y += 1) {
    const rowOf = (wanted: number) => {
      const from = inside(wanted);
      const place = (from <= y ? from % (whole + 2) : from) * width;
      return (from <= y ? kept : plane).subarray(place, place + width);
    };
    const target = plane.subarray(y * width, (y + 1) * width);
    kept.set(target, (y % (whole + 2)) * width);
    const edges = [rowOf(y - whole - 1), rowOf(y + whole + 1)] as const;
    slide(target, sums, rowOf(y - whole), rowOf(y + whole), edges, share, scale);
  }
}

function slide(
  target: Float32Array,
  sums: Float64Array,
  first: Float32Array,
  last: Float32Array,
  [before, after]: readonly [Float32Array, Float32Array],
  share: number,
  scale: number,
): void {
  for (let x = 0; x < target.length; x += 1) {
    const sum = (sums[x] as number) + (last[x] as number);
    target[x] = (sum + share * ((before[x] as number) + (after[x] as number))) * scale;
    sums[x] = sum - (first[x] as number);
  }
}
