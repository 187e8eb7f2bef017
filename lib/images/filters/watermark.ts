import * as z from 'zod';
import type { Raster } from '../raster.ts';
import type { Size } from '../size.ts';
import { parseColor } from './colour-space.ts';
import { amount, color, filter } from './filter.ts';
import { type Coverage, lettered, missingLetters, widthOf } from './lettering.ts';
import { gaussian } from './planes.ts';

const MAX_LETTERS = 80;

const POSITIONS = {
  'top-left': [0, 0],
  top: [0.5, 0],
  'top-right': [1, 0],
  left: [0, 0.5],
  center: [0.5, 0.5],
  right: [1, 0.5],
  'bottom-left': [0, 1],
  bottom: [0.5, 1],
  'bottom-right': [1, 1],
} as const;

type Position = keyof typeof POSITIONS;

const text = z
  .string()
  .max(4 * MAX_LETTERS)
  .refine((text) => text.isWellFormed(), 'Expected Unicode text, without halves of surrogate pairs')
  .refine((text) => !/\p{Cc}/u.test(text), 'Expected one line, without control characters')
  // An accent that stands apart is drawn with its letter, where there is such a letter.
  .normalize('NFC')
  // Writing programs put it before signs; on one line it is a space as any other.
  .overwrite((text) => text.replaceAll('\u00a0', ' '))
  .trim()
  .refine(
    (text) => text.length > 0 && [...text].length <= MAX_LETTERS,
    `Expected 1 to ${MAX_LETTERS} characters`,
  )
  .refine((text) => missingLetters(text).length === 0, {
    error: ({ input }) =>
      `Expected Latin, Greek or Cyrillic letters, digits and common signs; there is no ${missingLetters(String(input)).slice(0, 5).join(' ')}`,
  })
  .default('Afterparty')
  .meta({
    description: `One line of at most ${MAX_LETTERS} characters: Latin, Greek or Cyrillic letters, digits and common signs.`,
  });

export const watermark = filter({
  name: 'watermark',
  description: 'Writes a line of text over the photo; it is made smaller where it would not fit.',
  schema: z.strictObject({
    text,
    position: z
      .enum(Object.keys(POSITIONS) as [Position, ...Position[]])
      .default('bottom-right')
      .meta({ description: 'Where it stands.' }),
    size: amount(0.01, 0.5, 0.07, 'Height of the line, as a fraction of the photo’s shorter side.'),
    margin: amount(0, 0.25, 0.03, 'Distance from the edges, as a fraction of the photo’s shorter side.'),
    color: color('#ffffff', 'Of the letters.'),
    opacity: amount(0, 1, 0.85, '0 leaves the photo as it is.'),
    shadow: amount(
      0,
      1,
      0.6,
      'How dark the soft shadow is that lets bright letters be read before a bright sky.',
    ),
  }),
  preview: { text: '© Afterparty', size: 0.16, position: 'bottom' },
  work: ({ text, position, size, margin, color, opacity, shadow }) => ({
    type: 'pixels',
    apply: (raster) => {
      const shorter = Math.min(raster.width, raster.height);
      const space = margin * shorter;
      const height = Math.max(1, Math.min(size * shorter, (raster.width - 2 * space - 4) / widthOf(text)));
      const letters = padded(lettered(text, height), Math.ceil(height / 4));
      const soft = { ...letters, data: letters.data.slice() };
      gaussian(soft.data, soft, height / 16);
      const place = placeOf(raster, letters, position, space - Math.ceil(height / 4));
      // Squeezed towards 1, because a blurred thin letter is faint.
      paint(
        raster,
        { ...soft, data: soft.data.map((value) => Math.min(1, 1.6 * value)) },
        place,
        '#000000',
        shadow * opacity,
      );
      paint(raster, letters, place, color, opacity);
      return raster;
    },
  }),
});

/** With room for the shadow. */
function padded({ data, width, height }: Coverage, by: number): Coverage {
  const wide = width + 2 * by;
  const all = new Float32Array(wide * (height + 2 * by));
  for (let y = 0; y < height; y += 1) {
    all.set(data.subarray(y * width, (y + 1) * width), (y + by) * wide + by);
  }
  return { data: all, width: wide, height: height + 2 * by };
}

function placeOf(outer: Size, inner: Size, position: Position, margin: number) {
  const [across, down] = POSITIONS[position];
  const along = (length: number, part: number, share: number) =>
    Math.round(margin + share * (length - part - 2 * margin));
  return { left: along(outer.width, inner.width, across), top: along(outer.height, inner.height, down) };
}

/** Colour over what is there, in encoded values, as every program does it; what is transparent becomes opaque. */
function paint(
  raster: Raster,
  { data: coverage, width, height }: Coverage,
  { left, top }: { left: number; top: number },
  hex: string,
  opacity: number,
): void {
  const { data, channels } = raster;
  const colour = parseColor(hex);
  for (let y = Math.max(0, -top); y < Math.min(height, raster.height - top); y += 1) {
    for (let x = Math.max(0, -left); x < Math.min(width, raster.width - left); x += 1) {
      const share = (coverage[y * width + x] as number) * opacity;
      if (share === 0) continue;
      const at = ((y + top) * raster.width + x + left) * channels;
      const under = channels === 4 ? (data[at + 3] as number) / 255 : 1;
      const alpha = share + under * (1 - share);
      for (let channel = 0; channel < 3; channel += 1) {
        const over = 255 * (colour[channel] as number) * share;
        data[at + channel] = Math.round(
          (over + (data[at + channel] as number) * under * (1 - share)) / alpha,
        );
      }
      if (channels === 4) data[at + 3] = Math.round(255 * alpha);
    }
  }
}
