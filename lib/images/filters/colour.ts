import * as z from 'zod';
import {
  fromOklab,
  LUMINANCE,
  luminanceOf,
  mix,
  parseColor,
  smoothstep,
  toEncoded,
  toLinear,
  toOklab,
} from './colour-space.ts';
import { amount, type Colouring, type Curve, color, filter, type Rgb } from './filter.ts';

export const warmth = filter({
  name: 'warmth',
  description: 'Warmer, towards candle light, or cooler, towards shade.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.4, '1 is warmest, -1 coolest.') }),
  preview: { amount: 0.7 },
  work: ({ amount }) => ({ type: 'curve', curve: balanced([2 ** (0.5 * amount), 1, 2 ** (-0.7 * amount)]) }),
});

export const tint = filter({
  name: 'tint',
  description: 'Towards magenta, or towards green.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.4, '1 is most magenta, -1 most green.') }),
  preview: { amount: 0.7 },
  work: ({ amount }) => {
    const others = 2 ** (0.25 * amount);
    return { type: 'curve', curve: balanced([others, 2 ** (-0.5 * amount), others]) };
  },
});

/** Chroma in Oklab, where hue and lightness stay what they are. */
export const saturation = filter({
  name: 'saturation',
  description: 'Stronger or weaker colours, all alike.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.4, '-1 leaves greys only, 1 doubles the colour.') }),
  preview: { amount: 0.8 },
  work: ({ amount }) => ({ type: 'colour', colour: chroma(() => 1 + amount) }),
});

/** As saturation, but least where there is much colour already, such as in skin or a sunset. */
export const vibrance = filter({
  name: 'vibrance',
  description: 'Stronger or weaker colours, most of all the pale ones.',
  schema: z.strictObject({ amount: amount(-1, 1, 0.6, '0 leaves the photo as it is.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({
    type: 'colour',
    colour: chroma((chroma) => 1 + amount * Math.max(0, 1 - chroma / 0.3) ** 2),
  }),
});

export const hue = filter({
  name: 'hue',
  description: 'Turns all colours round the colour wheel.',
  schema: z.strictObject({ degrees: amount(-180, 180, 40, '0 leaves the photo as it is.') }),
  preview: { degrees: 60 },
  work: ({ degrees }) => {
    const cos = Math.cos((degrees * Math.PI) / 180);
    const sin = Math.sin((degrees * Math.PI) / 180);
    return {
      type: 'colour',
      colour: (rgb) => {
        const [lightness, a, b] = toOklab(rgb);
        fromOklab(lightness, a * cos - b * sin, a * sin + b * cos, rgb);
      },
    };
  },
});

/** Channels are mixed in linear light, as a film adds up what a colour filter lets through. */
export const blackAndWhite = filter({
  name: 'black-and-white',
  description:
    'Greys, from a mix of the channels: much red darkens a blue sky, much green is kind to leaves.',
  schema: z
    .strictObject({
      red: amount(-1, 2, 0.3, 'Share of the red channel; the three are scaled to add up to 1.'),
      green: amount(-1, 2, 0.6, 'Share of the green channel.'),
      blue: amount(-1, 2, 0.1, 'Share of the blue channel.'),
      amount: amount(0, 1, 1, '0 leaves the photo as it is.'),
    })
    .refine(({ red, green, blue }) => red + green + blue >= 0.1, {
      path: ['red'],
      error: 'Expected red + green + blue of at least 0.1',
    }),
  preview: { red: 0.6, green: 0.4, blue: 0 },
  work: ({ red, green, blue, amount }) => {
    const sum = red + green + blue;
    return {
      type: 'colour',
      colour: blended(amount, (rgb) => {
        const light = red * toLinear(rgb[0]) + green * toLinear(rgb[1]) + blue * toLinear(rgb[2]);
        rgb.fill(toEncoded(light / sum));
      }),
    };
  },
});

export const sepia = filter({
  name: 'sepia',
  description: 'The browns of an old print.',
  schema: z.strictObject({ amount: amount(0, 1, 1, '0 leaves the photo as it is.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({
    type: 'colour',
    colour: blended(amount, (rgb) => {
      const grey = toEncoded(luminanceOf(rgb));
      rgb[0] = grey ** 0.78;
      rgb[1] = 0.97 * grey ** 0.98;
      rgb[2] = 0.84 * grey ** 1.25;
    }),
  }),
});

/** The two colours are mixed in Oklab, so that the middle is not muddy. */
export const duotone = filter({
  name: 'duotone',
  description: 'Two colours: one for the dark, one for the light.',
  schema: z.strictObject({
    shadows: color('#1d2671', 'What black becomes.'),
    highlights: color('#ffd194', 'What white becomes.'),
    amount: amount(0, 1, 1, '0 leaves the photo as it is.'),
  }),
  preview: { shadows: '#24125f', highlights: '#ff9a76' },
  work: ({ shadows, highlights, amount }) => {
    const dark = toOklab(parseColor(shadows));
    const light = toOklab(parseColor(highlights));
    return {
      type: 'colour',
      colour: blended(amount, (rgb) => {
        const share = toEncoded(luminanceOf(rgb));
        fromOklab(
          mix(dark[0], light[0], share),
          mix(dark[1], light[1], share),
          mix(dark[2], light[2], share),
          rgb,
        );
      }),
    };
  },
});

/** Hue and chroma are added in Oklab; lightness stays, and so do black and white. */
export const splitTone = filter({
  name: 'split-tone',
  description: 'A tinge of one colour in the dark parts and of another in the bright ones.',
  schema: z.strictObject({
    shadows: color('#1f5a7a', 'The tinge of the dark parts.'),
    highlights: color('#ffb35c', 'The tinge of the bright parts.'),
    amount: amount(0, 1, 0.6, '0 leaves the photo as it is.'),
    balance: amount(-1, 1, 0, 'Above 0 more is bright, below 0 more is dark.'),
  }),
  preview: { shadows: '#155e75', highlights: '#fb923c', amount: 0.9 },
  work: ({ shadows, highlights, amount, balance }) => {
    const dark = toOklab(parseColor(shadows));
    const light = toOklab(parseColor(highlights));
    return {
      type: 'colour',
      colour: (rgb) => {
        const [lightness, a, b] = toOklab(rgb);
        const share = smoothstep(0.1 - 0.4 * balance, 0.9 - 0.4 * balance, lightness);
        const weight = 0.65 * amount * Math.sqrt(Math.max(0, 4 * lightness * (1 - lightness)));
        fromOklab(
          lightness,
          a + weight * mix(dark[1], light[1], share),
          b + weight * mix(dark[2], light[2], share),
          rgb,
        );
      },
    };
  },
});

export const invert = filter({
  name: 'invert',
  description: 'The negative.',
  schema: z.strictObject({ amount: amount(0, 1, 1, '0 leaves the photo as it is; 0.5 is grey throughout.') }),
  preview: { amount: 1 },
  work: ({ amount }) => ({ type: 'curve', curve: (value) => mix(value, 1 - value, amount) }),
});

export const posterize = filter({
  name: 'posterize',
  description: 'Few levels in each channel, like a screen print.',
  schema: z.strictObject({
    levels: z
      .int()
      .min(2)
      .max(256)
      .default(5)
      .meta({ description: 'How many; 256 leave the photo as it is.' }),
  }),
  preview: { levels: 4 },
  work: ({ levels }) => ({
    type: 'curve',
    steps: true,
    curve: (value) => Math.min(levels - 1, Math.floor(value * levels)) / (levels - 1),
  }),
});

/** Multiplies the light of each channel, as another lamp or a filter on the lens does; grey keeps its luminance. */
function balanced(gains: Readonly<Rgb>): Curve {
  const luminance = gains.reduce((sum, gain, channel) => sum + gain * (LUMINANCE[channel] as number), 0);
  return (value, channel) => toEncoded((toLinear(value) * (gains[channel] as number)) / luminance);
}

/** Multiplies the chroma by a factor that depends on it. */
function chroma(factor: (chroma: number) => number): Colouring {
  return (rgb) => {
    const [lightness, a, b] = toOklab(rgb);
    const by = factor(Math.sqrt(a * a + b * b));
    fromOklab(lightness, a * by, b * by, rgb);
  };
}

/** The colour, and `share` of what becomes of it, mixed in encoded values. */
export function blended(share: number, colour: Colouring): Colouring {
  return (rgb) => {
    const [red, green, blue] = rgb;
    colour(rgb);
    rgb[0] = mix(red, rgb[0], share);
    rgb[1] = mix(green, rgb[1], share);
    rgb[2] = mix(blue, rgb[2], share);
  };
}
