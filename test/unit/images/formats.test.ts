import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { renderRenditions } from '../../../lib/images/renditions.ts';
import { quadrantColors, quadrants } from '../../support/photos.ts';
import { ultraHdr } from '../../support/pictures/gain-map.ts';

async function render(bytes: Buffer) {
  const facts = await inspectImage(bytes);
  const { renditions } = await renderRenditions(bytes, facts);
  const pictures = Object.fromEntries(renditions.map(({ name, bytes: made }) => [name, made]));
  const sizes = Object.fromEntries(renditions.map(({ name, width, height }) => [name, `${width}x${height}`]));
  return { facts, sizes, picture: (name: string) => pictures[name] as Buffer };
}

function flat(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: '#d08030' } });
}

describe('an ultra-HDR JPEG', () => {
  it('is shown as its first picture, whatever its gain map says', async () => {
    const picture = await quadrants(480, 320);
    const plain = await render(await sharp(picture).jpeg({ quality: 95 }).toBuffer());
    const { facts, sizes, picture: shown } = await render(await ultraHdr(picture, 480, 320));
    expect(facts).toMatchObject({ format: 'jpeg', width: 480, height: 320, pages: 1, animated: false });
    expect(sizes).toEqual(plain.sizes);
    for (const name of Object.keys(sizes)) {
      expect(shown(name).equals(plain.picture(name)), name).toBe(true);
    }
  });

  it('leaves nothing of its gain map in a rendition', async () => {
    const { sizes, picture } = await render(await ultraHdr(await quadrants(480, 320), 480, 320));
    for (const name of Object.keys(sizes)) {
      const { xmp, icc, exif } = await sharp(picture(name)).metadata();
      expect([xmp, icc, exif, picture(name).includes('hdrgm')]).toEqual([
        ...[undefined, undefined, undefined, false],
      ]);
    }
  });
});

describe('transparency', () => {
  it.each(['png', 'webp', 'avif'] as const)(
    'of half stays half in WebP and is over white in JPEG, of a %s',
    async (format) => {
      const clear = sharp({ create: { width: 400, height: 300, channels: 4, background: '#e0202080' } });
      const { picture } = await render(await clear.toFormat(format, { quality: 95 }).toBuffer());
      for (const name of ['square', 'small', 'medium', 'large', 'xlarge']) {
        const { data } = await sharp(picture(name)).raw().toBuffer({ resolveWithObject: true });
        expect(Math.abs((data[3] as number) - 0x80), name).toBeLessThanOrEqual(3);
        expect(Math.abs((data[0] as number) - 0xe0), name).toBeLessThanOrEqual(8);
      }
      const over = [0xe0, 0x20, 0x20].map((value) => Math.round(value * 0.5 + 255 * 0.5));
      for (const color of await quadrantColors(picture('large-jpeg'))) {
        expect(Math.max(...color.map((value, c) => Math.abs(value - (over[c] as number))))).toBeLessThan(8);
      }
    },
  );
});

describe('strange shapes', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('are exact: a %s of one pixel', async (format) => {
    const { sizes, picture } = await render(await flat(1, 1).toFormat(format).toBuffer());
    const one = '1x1';
    expect(sizes).toEqual({
      ...{ square: '150x150', small: one, medium: one, large: one, xlarge: one, 'large-jpeg': one },
    });
    for (const [red = 0, green = 0, blue = 0] of await quadrantColors(picture('square'))) {
      expect(Math.hypot(red - 0xd0, green - 0x80, blue - 0x30)).toBeLessThan(12);
    }
  });

  it.each([
    ['a line', 20_000, 1, { square: '150x150', small: '320x1', large: '1080x1', xlarge: '1920x1' }],
    ['a column', 1, 20_000, { square: '150x150', small: '1x320', large: '1x1080', xlarge: '1x1920' }],
    [
      'a panorama',
      12_000,
      1_500,
      { square: '150x150', small: '320x40', large: '1080x135', xlarge: '1920x240' },
    ],
    ['a tower', 900, 9_000, { square: '150x150', small: '32x320', large: '108x1080', xlarge: '192x1920' }],
    ['a small photo', 200, 100, { square: '150x150', small: '200x100', large: '200x100', xlarge: '200x100' }],
    [
      'a photo one larger than a box',
      1_921,
      1_081,
      { small: '320x180', large: '1080x608', xlarge: '1920x1080' },
    ],
  ])('are exact: %s', async (_, width, height, wanted) => {
    for (const format of ['png', 'jpeg'] as const) {
      const { sizes, picture } = await render(await flat(width, height).toFormat(format).toBuffer());
      expect(sizes).toMatchObject(wanted);
      for (const [name, size] of Object.entries(sizes)) {
        const found = await sharp(picture(name)).metadata();
        expect(`${found.width}x${found.height}`).toBe(size);
      }
    }
  });
});
