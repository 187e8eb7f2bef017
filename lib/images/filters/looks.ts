import * as z from 'zod';
import {
  blackAndWhite,
  blended,
  duotone,
  hue,
  saturation,
  sepia,
  splitTone,
  tint,
  vibrance,
  warmth,
} from './colour.ts';
import { amount, type Filter, type Work } from './filter.ts';
import { coloured } from './fuse.ts';
import { grain, vignette } from './surface.ts';
import { contrast, exposure, fade, highlights, shadows } from './tone.ts';

type Part = readonly [filter: Filter, params: Readonly<Record<string, unknown>>];

const schema = z.strictObject({
  strength: amount(0, 1, 1, 'How much of the look; 0 leaves the photo as it is.'),
});

/**
 * A look made of filters.
 *
 * @param grade filters of colour, whose result is mixed with the photo in encoded values as the strength says
 * @param finish vignette and grain, whose amounts are multiplied by it
 */
function look(
  name: string,
  description: string,
  grade: readonly Part[],
  finish: readonly Part[] = [],
): Filter {
  return {
    name,
    kind: 'look',
    description,
    schema,
    preview: { strength: 1 },
    work: (params) => {
      const { strength } = schema.parse(params);
      const colour = blended(strength, coloured(grade.map(workOf).filter(isColour)));
      const onTop = finish.map(([filter, { amount, ...rest }]) =>
        workOf([filter, { ...rest, amount: Number(amount) * strength }]),
      );
      return { type: 'several', works: [{ type: 'colour', colour }, ...onTop] };
    },
  };
}

function workOf([filter, params]: Part): Work {
  return filter.work(filter.schema.parse(params));
}

function isColour(work: Work) {
  return work.type === 'curve' || work.type === 'colour';
}

export const LOOKS: readonly Filter[] = [
  look('golden-hour', 'The last hour before sunset: warm lights, soft brown shadows.', [
    [highlights, { amount: -0.3 }],
    [shadows, { amount: 0.4 }],
    [warmth, { amount: 0.5 }],
    [splitTone, { shadows: '#7a3b1f', highlights: '#ffc45c', amount: 0.6 }],
    [vibrance, { amount: 0.3 }],
  ]),
  look('nordic', 'Clear and cool, with pale colours.', [
    [exposure, { stops: 0.2 }],
    [warmth, { amount: -0.5 }],
    [saturation, { amount: -0.35 }],
    [contrast, { amount: 0.2 }],
  ]),
  look('cinema', 'Teal in the shadows and orange in the lights, as films are graded.', [
    [contrast, { amount: 0.35 }],
    [splitTone, { shadows: '#0f6a73', highlights: '#ff9d4d', amount: 1 }],
    [saturation, { amount: 0.1 }],
  ]),
  look(
    'instant',
    'Instant film: creamy whites, milky blacks.',
    [
      [exposure, { stops: 0.35 }],
      [warmth, { amount: 0.25 }],
      [splitTone, { shadows: '#3f6f5f', highlights: '#ffd9a0', amount: 0.5 }],
      [saturation, { amount: -0.15 }],
      [fade, { amount: 0.8 }],
    ],
    [[vignette, { amount: 0.3, size: 0.4 }]],
  ),
  look('matte', 'Soft and dull, with blacks that are not quite black.', [
    [contrast, { amount: 0.25 }],
    [saturation, { amount: -0.4 }],
    [fade, { amount: 1 }],
  ]),
  look('pop', 'Loud: strong colours, strong contrast.', [
    [exposure, { stops: 0.2 }],
    [vibrance, { amount: 1 }],
    [saturation, { amount: 0.4 }],
    [contrast, { amount: 0.4 }],
  ]),
  look(
    'toy-camera',
    'A plastic lens: saturated in the middle, dark all around.',
    [
      [warmth, { amount: 0.15 }],
      [saturation, { amount: 0.5 }],
      [contrast, { amount: 0.6 }],
    ],
    [[vignette, { amount: 0.95, size: 0.15 }]],
  ),
  look('cross-process', 'Slide film in the wrong developer: blue shadows, yellow-green lights.', [
    [contrast, { amount: 0.6 }],
    [splitTone, { shadows: '#10369c', highlights: '#d3e62b', amount: 0.8 }],
    [saturation, { amount: 0.35 }],
  ]),
  look(
    'bleach-bypass',
    'The silver left in the film: harsh, and nearly without colour.',
    [
      [saturation, { amount: -0.7 }],
      [contrast, { amount: 0.9 }],
      [exposure, { stops: 0.15 }],
    ],
    [[grain, { amount: 0.3, size: 0.3 }]],
  ),
  look('autumn', 'Greens turn to gold.', [
    [hue, { degrees: -25 }],
    [warmth, { amount: 0.4 }],
    [saturation, { amount: 0.35 }],
    [shadows, { amount: 0.2 }],
  ]),
  look('desert', 'Bleached by a high sun.', [
    [exposure, { stops: 0.5 }],
    [warmth, { amount: 0.55 }],
    [saturation, { amount: -0.45 }],
    [contrast, { amount: -0.2 }],
  ]),
  look('rose', 'A breath of pink.', [
    [exposure, { stops: 0.25 }],
    [tint, { amount: 0.55 }],
    [splitTone, { shadows: '#8a4a6b', highlights: '#ffc9d6', amount: 0.6 }],
    [fade, { amount: 0.4 }],
  ]),
  look('mint', 'Light and green, like sea glass.', [
    [exposure, { stops: 0.25 }],
    [tint, { amount: -0.35 }],
    [warmth, { amount: -0.25 }],
    [splitTone, { shadows: '#1f7a6d', highlights: '#d6ffe9', amount: 0.6 }],
    [fade, { amount: 0.4 }],
  ]),
  look('ember', 'As if lit by a fire.', [
    [exposure, { stops: -0.3 }],
    [warmth, { amount: 0.9 }],
    [splitTone, { shadows: '#7f1d1d', highlights: '#ff8a3c', amount: 0.9 }],
    [contrast, { amount: 0.4 }],
  ]),
  look('twilight', 'Violet shadows, pink lights.', [
    [exposure, { stops: -0.3 }],
    [splitTone, { shadows: '#3b1d8f', highlights: '#ff7eb6', amount: 1 }],
    [contrast, { amount: 0.2 }],
  ]),
  look(
    'moonlight',
    'Night by day: dark, blue and still.',
    [
      [exposure, { stops: -1.3 }],
      [saturation, { amount: -0.6 }],
      [warmth, { amount: -0.8 }],
      [contrast, { amount: 0.25 }],
    ],
    [[vignette, { amount: 0.5, size: 0.3 }]],
  ),
  look(
    'noir',
    'Black and white with deep shadows and grain.',
    [
      [blackAndWhite, { red: 0.5, green: 0.4, blue: 0.1 }],
      [exposure, { stops: -0.35 }],
      [contrast, { amount: 0.9 }],
    ],
    [
      [vignette, { amount: 0.6, size: 0.3 }],
      [grain, { amount: 0.4, size: 0.35 }],
    ],
  ),
  look('silver', 'Black and white with bright, soft greys.', [
    [blackAndWhite, { red: 0.25, green: 0.65, blue: 0.1 }],
    [exposure, { stops: 0.45 }],
    [shadows, { amount: 0.5 }],
    [fade, { amount: 0.35 }],
  ]),
  look(
    'infrared',
    'Black and white film behind a deep red filter: dark skies, glowing leaves.',
    [
      [exposure, { stops: 0.3 }],
      [blackAndWhite, { red: 1.1, green: 1, blue: -1 }],
      [contrast, { amount: 0.5 }],
    ],
    [[grain, { amount: 0.5, size: 0.5 }]],
  ),
  look(
    'albumen',
    'A print of the nineteenth century.',
    [
      [contrast, { amount: 0.2 }],
      [sepia, { amount: 1 }],
      [fade, { amount: 0.5 }],
    ],
    [
      [vignette, { amount: 0.45, size: 0.3 }],
      [grain, { amount: 0.35, size: 0.4 }],
    ],
  ),
  look('cyanotype', 'Prussian blue on white, as plans were copied.', [
    [contrast, { amount: 0.3 }],
    [duotone, { shadows: '#0b2350', highlights: '#eef5fb' }],
  ]),
];
