import type { Size } from '../size.ts';

/**
 * The mean of each value's neighbourhood, in place: a square that reaches `radius` pixels to each side, of which the
 * outermost count by their fraction. Beyond the edge the edge's value goes on. Costs the same for every radius.
 */
export function boxMean(plane: Float32Array, size: Size, radius: number): void {
  if (radius <= 0) return;
  alongRows(plane, size, radius);
  alongColumns(plane, size, radius);
}

/**
 * A Gaussian blur, in place, as three box blurs of the same variance: P. Gwosdek et al., "Theoretical foundations of
 * Gaussian convolution by extended box filtering", 2011.
 *
 * @param sigma standard deviation, in pixels
 */
export function gaussian(plane: Float32Array, size: Size, sigma: number): void {
  const radius = radiusOf(sigma);
  for (let pass = 0; pass < 3; pass += 1) boxMean(plane, size, radius);
}

/** The fractional radius of a box of which three have the variance of the Gaussian. */
function radiusOf(sigma: number): number {
  const variance = sigma ** 2 / 3;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const length = 2 * whole + 1;
  const missing = variance - (whole * (whole + 1)) / 3;
  const share = (length * missing) / (2 * ((whole + 1) ** 2 - variance));
  return whole + share;
}

function alongRows(plane: Float32Array, { width, height }: Size, radius: number): void {
  const whole = Math.floor(radius);
  const share = radius - whole;
  const scale = 1 / (2 * radius + 1);
  // The row with its edges drawn out, so that the sum's window never leaves it.
  const row = new Float64Array(width + 2 * whole + 2);
  for (let y = 0; y < height; y += 1) {
    const start = y * width;
    row.fill(plane[start] as number, 0, whole + 1);
    for (let x = 0; x < width; x += 1) row[x + whole + 1] = plane[start + x] as number;
    row.fill(plane[start + width - 1] as number, width + whole + 1);
    let sum = 0;
    for (let at = 1; at <= 2 * whole; at += 1) sum += row[at] as number;
    for (let x = 0; x < width; x += 1) {
      const far = x + 2 * whole + 1;
      sum += row[far] as number;
      plane[start + x] = (sum + share * ((row[x] as number) + (row[far + 1] as number))) * scale;
      sum -= row[x + 1] as number;
    }
  }
}

/** Row after row with one sum a column, as memory lies; the rows that are still needed are kept aside. */
function alongColumns(plane: Float32Array, { width, height }: Size, radius: number): void {
  const whole = Math.floor(radius);
  const share = radius - whole;
  const scale = 1 / (2 * radius + 1);
  const source = plane.slice();
  const at = (y: number) => Math.min(height - 1, Math.max(0, y)) * width;
  const sums = new Float64Array(width);
  for (let y = -whole; y < whole; y += 1) {
    const from = at(y);
    for (let x = 0; x < width; x += 1) sums[x] = (sums[x] as number) + (source[from + x] as number);
  }
  for (let y = 0; y < height; y += 1) {
    const to = y * width;
    const [before, first, last, after] = [at(y - whole - 1), at(y - whole), at(y + whole), at(y + whole + 1)];
    for (let x = 0; x < width; x += 1) {
      const sum = (sums[x] as number) + (source[last + x] as number);
      const edges = (source[before + x] as number) + (source[after + x] as number);
      plane[to + x] = (sum + share * edges) * scale;
      sums[x] = sum - (source[first + x] as number);
    }
  }
}
