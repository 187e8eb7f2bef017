import type { Raster } from '../../../lib/images/raster.ts';

type Lab = readonly [lightness: number, a: number, b: number];

/** CIE L*a*b* under D65 of an sRGB colour, 0 to 255 a channel. */
export function labOf(red: number, green: number, blue: number): Lab {
  const linear = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const [r, g, b] = linear;
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How different two colours look: G. Sharma et al., "The CIEDE2000 color-difference formula", 2005. */
export function deltaE([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const radians = Math.PI / 180;
  const meanChroma7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7;
  const stretch = 1.5 - 0.5 * Math.sqrt(meanChroma7 / (meanChroma7 + 25 ** 7));
  const [c1, c2] = [Math.hypot(a1 * stretch, b1), Math.hypot(a2 * stretch, b2)];
  const hueOf = (a: number, b: number) => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / radians + 360) % 360);
  const [h1, h2] = [hueOf(a1 * stretch, b1), hueOf(a2 * stretch, b2)];
  const grey = c1 * c2 === 0;
  const turn = grey ? 0 : ((h2 - h1 + 540) % 360) - 180;
  const bigHue = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * radians);
  const meanL = (l1 + l2) / 2;
  const meanC = (c1 + c2) / 2;
  const apart = Math.abs(h1 - h2) > 180;
  const meanH = grey ? h1 + h2 : apart ? (h1 + h2 + (h1 + h2 < 360 ? 360 : -360)) / 2 : (h1 + h2) / 2;
  const t =
    1 -
    0.17 * Math.cos((meanH - 30) * radians) +
    0.24 * Math.cos(2 * meanH * radians) +
    0.32 * Math.cos((3 * meanH + 6) * radians) -
    0.2 * Math.cos((4 * meanH - 63) * radians);
  const sl = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2);
  const sc = 1 + 0.045 * meanC;
  const sh = 1 + 0.015 * meanC * t;
  const rotation =
    -2 *
    Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)) *
    Math.sin(60 * radians * Math.exp(-(((meanH - 275) / 25) ** 2)));
  const [dl, dc, dh] = [(l2 - l1) / sl, (c2 - c1) / sc, bigHue / sh];
  return Math.sqrt(dl ** 2 + dc ** 2 + dh ** 2 + rotation * dc * dh);
}

/** The mean CIEDE2000 of two pictures of the same size. */
export function meanDeltaE(one: Raster, other: Raster): number {
  return meanDifference(labs(one), labs(other));
}

/** The mean CIEDE2000 of colours that stand in the same places. */
export function meanDifference(first: readonly Lab[], second: readonly Lab[]): number {
  return first.reduce((sum, lab, index) => sum + deltaE(lab, second[index] as Lab), 0) / first.length;
}

/** CIE L*a*b* of every pixel. */
export function labs({ data, channels }: Raster): Lab[] {
  return Array.from({ length: data.length / channels }, (_, pixel) => {
    const at = pixel * channels;
    return labOf(data[at] as number, data[at + 1] as number, data[at + 2] as number);
  });
}

/**
 * How alike the structure of two pictures is, 1 being the same, over windows of 8 x 8 pixels of luma: Z. Wang et al.,
 * "Image quality assessment: from error visibility to structural similarity", 2004.
 */
export function structuralSimilarity(one: Raster, other: Raster): number {
  const [first, second] = [lumaOf(one), lumaOf(other)];
  const scores: number[] = [];
  for (let top = 0; top + 8 <= one.height; top += 4) {
    for (let left = 0; left + 8 <= one.width; left += 4) {
      const at = (index: number) => (top + Math.floor(index / 8)) * one.width + left + (index % 8);
      const sums = [0, 0, 0, 0, 0] as [number, number, number, number, number];
      for (let index = 0; index < 64; index += 1) {
        const [x, y] = [first[at(index)] as number, second[at(index)] as number];
        [x, y, x * x, y * y, x * y].forEach((value, i) => {
          sums[i] = (sums[i] as number) + value / 64;
        });
      }
      const [x, y, xx, yy, xy] = sums;
      const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
      scores.push(
        ((2 * x * y + c1) * (2 * (xy - x * y) + c2)) /
          ((x * x + y * y + c1) * (xx - x * x + yy - y * y + c2)),
      );
    }
  }
  return mean(scores);
}

/** Brightness of every pixel as the file has it, 0 to 255. */
export function lumaOf({ data, channels }: Raster): number[] {
  return Array.from({ length: data.length / channels }, (_, pixel) => {
    const at = pixel * channels;
    return 0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}

/** The largest difference of any channel of any pixel, 0 to 255. */
export function largestDifference(one: Raster, other: Raster): number {
  return one.data.reduce(
    (largest, value, at) => Math.max(largest, Math.abs(value - (other.data[at] as number))),
    0,
  );
}
