import * as z from 'zod';
import { LUMINANCE, luminanceOf, mix, toEncoded, toLinear } from './colour-space.ts';
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
 * Changes the luminance by a curve of its encoded value and multiplies the light of all channels alike, so that hue
 * and saturation stay, which they would not if each channel followed the curve by itself.
 */
function relit(curve: (value: number) => number): Colouring {
  return (rgb: Rgb) => {
    const before = luminanceOf(rgb);
    const encoded = toEncoded(before);
    // Near black both are nothing, and their ratio is the curve's slope.
    const gain = encoded < 1e-4 ? toLinear(curve(1e-4)) / toLinear(1e-4) : toLinear(curve(encoded)) / before;
    for (let channel = 0; channel < LUMINANCE.length; channel += 1) {
      rgb[channel] = toEncoded(toLinear(rgb[channel] as number) * gain);
    }
  };
}
