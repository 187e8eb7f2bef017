import * as z from 'zod';
import type { Raster } from '../raster.ts';
import { clamp, luminanceOf, mix, toEncoded, toLinear } from './colour-space.ts';
import { amount, type Colouring, filter, type Rgb } from './filter.ts';

/** Half a stop more light, and a whole stop less, are what they are behind a lens: linear light is multiplied. */
export const exposure = filter({
  name: 'exposure',
  description: 'More or less light, as if the shutter had been open for longer or shorter.',
  schema: z.strictObject({ stops: amount(-3, 3, 0.7, 'Each stop doubles the light.') }),
  preview: { stops: 1 },
  work: ({ stops }) => {
    const gain = 2 ** stops;
    return { type: 'curve', curve: (value) => toEncoded(toLinear(value) * gain) };
  },
});

/**
 * About middle grey, in encoded values, which are spaced as the eye sees them. More contrast is an S that never
 * clips: a power below the middle, mirrored above; less is a straight line.
 */
export const contrast = filter({
  name: 'contrast',
  description: 'Spreads light and dark apart, or brings them together.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.35, '0 leaves the photo as it is; -1 is nearly flat.') }),
  preview: { amount: 0.6 },
  work: ({ amount }) => ({
    type: 'curve',
    curve: (value) => {
      if (amount < 0) return 0.5 + (value - 0.5) * (1 + 0.9 * amount);
      const power = 1 + 1.5 * amount;
      return value < 0.5 ? 0.5 * (2 * value) ** power : 1 - 0.5 * (2 - 2 * value) ** power;
    },
  }),
});

/** Bright parts only: the change is largest at a lightness of 0.75 and nothing at black and white. */
export const highlights = filter({
  name: 'highlights',
  description: 'Brightens the bright parts, or brings back what is in them.',
  schema: z.strictObject({ amount: amount(-1, 1, -0.7, '-1 darkens them most, 1 brightens them most.') }),
  preview: { amount: -1 },
  work: ({ amount }) => ({
    type: 'colour',
    colour: relit((value) => value + 0.8 * amount * value ** 3 * (1 - value)),
  }),
});

/** Dark parts only: the mirror image of highlights. */
export const shadows = filter({
  name: 'shadows',
  description: 'Lifts the dark parts, or deepens them.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.7, '1 brightens them most, -1 darkens them most.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({
    type: 'colour',
    colour: relit((value) => value + 0.8 * amount * value * (1 - value) ** 3),
  }),
});

/** Blacks become dark grey and whites a little less white, in encoded values. */
export const fade = filter({
  name: 'fade',
  description: 'Lifts black and dims white, like a print that has been in the sun.',
  schema: z.strictObject({ amount: amount(0, 1, 0.6, '0 leaves the photo as it is.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({ type: 'curve', curve: (value) => mix(value, 0.16 + 0.76 * value, amount) }),
});

/**
 * Stretches each channel to where its darkest and brightest parts are (one in 200 pixels each), half of it alike for
 * all channels and half by itself, which takes away a cast but not a sunset; then brings the median of the
 * luminance halfway to a little under the middle. A photo that has everything already stays nearly as it is.
 */
export const autoEnhance = filter({
  name: 'auto-enhance',
  description: 'Uses the whole range from black to white, takes away a cast, and brightens what is too dark.',
  schema: z.strictObject({ amount: amount(0, 1, 1, '0 leaves the photo as it is.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({
    type: 'measured',
    measure: (raster) => {
      const { channels, luma } = histogramsOf(raster);
      const [low, high] = rangeOf(luma);
      const ranges = channels
        .map(rangeOf)
        .map(([from, to]) => [mix(low, from, 0.5), mix(high, to, 0.5)] as const);
      const median = clamp((percentile(luma, 0.5) - low) / Math.max(MOST_STRETCHED, high - low));
      const wanted = mix(median, 0.46, 0.5);
      const power = median > 0 && median < 1 ? Math.log(wanted) / Math.log(median) : 1;
      return {
        type: 'curve',
        curve: (value, channel) => {
          const [from, to] = ranges[channel] as readonly [number, number];
          const stretched = clamp((value - from) / Math.max(MOST_STRETCHED, to - from));
          return mix(value, stretched ** Math.min(1.1, Math.max(0.6, power)), amount);
        },
      };
    },
  }),
});

/** Fog may be fog: the range of a photo is at most tripled. */
const MOST_STRETCHED = 1 / 3;
const OUTLIERS = 0.005;
/** So many pixels tell the distribution; more cost time only. */
const SAMPLES = 100_000;

type Histogram = Uint32Array;

function histogramsOf({ data, channels: stride }: Raster): { channels: Histogram[]; luma: Histogram } {
  const channels = [0, 1, 2].map(() => new Uint32Array(256));
  const luma = new Uint32Array(256);
  const pixels = data.length / stride;
  const every = Math.max(1, Math.floor(pixels / SAMPLES)) * stride;
  const count = (histogram: Histogram | undefined, value: number) => {
    if (histogram) histogram[value] = (histogram[value] as number) + 1;
  };
  for (let at = 0; at < data.length; at += every) {
    const [red, green, blue] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    // What can't be seen doesn't count.
    if (stride === 4 && (data[at + 3] as number) === 0) continue;
    count(channels[0], red);
    count(channels[1], green);
    count(channels[2], blue);
    count(luma, Math.round(0.299 * red + 0.587 * green + 0.114 * blue));
  }
  return { channels, luma };
}

function rangeOf(histogram: Histogram): readonly [low: number, high: number] {
  return [percentile(histogram, OUTLIERS), percentile(histogram, 1 - OUTLIERS)];
}

/** The value, 0 to 1, below or at which this share of the pixels is. */
function percentile(histogram: Histogram, share: number): number {
  let left = share * histogram.reduce((sum, count) => sum + count, 0);
  const value = histogram.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return Math.max(0, value) / 255;
}

/**
 * Changes the luminance by a curve of its encoded value and multiplies the light of all channels alike, so that hue
 * and saturation stay, which they would not if each channel followed the curve by itself.
 */
function relit(curve: (value: number) => number): Colouring {
  return (rgb: Rgb) => {
    const before = luminanceOf(rgb);
    const encoded = toEncoded(before);
    // Near black both are nothing, and their ratio is the curve's slope.
    const gain = encoded < 1e-4 ? toLinear(curve(1e-4)) / toLinear(1e-4) : toLinear(curve(encoded)) / before;
    rgb[0] = toEncoded(toLinear(rgb[0]) * gain);
    rgb[1] = toEncoded(toLinear(rgb[1]) * gain);
    rgb[2] = toEncoded(toLinear(rgb[2]) * gain);
  };
}
