import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decode } from '../../../../lib/images/decode.ts';
import {
  editedSize,
  FilterRefused,
  filterDescriptions,
  MAX_STEPS,
  recipeOfSteps,
  type Step,
  stepsSchema,
} from '../../../../lib/images/filters/chain.ts';
import { FILTERS } from '../../../../lib/images/filters/registry.ts';
import { renderSteps } from '../../../../lib/images/filters/render.ts';
import { inspectImage } from '../../../../lib/images/inspect.ts';
import { RENDITIONS, sizeInside } from '../../../../lib/images/renditions.ts';
import { sharp } from '../../../../lib/images/vips.ts';
import { storedAs } from '../../../support/photos.ts';
import { structuralSimilarity } from '../../../support/pictures/compare.ts';
import { filtered } from '../../../support/pictures/filtered.ts';
import { colourful, pngOf } from '../../../support/pictures/photos.ts';

// Many pictures take their time on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const pathsOf = (steps: unknown) => {
  const parsed = stepsSchema.safeParse(steps);
  return parsed.success ? undefined : parsed.error.issues.map(({ path }) => path);
};
const refused = (step: number, detail: RegExp) =>
  expect.objectContaining({ name: 'FilterRefused', step, detail: expect.stringMatching(detail) });

/** A chain as a client may ask for it, of any filters with parameters within their limits. */
const chains = fc.array(
  fc.constantFrom(...FILTERS).chain(({ name, preview }) => {
    const schema = filterDescriptions.find((one) => one.name === name)?.schema as JsonSchema;
    const params = Object.entries(schema.properties).filter(([param]) => param !== 'text');
    return fc
      .record(Object.fromEntries(params.map(([param, of]) => [param, valuesOf(of)])), { requiredKeys: [] })
      .map((params) => (stepsSchema.safeParse([{ filter: name, params }]).success ? params : preview))
      .map((params) => ({ filter: name, params }));
  }),
  { minLength: 1, maxLength: 8 },
);

interface JsonSchema {
  readonly properties: Readonly<Record<string, Property>>;
}

interface Property {
  readonly type: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly default: unknown;
}

function valuesOf(property: Property): fc.Arbitrary<unknown> {
  const { type, minimum: min = 0, maximum: max = 1 } = property;
  if (property.enum) return fc.constantFrom(...property.enum);
  if (type === 'integer') return fc.oneof(fc.integer({ min, max: Math.min(max, 300) }), fc.constant(min));
  if (type === 'number') return fc.oneof(fc.double({ min, max, noNaN: true }), fc.constantFrom(min, max));
  return fc.constant(property.default);
}

describe('the steps of a request', () => {
  it('get every default filled in', () => {
    expect(stepsSchema.parse([{ filter: 'vignette' }, { filter: 'noir', params: {} }])).toEqual([
      { filter: 'vignette', params: { amount: 0.6, size: 0.35 } },
      { filter: 'noir', params: { strength: 1 } },
    ]);
  });

  it.each([
    ['no steps', [], [[]]],
    ['too many steps', Array(MAX_STEPS + 1).fill({ filter: 'sepia' }), [[]]],
    ['an unknown filter', [{ filter: 'sepia' }, { filter: 'sparkle' }], [[1, 'filter']]],
    [
      'a name that every object has',
      ['__proto__', 'constructor', 'toString'].map((filter) => ({ filter })),
      [
        [0, 'filter'],
        [1, 'filter'],
        [2, 'filter'],
      ],
    ],
    ['an unknown parameter', [{ filter: 'sepia', params: { colour: 1 } }], [[0, 'params']]],
    [
      'a number that is none',
      [{ filter: 'blur', params: { radius: Number.NaN } }],
      [[0, 'params', 'radius']],
    ],
    ['infinity', JSON.parse('[{"filter":"exposure","params":{"stops":1e999}}]'), [[0, 'params', 'stops']]],
    ['a number outside its limits', [{ filter: 'grain', params: { amount: 2 } }], [[0, 'params', 'amount']]],
    [
      'a crop beyond the edge',
      [{ filter: 'crop', params: { x: 0.5, width: 0.6 } }],
      [[0, 'params', 'width']],
    ],
    [
      'a mix without light',
      [{ filter: 'black-and-white', params: { red: -1, green: 0, blue: 0 } }],
      [[0, 'params', 'red']],
    ],
    ['a colour that is none', [{ filter: 'border', params: { color: 'red' } }], [[0, 'params', 'color']]],
    [
      'a prototype as a parameter',
      JSON.parse('[{"filter":"sepia","params":{"__proto__":1}}]'),
      [[0, 'params']],
    ],
    [
      'text that is too long',
      [{ filter: 'watermark', params: { text: 'x'.repeat(81) } }],
      [[0, 'params', 'text']],
    ],
    ['text of two lines', [{ filter: 'watermark', params: { text: 'a\nb' } }], [[0, 'params', 'text']]],
    ['half a character', [{ filter: 'watermark', params: { text: 'a\ud83d' } }], [[0, 'params', 'text']]],
    [
      'letters that cannot be drawn',
      [{ filter: 'watermark', params: { text: '写真' } }],
      [[0, 'params', 'text']],
    ],
    ['no text', [{ filter: 'watermark', params: { text: '  ' } }], [[0, 'params', 'text']]],
  ])('are refused with a pointer: %s', (_, steps, paths) => {
    const found = pathsOf(steps);
    expect([...new Set(found?.map((path) => JSON.stringify(path)))]).toEqual(
      paths.map((path) => JSON.stringify(path)),
    );
  });

  it('may be anything at all without an exception', () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.record({ filter: fc.constantFrom(...FILTERS.map(({ name }) => name)), params: fc.jsonValue() }),
      ),
      fc.array(
        fc.record({
          filter: fc.constantFrom('watermark', 'crop', 'duotone', 'noir'),
          params: fc.dictionary(fc.constantFrom('text', 'x', 'width', 'shadows', 'strength'), fc.anything()),
        }),
      ),
    );
    fc.assert(
      fc.property(hostile, (steps) => {
        const parsed = stepsSchema.safeParse(steps);
        if (!parsed.success) expect(parsed.error.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is offered', () => {
  it('has a line and a schema with defaults, limits and words for each name', () => {
    expect(new Set(filterDescriptions.map(({ name }) => name)).size).toBe(filterDescriptions.length);
    for (const { description, schema } of filterDescriptions) {
      expect(description).toMatch(/^[A-Z].{10,}\.$/);
      const { properties, additionalProperties } = schema as JsonSchema & { additionalProperties: boolean };
      expect(additionalProperties).toBe(false);
      for (const property of Object.values(properties)) {
        expect(property).toMatchObject({ default: expect.anything(), description: expect.any(String) });
        if (property.type === 'number')
          expect(property).toMatchObject({ minimum: expect.any(Number), maximum: expect.any(Number) });
      }
    }
  });
});

describe('the recipe of a chain', () => {
  it('is one line, the same for equal chains and another for others', () => {
    const recipeOf = (steps: unknown) => recipeOfSteps(stepsSchema.parse(steps));
    const line = recipeOf([{ filter: 'crop', params: { x: 0, y: 0.1 } }]);
    expect(line).not.toContain('\n');
    expect(recipeOf([{ filter: 'crop', params: { height: 0.8, width: 0.8, y: 0.1, x: 0 } }])).toBe(line);
    expect(recipeOfSteps([{ filter: 'crop', params: { y: 0.1, x: 0 } }])).toBe(line);
    expect(recipeOf([{ filter: 'crop', params: { x: 0.01, y: 0.1 } }])).not.toBe(line);
    expect(recipeOf([{ filter: 'sepia' }, { filter: 'flip' }])).not.toBe(
      recipeOf([{ filter: 'flip' }, { filter: 'sepia' }]),
    );
  });
});

describe('the size of an edited photo', () => {
  const sizeOf = (steps: unknown, width = 4_000, height = 3_000) =>
    editedSize(stepsSchema.parse(steps), { width, height });

  it('follows from the steps alone', () => {
    expect(sizeOf([{ filter: 'noir' }])).toEqual({ width: 4_000, height: 3_000 });
    expect(sizeOf([{ filter: 'rotate' }])).toEqual({ width: 3_000, height: 4_000 });
    expect(
      sizeOf([
        { filter: 'crop', params: { x: 0.5, width: 0.5, y: 0, height: 1 } },
        { filter: 'rotate', params: { turns: 3 } },
      ]),
    ).toEqual({ width: 3_000, height: 2_000 });
    expect(sizeOf([{ filter: 'border', params: { width: 0.1 } }])).toEqual({ width: 4_600, height: 3_600 });
    expect(sizeOf([{ filter: 'resize', params: { width: 800, height: 800 } }])).toEqual({
      width: 800,
      height: 600,
    });
    const { width, height } = sizeOf([{ filter: 'straighten', params: { degrees: 10 } }]);
    expect(width / height).toBeCloseTo(4 / 3, 2);
    expect(width).toBeLessThan(4_000);
  });

  it.each([
    [
      'a crop of less than a pixel',
      [{ filter: 'sepia' }, { filter: 'crop', params: { x: 0, y: 0, width: 1, height: 0.0001 } }],
      1,
      /less than one pixel/,
    ],
    [
      'more pixels than are made',
      [{ filter: 'resize', params: { width: 20_000, height: 20_000 } }],
      0,
      /at most 100 megapixels/,
    ],
    [
      'frames around frames',
      Array(MAX_STEPS).fill({ filter: 'border', params: { width: 0.5 } }),
      1,
      /at most 100 megapixels/,
    ],
  ])('has limits: %s', (_, steps, step, detail) => {
    expect(() => sizeOf(steps)).toThrow(refused(step, detail));
  });

  it('is not limited for what came in', () => {
    expect(sizeOf([{ filter: 'sepia' }, { filter: 'rotate' }], 100_000, 1_000)).toEqual({
      width: 1_000,
      height: 100_000,
    });
  });

  it('refuses steps that were stored and are known no more', () => {
    expect(() => editedSize([{ filter: 'sparkle', params: {} }], { width: 1, height: 1 })).toThrow(
      refused(0, /no filter "sparkle"/),
    );
    expect(() => editedSize([{ filter: 'blur', params: { radius: 'x' } }], { width: 1, height: 1 })).toThrow(
      FilterRefused,
    );
  });
});

describe('an edited photo', () => {
  async function render(bytes: Buffer, steps: unknown) {
    return renderSteps(bytes, await inspectImage(bytes), stepsSchema.parse(steps));
  }

  it('comes in all renditions, with a placeholder and its full size', async () => {
    const photo = await pngOf(colourful({ width: 1_200, height: 800 }));
    const { renditions, placeholder, width, height } = await render(photo, [
      { filter: 'crop', params: { x: 0, y: 0, width: 0.9, height: 1 } },
      { filter: 'noir' },
    ]);
    expect({ width, height }).toEqual({ width: 1_080, height: 800 });
    expect(renditions.map(({ name }) => name)).toEqual(RENDITIONS.map(({ name }) => name));
    for (const { bytes, ...rendition } of renditions) {
      const found = await sharp(bytes).metadata();
      expect(found).toMatchObject({
        width: rendition.width,
        height: rendition.height,
        format: rendition.format,
      });
      const box = RENDITIONS.find(({ name }) => name === rendition.name)?.box ?? 0;
      if (rendition.name !== 'square') expect(rendition).toMatchObject(sizeInside({ width, height }, box));
    }
    expect(placeholder.color).toMatch(/^#([0-9a-f]{2})\1\1$/);
  });

  it.each([
    ['that is decoded in full', 2],
    ['of which only the part is decoded', 7],
  ])('is sharp where little is left of a photo %s', async (_, times) => {
    const [width, height] = [750 * times, 500 * times];
    const small = await pngOf(colourful({ width: 750, height: 500 }));
    const bytes = await sharp(small)
      .resize(width, height, { kernel: 'nearest' })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const size = { width: width / 5, height: height / 5 };
    const { renditions } = await render(bytes, [
      { filter: 'exposure', params: { stops: 0 } },
      { filter: 'crop', params: { x: 0.5, y: 0.25, width: 0.2, height: 0.2 } },
    ]);
    const read = async (picture: Buffer) => ({
      data: await sharp(picture).raw().toBuffer(),
      ...size,
      channels: 3 as const,
    });
    const part = { left: width / 2, top: height / 4, ...size };
    const wanted = await read(await sharp(bytes).extract(part).png().toBuffer());
    const xlarge = renditions.find(({ name }) => name === 'xlarge');
    expect(structuralSimilarity(wanted, await read(xlarge?.bytes as Buffer))).toBeGreaterThan(0.85);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'shows the right part of a photo with orientation %i',
    async (orientation) => {
      const bytes = await storedAs(orientation, 480, 320);
      const area = { left: 250, top: 10, width: 200, height: 140 };
      const { data } = await decode(bytes, await inspectImage(bytes), { width: 20, height: 14 }, area);
      // The upper right quadrant is green.
      expect(Math.min(...data.filter((_, at) => at % 3 === 1))).toBeGreaterThan(170);
      expect(Math.max(...data.filter((_, at) => at % 3 !== 1))).toBeLessThan(60);
    },
  );

  it('looks the same at every size', async () => {
    const steps = stepsSchema.parse([
      { filter: 'blur' },
      { filter: 'vignette' },
      { filter: 'watermark', params: { size: 0.2 } },
      { filter: 'border' },
    ]);
    const picture = colourful({ width: 720, height: 480 });
    const half = async (bytes: Buffer) => ({
      data: await sharp(bytes).resize(360, 240, { fit: 'fill' }).raw().toBuffer(),
      width: 360,
      height: 240,
      channels: 3 as const,
    });
    const large = await filtered(picture, ...steps);
    const { data } = await half(await pngOf(picture));
    const small = await filtered({ data, width: 360, height: 240, channels: 3 }, ...steps);
    expect(
      structuralSimilarity(await half(await pngOf(large)), await half(await pngOf(small))),
    ).toBeGreaterThan(0.9);
  });

  it('never fails otherwise than by a refusal, has the size that was promised, and keeps its alpha', async () => {
    const photos = await Promise.all(
      (
        [
          [61, 40, 3],
          [40, 61, 4],
          [1, 1, 3],
          [200, 2, 4],
        ] as const
      ).map(([width, height, channels]) => pngOf(colourful({ width, height }, channels))),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...photos), chains, async (bytes, asked) => {
        const facts = await inspectImage(bytes);
        const steps: Step[] = stepsSchema.parse(asked);
        let size: ReturnType<typeof editedSize>;
        try {
          size = editedSize(steps, facts);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterRefused);
          await expect(renderSteps(bytes, facts, steps)).rejects.toBeInstanceOf(FilterRefused);
          return;
        }
        const { renditions, width, height } = await renderSteps(bytes, facts, steps);
        expect({ width, height }).toEqual(size);
        for (const { name, bytes, ...rendition } of renditions) {
          const found = await sharp(bytes).metadata();
          expect(found).toMatchObject({ width: rendition.width, height: rendition.height });
          if (name === 'square') expect(found).toMatchObject({ width: 150, height: 150 });
          else
            expect(rendition).toMatchObject(
              sizeInside(size, RENDITIONS.find((one) => one.name === name)?.box ?? 0),
            );
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('steps that are done in one pass', () => {
  it('give what they give one after the other', async () => {
    const picture = colourful({ width: 60, height: 40 });
    const names = FILTERS.filter(({ kind }) => kind === 'filter').map(({ name }) => name);
    const pointwise = names.filter((name) =>
      [
        'exposure',
        'contrast',
        'fade',
        'saturation',
        'vibrance',
        'warmth',
        'tint',
        'sepia',
        'invert',
        'highlights',
        'shadows',
        'vignette',
      ].includes(name),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...pointwise), { minLength: 2, maxLength: 4 }),
        async (filters) => {
          const steps = filters.map((filter) => ({ filter }));
          const together = await filtered(picture, ...steps);
          let apart = picture;
          for (const step of steps) apart = await filtered(apart, step);
          const differences = [...together.data].map((value, at) =>
            Math.abs(value - (apart.data[at] as number)),
          );
          expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(1.5);
        },
      ),
      { numRuns: 30 },
    );
  });
});
