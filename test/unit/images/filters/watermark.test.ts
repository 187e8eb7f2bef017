import { describe, expect, it } from 'vitest';
import { stepsSchema } from '../../../../lib/images/filters/chain.ts';
import { lettered, missingLetters, widthOf } from '../../../../lib/images/filters/lettering.ts';
import type { Raster } from '../../../../lib/images/raster.ts';
import { filtered } from '../../../support/pictures/filtered.ts';

const grey = (width: number, height: number, channels: 3 | 4 = 3): Raster => ({
  data: Buffer.alloc(width * height * channels, 100),
  width,
  height,
  channels,
});

/** Where a picture differs from grey: the smallest rectangle around it. */
function changed({ data, width, channels }: Raster) {
  const pixels = [...data.keys()].filter((at) => data[at] !== 100).map((at) => Math.floor(at / channels));
  const xs = pixels.map((pixel) => pixel % width);
  const ys = pixels.map((pixel) => Math.floor(pixel / width));
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

const covered = (text: string, height: number) =>
  lettered(text, height).data.reduce((sum, share) => sum + share, 0) / height ** 2;

describe('letters', () => {
  it('are drawn as shapes with holes, exact to a fraction of a pixel at every size', () => {
    expect(covered('.', 200)).toBeCloseTo(covered('.', 20), 2);
    const { data, width, height } = lettered('O', 60);
    expect(data[Math.floor(height / 2) * width + Math.floor(width / 2)]).toBeCloseTo(0);
    expect(Math.max(...data)).toBeCloseTo(1);
    for (const letter of ['A', 'ß', 'Ж', 'Ω', 'ế', '©', '€']) {
      expect(covered(letter, 30), letter).toBeCloseTo(covered(letter, 120), 1);
      expect(covered(letter, 30), letter).toBeGreaterThan(0.02);
    }
  });

  it('are there for the languages of Europe, and told where they are not', () => {
    const text = 'Žluťoučký kůň, Übergröße, ça et là, Ελλάδα, Привіт, Đặng, “© 2026” – №1 €';
    expect(missingLetters(text)).toEqual([]);
    expect(missingLetters('日本 ok 日')).toEqual(['日', '本']);
    expect(widthOf('ii')).toBeLessThan(widthOf('mm'));
  });
});

describe('a watermark', () => {
  it.each([
    ['top-left', { left: [0, 30], top: [0, 30] }],
    ['bottom-right', { right: [170, 200], bottom: [70, 100] }],
  ] as const)('stands where it is asked for: %s', async (position, wanted) => {
    const params = { text: 'Hi', position, size: 0.2 };
    const found = changed(await filtered(grey(200, 100), { filter: 'watermark', params }));
    for (const [edge, [least, most]] of Object.entries(wanted)) {
      expect(found[edge as keyof typeof found]).toBeGreaterThanOrEqual(least);
      expect(found[edge as keyof typeof found]).toBeLessThanOrEqual(most);
    }
  });

  it('is made smaller rather than cut off', async () => {
    const params = { text: 'W'.repeat(80), size: 0.5, position: 'center' };
    const found = changed(await filtered(grey(300, 200), { filter: 'watermark', params }));
    expect(found.left).toBeGreaterThan(0);
    expect(found.right).toBeLessThan(299);
  });

  it('takes markup for the letters it is written with', async () => {
    const draw = (text: string) =>
      filtered(grey(400, 60), { filter: 'watermark', params: { text, size: 0.5 } });
    const markup = await draw('<b>&amp;</b>');
    expect(changed(markup).left).toBeLessThan(changed(await draw('&')).left - 50);
  });

  it('draws an accent that stands apart with its letter', async () => {
    const [step] = stepsSchema.parse([{ filter: 'watermark', params: { text: 'cafe\u0301' } }]);
    expect(step?.params.text).toBe('café');
  });

  it('may have any letter of ASCII and Latin-1, and takes a no-break space for a space', () => {
    const between = (from: number, to: number) =>
      String.fromCharCode(...Array.from({ length: to - from }, (_, at) => from + at));
    const letters = between(0x20, 0x7f) + between(0xa0, 0x100);
    for (const letter of letters) {
      const [step] = stepsSchema.parse([{ filter: 'watermark', params: { text: `a${letter}b` } }]);
      expect(step?.params.text).toBe(letter === '\u00a0' ? 'a b' : `a${letter}b`);
    }
  });

  it('is seen on what is transparent', async () => {
    const clear = { ...grey(100, 60, 4), data: Buffer.alloc(100 * 60 * 4) };
    const { data } = await filtered(clear, {
      filter: 'watermark',
      params: { text: 'X', size: 0.5, opacity: 1 },
    });
    expect(Math.max(...data.filter((_, at) => at % 4 === 3))).toBe(255);
  });
});
