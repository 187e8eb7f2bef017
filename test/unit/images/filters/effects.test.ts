import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FILTERS } from '../../../../lib/images/filters/registry.ts';
import type { Raster } from '../../../../lib/images/raster.ts';
import {
  deviation,
  labs,
  largestDifference,
  lumaOf,
  mean,
  meanDeltaE,
  meanDifference,
} from '../../../support/pictures/compare.ts';
import { filtered } from '../../../support/pictures/filtered.ts';
import { colourful, demoPhoto } from '../../../support/pictures/photos.ts';

// Many pictures take their time on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const PICTURE = colourful({ width: 96, height: 64 });

/** Parameters with which a filter must do nothing. */
const NEUTRAL: Readonly<Record<string, object>> = {
  'auto-enhance': { amount: 0 },
  exposure: { stops: 0 },
  contrast: { amount: 0 },
  highlights: { amount: 0 },
  shadows: { amount: 0 },
  fade: { amount: 0 },
  saturation: { amount: 0 },
  vibrance: { amount: 0 },
  warmth: { amount: 0 },
  tint: { amount: 0 },
  hue: { degrees: 0 },
  'black-and-white': { amount: 0 },
  sepia: { amount: 0 },
  duotone: { amount: 0 },
  'split-tone': { amount: 0 },
  invert: { amount: 0 },
  posterize: { levels: 256 },
  sharpen: { amount: 0 },
  denoise: { amount: 0 },
  blur: { radius: 0 },
  vignette: { amount: 0 },
  grain: { amount: 0 },
  crop: { x: 0, y: 0, width: 1, height: 1 },
  straighten: { degrees: 0 },
  rotate: { turns: 0 },
  resize: { width: 96, height: 64 },
  border: { width: 0 },
  watermark: { opacity: 0 },
};

const chromaOf = (raster: Raster) => mean(labs(raster).map(([, a, b]) => Math.hypot(a, b)));
const brightness = (raster: Raster) => mean(lumaOf(raster));
const axis = (index: 1 | 2) => (raster: Raster) => mean(labs(raster).map((lab) => lab[index]));
/** How much neighbouring pixels differ. */
const detail = (raster: Raster) => {
  const luma = lumaOf(raster);
  return mean(luma.slice(1).map((value, at) => Math.abs(value - (luma[at] as number))));
};
const corners = ({ data, width, height }: Raster) =>
  -mean(
    [0, width - 1, (height - 1) * width, height * width - 1].map((pixel) => data[3 * pixel + 1] as number),
  );
const flat = { data: Buffer.alloc(96 * 64 * 3, 128), width: 96, height: 64, channels: 3 as const };
const patch = (red: number, green: number, blue: number): Raster => ({
  data: Buffer.from([red, green, blue]),
  width: 1,
  height: 1,
  channels: 3,
});

/** Dark and bright with one edge between, 1 200 pixels long, as radii are thousandths. */
const edge = drawn(1_200, 2, (x) => (x < 600 ? 90 : 160));
const noisy = drawn(1_200, 60, (x, y) => 128 + ((x * 7 + y * 13 + ((x * y) % 11) * 5) % 23) - 11);
/** Brighter to the right and downwards. */
const slope = drawn(96, 64, (x, y) => x + y + 40);

function drawn(width: number, height: number, brightnessAt: (x: number, y: number) => number): Raster {
  const data = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return brightnessAt(pixel % width, Math.floor(pixel / width));
    }),
  );
  return { data, width, height, channels: 3 };
}

/** The first column in which something is drawn on grey. */
const leftmost = (raster: Raster) =>
  lumaOf(raster).reduce(
    (first, value, at) => (Math.abs(value - 128) > 20 ? Math.min(first, at % raster.width) : first),
    raster.width,
  );

/** What a parameter moves, upwards, from its least to its greatest value. */
const MOVES: readonly {
  filter: string;
  param: string;
  range: readonly [number, number];
  statistic: (raster: Raster) => number;
  picture?: Raster;
  others?: object;
  /** Takes whole numbers only. */
  whole?: boolean;
}[] = [
  { filter: 'exposure', param: 'stops', range: [-3, 3], statistic: brightness },
  { filter: 'contrast', param: 'amount', range: [-1, 1], statistic: (raster) => deviation(lumaOf(raster)) },
  { filter: 'highlights', param: 'amount', range: [-1, 1], statistic: brightness },
  { filter: 'shadows', param: 'amount', range: [-1, 1], statistic: brightness },
  { filter: 'fade', param: 'amount', range: [0, 1], statistic: (raster) => -deviation(lumaOf(raster)) },
  { filter: 'saturation', param: 'amount', range: [-1, 1], statistic: chromaOf },
  { filter: 'vibrance', param: 'amount', range: [-1, 1], statistic: chromaOf },
  { filter: 'warmth', param: 'amount', range: [-1, 1], statistic: axis(2) },
  { filter: 'tint', param: 'amount', range: [-1, 1], statistic: axis(1) },
  {
    filter: 'hue',
    param: 'degrees',
    range: [-60, 60],
    picture: patch(170, 90, 90),
    statistic: axis(2),
  },
  {
    filter: 'black-and-white',
    param: 'red',
    range: [0, 2],
    picture: patch(200, 40, 40),
    statistic: brightness,
  },
  {
    filter: 'black-and-white',
    param: 'green',
    range: [0, 2],
    picture: patch(40, 200, 40),
    statistic: brightness,
  },
  {
    filter: 'black-and-white',
    param: 'blue',
    range: [0, 2],
    picture: patch(40, 40, 200),
    statistic: brightness,
  },
  ...['black-and-white', 'sepia', 'duotone', 'split-tone', 'invert', 'auto-enhance'].map((filter) => ({
    filter,
    param: 'amount',
    range: [0, 1] as const,
    statistic: (raster: Raster) => meanDeltaE(PICTURE, raster),
  })),
  {
    filter: 'split-tone',
    param: 'balance',
    range: [-1, 1],
    picture: flat,
    others: { shadows: '#2040ff', highlights: '#ffc020' },
    statistic: axis(2),
  },
  {
    filter: 'posterize',
    param: 'levels',
    range: [2, 256],
    whole: true,
    statistic: (raster) => new Set(raster.data).size,
  },
  { filter: 'sharpen', param: 'amount', range: [0, 2], statistic: detail },
  { filter: 'denoise', param: 'amount', range: [0, 1], statistic: (raster) => -detail(raster) },
  { filter: 'blur', param: 'radius', range: [0, 50], statistic: (raster) => -detail(raster) },
  { filter: 'vignette', param: 'amount', range: [0, 1], statistic: corners },
  { filter: 'vignette', param: 'size', range: [0, 1], statistic: brightness },
  {
    filter: 'grain',
    param: 'amount',
    range: [0, 1],
    picture: flat,
    statistic: (raster) => deviation(lumaOf(raster)),
  },
  {
    filter: 'grain',
    param: 'size',
    range: [0, 1],
    picture: drawn(1_200, 40, () => 128),
    statistic: (raster) => -detail(raster) / deviation(lumaOf(raster)),
  },
  {
    filter: 'watermark',
    param: 'opacity',
    range: [0, 1],
    picture: flat,
    others: { shadow: 0 },
    statistic: brightness,
  },
  {
    filter: 'watermark',
    param: 'size',
    range: [0.1, 0.5],
    picture: flat,
    others: { shadow: 0, text: 'A' },
    statistic: brightness,
  },
  {
    filter: 'sharpen',
    param: 'radius',
    range: [0.2, 5],
    picture: edge,
    statistic: (raster) => meanDeltaE(edge, raster),
  },
  {
    filter: 'denoise',
    param: 'radius',
    range: [0.5, 5],
    picture: noisy,
    statistic: (raster) => -deviation(lumaOf(raster)),
  },
  {
    filter: 'watermark',
    param: 'margin',
    range: [0, 0.25],
    picture: flat,
    others: { position: 'top-left', shadow: 0 },
    statistic: leftmost,
  },
  { filter: 'border', param: 'width', range: [0, 0.5], statistic: ({ width }) => width },
  { filter: 'straighten', param: 'degrees', range: [0, 30], statistic: ({ width }) => -width },
  { filter: 'straighten', param: 'degrees', range: [-30, 0], statistic: ({ width }) => width },
  ...(['width', 'height'] as const).flatMap((side) => [
    {
      filter: 'crop',
      param: side,
      range: [0.1, 1] as const,
      others: { x: 0, y: 0 },
      statistic: (raster: Raster) => raster[side],
    },
    {
      filter: 'resize',
      param: side,
      range: [10, 200] as const,
      whole: true,
      others: { fit: 'fill' },
      statistic: (raster: Raster) => raster[side],
    },
  ]),
  ...(['x', 'y'] as const).map((place) => ({
    filter: 'crop',
    param: place,
    range: [0, 0.5] as const,
    picture: slope,
    others: { x: 0, y: 0, width: 0.5, height: 0.5 },
    statistic: brightness,
  })),
  {
    filter: 'watermark',
    param: 'shadow',
    range: [0, 1],
    picture: flat,
    statistic: (raster) => -brightness(raster),
  },
];

describe('every filter', () => {
  it.each(FILTERS.map(({ name, kind }) => [name, kind]))(
    '%s: neutral parameters change nothing',
    async (name, kind) => {
      const params = kind === 'look' ? { strength: 0 } : NEUTRAL[name];
      // Mirroring has no middle.
      if (name === 'flip') return;
      expect(params).toBeDefined();
      const result = await filtered(PICTURE, { filter: name, params: params as object });
      expect(result).toMatchObject({ width: PICTURE.width, height: PICTURE.height });
      expect(largestDifference(PICTURE, result)).toBeLessThanOrEqual(1);
    },
  );

  it.each(FILTERS.map(({ name }) => [name]))('%s: is seen with its defaults', async (name) => {
    const photo = await demoPhoto();
    const result = await filtered(photo, { filter: name });
    const sameSize = result.width === photo.width && result.height === photo.height;
    if (!sameSize) return;
    // Letters and edges are small, but plain.
    expect(meanDeltaE(photo, result)).toBeGreaterThan(0.05);
    expect(largestDifference(photo, result)).toBeGreaterThan(8);
  });

  it.each(FILTERS.map(({ name, preview }) => [name, preview]))(
    '%s: takes its preview',
    async (name, params) => {
      await expect(filtered(PICTURE, { filter: name, params })).resolves.toBeDefined();
    },
  );

  it.each(FILTERS.map(({ name }) => [name]))('%s: keeps alpha where it only colours', async (name) => {
    const picture = colourful({ width: 40, height: 30 }, 4);
    const result = await filtered(picture, { filter: name });
    expect(result.channels).toBe(4);
    const moves = [
      'blur',
      'crop',
      'straighten',
      'rotate',
      'flip',
      'resize',
      'border',
      'watermark',
      'denoise',
    ];
    if (moves.includes(name)) return;
    const alphaOf = ({ data }: Raster) => data.filter((_, at) => at % 4 === 3);
    expect(alphaOf(result)).toEqual(alphaOf(picture));
  });
});

describe('each parameter moves its own statistic, and only one way', () => {
  it.each(MOVES.map((move) => [`${move.filter} ${move.param}`, move] as const))('%s', async (_, move) => {
    const { filter, param, range, statistic, picture = PICTURE, others, whole } = move;
    const [least, most] = range;
    const known = new Map<number, Promise<number>>();
    const measured = async (share: number) => {
      const exact = least + share * (most - least);
      const value = whole ? Math.round(exact) : exact;
      return statistic(await filtered(picture, { filter, params: { ...others, [param]: value } }));
    };
    const of = (share: number) => {
      const found = known.get(share) ?? measured(share);
      known.set(share, found);
      return found;
    };
    const step = fc.integer({ min: 0, max: 20 });
    await fc.assert(
      fc.asyncProperty(step, step, async (one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        // Rounding to whole values of 255 leaves a little to chance.
        expect(await of(high / 20)).toBeGreaterThanOrEqual((await of(low / 20)) - 0.06);
      }),
      { numRuns: 12 },
    );
    expect(await of(1)).toBeGreaterThan(await of(0));
  });
});

describe('looks', () => {
  it('differ from each other and from the photo, so that each is worth its name', async () => {
    const photo = await demoPhoto(64);
    const looks = FILTERS.filter(({ kind }) => kind === 'look');
    expect(looks.length).toBeGreaterThanOrEqual(15);
    const pictures = [{ name: 'the photo', colours: labs(photo) }];
    for (const { name } of looks) {
      pictures.push({ name, colours: labs(await filtered(photo, { filter: name })) });
    }
    const alike = pictures.flatMap((one, index) =>
      pictures.slice(index + 1).flatMap((other) => {
        const difference = meanDifference(one.colours, other.colours);
        return difference > 3 ? [] : [`${one.name} and ${other.name}: ${difference.toFixed(2)}`];
      }),
    );
    expect(alike).toEqual([]);
  });

  it('come on gradually with their strength', async () => {
    const small = colourful({ width: 32, height: 20 });
    for (const { name } of FILTERS.filter(({ kind }) => kind === 'look')) {
      const differences = [];
      for (const strength of [0, 0.5, 1]) {
        differences.push(meanDeltaE(small, await filtered(small, { filter: name, params: { strength } })));
      }
      expect(differences, name).toEqual(differences.toSorted((one, other) => one - other));
    }
  });
});

describe('exact filters', () => {
  it('sharpen, blur and denoise leave a plain area as it is, however wide they are', async () => {
    for (const value of [0, 40, 160, 230, 255]) {
      const plain = drawn(1_200, 8, () => value);
      for (const radius of [0.5, 1.3, 2, 5]) {
        for (const filter of ['sharpen', 'blur', 'denoise']) {
          const result = await filtered(plain, { filter, params: { radius } });
          expect(largestDifference(plain, result), `${filter} ${radius}`).toBe(0);
        }
      }
    }
  });

  it('invert is the negative of every value, and its own inverse', async () => {
    const result = await filtered(PICTURE, { filter: 'invert' });
    expect(result.data.every((value, at) => value === 255 - (PICTURE.data[at] as number))).toBe(true);
    const back = await filtered(PICTURE, { filter: 'invert' }, { filter: 'invert' });
    expect(largestDifference(PICTURE, back)).toBe(0);
  });

  it('posterize leaves exactly its levels, between other filters too', async () => {
    for (const levels of [2, 3, 5, 17]) {
      const result = await filtered(
        PICTURE,
        { filter: 'saturation', params: { amount: 0.5 } },
        { filter: 'posterize', params: { levels } },
      );
      const allowed = Array.from({ length: levels }, (_, level) => Math.round((255 * level) / (levels - 1)));
      expect([...new Set(result.data)].filter((value) => !allowed.includes(value))).toEqual([]);
    }
  });

  it('greys stay grey', async () => {
    const greys = {
      data: Buffer.from([...Array(256).keys()].flatMap((v) => [v, v, v])),
      width: 256,
      height: 1,
      channels: 3 as const,
    };
    for (const filter of [
      'exposure',
      'contrast',
      'highlights',
      'shadows',
      'saturation',
      'vibrance',
      'hue',
      'sharpen',
      'grain',
    ]) {
      const { data } = await filtered(greys, { filter });
      for (let at = 0; at < data.length; at += 3) {
        expect(
          Math.max(...data.subarray(at, at + 3)) - Math.min(...data.subarray(at, at + 3)),
          filter,
        ).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('the same seed', () => {
  it('throws the same grain, another one another', async () => {
    const thrown = (seed: number) => filtered(flat, { filter: 'grain', params: { seed } });
    expect((await thrown(5)).data.equals((await thrown(5)).data)).toBe(true);
    expect((await thrown(5)).data.equals((await thrown(6)).data)).toBe(false);
  });
});
