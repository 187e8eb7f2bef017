import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { RENDITIONS, recipeOf, renderRenditions, sizeInside } from '../../../lib/images/renditions.ts';
import {
  animation,
  heicPhoto,
  heicPhotoWithExif,
  QUADRANTS,
  quadrantColors,
  quadrants,
  storedAs,
  turnedHeicPhoto,
} from '../../support/photos.ts';

async function render(bytes: Buffer) {
  const { renditions, placeholder } = await renderRenditions(bytes, await inspectImage(bytes));
  const named = Object.fromEntries(renditions.map((rendition) => [rendition.name, rendition]));
  const bytesOf = (name: string) => named[name]?.bytes ?? Buffer.alloc(0);
  const sizes = Object.fromEntries(renditions.map(({ name, width, height }) => [name, `${width}x${height}`]));
  return { renditions, placeholder, bytesOf, sizes };
}

function rgb(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** Lossy encoders move colours a little; a wrong profile, turn or channel moves them a lot. */
function expectColors(found: readonly number[][], wanted: readonly number[][], tolerance = 8) {
  const differences = found.flatMap((color, i) =>
    color.map((value, c) => Math.abs(value - (wanted[i]?.[c] ?? -999))),
  );
  expect(Math.max(...differences), JSON.stringify(found)).toBeLessThanOrEqual(tolerance);
}

const UPRIGHT = QUADRANTS.map(rgb);

describe('renditions', () => {
  it('have exact sizes, and only the square is ever enlarged', async () => {
    const cases: [number, number, object][] = [
      [
        3000,
        2000,
        {
          square: '150x150',
          small: '320x213',
          medium: '640x427',
          large: '1080x720',
          xlarge: '1920x1280',
          'large-jpeg': '1080x720',
        },
      ],
      [
        400,
        500,
        {
          square: '150x150',
          small: '256x320',
          medium: '400x500',
          large: '400x500',
          xlarge: '400x500',
          'large-jpeg': '400x500',
        },
      ],
      [
        1,
        1,
        { square: '150x150', small: '1x1', medium: '1x1', large: '1x1', xlarge: '1x1', 'large-jpeg': '1x1' },
      ],
      [
        20_000,
        20,
        {
          square: '150x150',
          small: '320x1',
          medium: '640x1',
          large: '1080x1',
          xlarge: '1920x2',
          'large-jpeg': '1080x1',
        },
      ],
    ];
    for (const [width, height, sizes] of cases) {
      const bytes = await sharp({ create: { width, height, channels: 3, background: '#808080' } })
        .png()
        .toBuffer();
      const { renditions, sizes: found } = await render(bytes);
      expect(found).toEqual(sizes);
      for (const rendition of renditions) {
        const { width, height, format } = await sharp(rendition.bytes).metadata();
        expect({ width, height, format }).toEqual({
          width: rendition.width,
          height: rendition.height,
          format: rendition.format,
        });
      }
    }
  });

  it('cut the square of a panorama from enough pixels to show what is there', async () => {
    const stripe = { create: { width: 4, height: 160, channels: 3 as const, background: '#ffffff' } };
    const panorama = await sharp({
      create: { width: 20_000, height: 160, channels: 3, background: '#000000' },
    })
      .composite(Array.from({ length: 10 }, (_, i) => ({ input: stripe, left: 9_960 + 8 * i, top: 0 })))
      .png({ compressionLevel: 1 })
      .toBuffer();
    const { bytesOf } = await render(panorama);
    const row = await sharp(bytesOf('square'))
      .greyscale()
      .extract({ left: 35, top: 75, width: 80, height: 1 })
      .raw()
      .toBuffer();
    expect(Math.max(...row) - Math.min(...row)).toBeGreaterThan(200);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are upright, the photo having orientation %i', async (orientation) => {
    const { bytesOf, sizes } = await render(await storedAs(orientation, 480, 320));
    expect(sizes).toMatchObject({ medium: '480x320', small: '320x213' });
    for (const name of ['square', 'small', 'xlarge', 'large-jpeg']) {
      expectColors(await quadrantColors(bytesOf(name)), UPRIGHT);
    }
  });

  it('carry nothing but pixels: no place, name, profile or thumbnail', async () => {
    const photo = await sharp(await quadrants(480, 320))
      .withIccProfile('p3')
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret/></x:xmpmeta>')
      .withExifMerge({ IFD0: { Artist: 'Secret Name' }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } })
      .jpeg()
      .toBuffer();
    expect(photo.includes('Secret Name')).toBe(true);
    const { renditions } = await render(photo);
    expect(renditions).toHaveLength(RENDITIONS.length);
    for (const { bytes } of renditions) {
      const found = await sharp(bytes).metadata();
      expect(found).toMatchObject({ space: 'srgb', hasProfile: false });
      expect([found.exif, found.icc, found.xmp, found.iptc, found.orientation]).toEqual(
        Array(5).fill(undefined),
      );
      expect(bytes.includes('ecret')).toBe(false);
    }
  });

  it.each([
    [
      'a Display P3 profile',
      () =>
        quadrants(480, 320).then((bytes) =>
          sharp(bytes).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
        ),
      8,
    ],
    [
      'Display P3 and 16 bits',
      () =>
        quadrants(480, 320).then((bytes) =>
          sharp(bytes).withIccProfile('p3').toColourspace('rgb16').png().toBuffer(),
        ),
      8,
    ],
    [
      'an sRGB profile',
      () => quadrants(480, 320).then((bytes) => sharp(bytes).withIccProfile('srgb').png().toBuffer()),
      8,
    ],
    [
      '16 bits',
      () => quadrants(480, 320).then((bytes) => sharp(bytes).toColourspace('rgb16').png().toBuffer()),
      8,
    ],
    [
      'a palette',
      () => quadrants(480, 320).then((bytes) => sharp(bytes).png({ palette: true }).toBuffer()),
      8,
    ],
    ['WebP', () => quadrants(480, 320).then((bytes) => sharp(bytes).webp({ quality: 95 }).toBuffer()), 8],
    ['AVIF', () => quadrants(480, 320).then((bytes) => sharp(bytes).avif({ quality: 90 }).toBuffer()), 8],
    ['HEIC', async () => heicPhoto(), 8],
    ['HEIC with EXIF that would turn it', async () => heicPhotoWithExif(), 8],
  ] as const)('show the colours of the photo: %s', async (_, photo, tolerance) => {
    const { bytesOf } = await render(await photo());
    expectColors(await quadrantColors(bytesOf('large')), UPRIGHT, tolerance);
    expectColors(await quadrantColors(bytesOf('large-jpeg')), UPRIGHT, tolerance);
  });

  it('show the colours of CMYK as its own profile has them', async () => {
    const photo = await sharp(await quadrants(480, 320))
      .withIccProfile('cmyk')
      .toColourspace('cmyk')
      .jpeg({ quality: 95 })
      .toBuffer();
    const { bytesOf } = await render(photo);
    const reference = await sharp(photo).toColourspace('srgb').png().toBuffer();
    expectColors(await quadrantColors(bytesOf('large')), await quadrantColors(reference));
  });

  it('show grey as grey, with or without alpha', async () => {
    const grey = sharp({ create: { width: 64, height: 64, channels: 3, background: '#777777' } }).greyscale();
    for (const photo of [
      await grey.clone().jpeg().toBuffer(),
      await grey.clone().ensureAlpha(1).png().toBuffer(),
    ]) {
      const { bytesOf } = await render(photo);
      expectColors(await quadrantColors(bytesOf('large')), Array(4).fill([0x77, 0x77, 0x77]), 3);
    }
  });

  it('turn a HEIC once', async () => {
    const { bytesOf, sizes } = await render(turnedHeicPhoto());
    expect(sizes).toMatchObject({ medium: '32x48' });
    const [topLeft, topRight, bottomLeft, bottomRight] = UPRIGHT as [number[], number[], number[], number[]];
    expectColors(await quadrantColors(bytesOf('large')), [bottomLeft, topLeft, bottomRight, topRight]);
  });

  it('keep alpha in WebP and put JPEG on white', async () => {
    const photo = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const { bytesOf, placeholder } = await render(photo);
    expect(await sharp(bytesOf('large')).stats()).toMatchObject({ isOpaque: false });
    expectColors(await quadrantColors(bytesOf('large-jpeg')), Array(4).fill([255, 255, 255]), 2);
    expect(placeholder.color).toBe('#ffffff');
  });

  it.each(['gif', 'webp'] as const)('show the first frame of a %s', async (format) => {
    const { bytesOf, renditions } = await render(await animation(format, ['#e02020', '#20c020', '#2040e0']));
    expectColors(await quadrantColors(bytesOf('large')), Array(4).fill(rgb('#e02020')));
    for (const { bytes } of renditions) expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1);
  });

  it('survive a profile that is nonsense', async () => {
    const photo = await sharp(await quadrants(480, 320))
      .withIccProfile('p3')
      .jpeg({ quality: 95 })
      .toBuffer();
    const at = photo.indexOf('ICC_PROFILE');
    photo.fill(0xaa, at + 14 + 128, at + 14 + 400);
    const { bytesOf } = await render(photo);
    expectColors(await quadrantColors(bytesOf('large')), UPRIGHT, 60);
  });

  it('leave no pixels in memory for the garbage collector to find', async () => {
    const photo = await quadrants(2_400, 1_800);
    const facts = await inspectImage(photo);
    const before = process.memoryUsage().external;
    const { renditions } = await renderRenditions(photo, facts);
    const files = renditions.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(process.memoryUsage().external - before - files).toBeLessThan(1_000_000);
  });

  it.each([10, 50, 90, 99])('are not made of a photo of which only %i % arrived', async (percent) => {
    const noise = {
      width: 300,
      height: 200,
      channels: 3 as const,
      noise: { type: 'gaussian' as const, mean: 128, sigma: 50 },
    };
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const photo = await sharp({ create: { ...noise, background: '#000' } })
        [format]()
        .toBuffer();
      const cut = photo.subarray(0, Math.floor((photo.length * percent) / 100));
      await expect(render(cut)).rejects.toMatchObject({ name: 'ImageRejected', code: 'corrupt-image' });
    }
  });
});

describe('the placeholder', () => {
  it('is a ThumbHash and the colour that most of the photo has', async () => {
    const patch = { create: { width: 60, height: 80, channels: 3 as const, background: '#1040c0' } };
    const photo = await sharp({ create: { width: 200, height: 100, channels: 3, background: '#d08030' } })
      .composite([{ input: patch, left: 10, top: 10 }])
      .png()
      .toBuffer();
    const { placeholder } = await render(photo);
    expectColors([rgb(placeholder.color)], [rgb('#d08030')], 4);
    expect(Buffer.from(placeholder.thumbhash, 'base64').length).toBeGreaterThan(15);
  });
});

describe('the recipe of a rendition', () => {
  it('is the same line every time, and another one for every row of the table', () => {
    const lines = RENDITIONS.map(({ name }) => recipeOf(name));
    expect(new Set(lines).size).toBe(RENDITIONS.length);
    expect(lines).toEqual(RENDITIONS.map(({ name }) => recipeOf(name)));
    expect(lines.every((line) => line.includes(sharp.versions.sharp as string))).toBe(true);
  });

  it('does not exist for a name outside the table', () => {
    expect(() => recipeOf('huge')).toThrow(/Expected the name of a rendition; got "huge"/);
  });
});

describe('the size inside a box', () => {
  it('fits, keeps the shape to half a pixel, and never enlarges', () => {
    const side = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 2_048 }), (width, height, box) => {
        const size = sizeInside({ width, height }, box);
        expect(Math.max(size.width, size.height)).toBe(Math.min(box, Math.max(width, height)));
        const scale = Math.min(1, box / Math.max(width, height));
        expect(Math.abs(size.width - Math.max(1, width * scale))).toBeLessThanOrEqual(0.5);
        expect(Math.abs(size.height - Math.max(1, height * scale))).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});
