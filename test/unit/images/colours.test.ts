import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ImageFacts, inspectImage } from '../../../lib/images/inspect.ts';
import { RENDITIONS, renderRenditions } from '../../../lib/images/renditions.ts';
import { extraShrink } from '../../../lib/images/shrink.ts';
import { QUADRANTS, quadrantColors, storedAs } from '../../support/photos.ts';
import { asSrgb, chart, chartDifference } from '../../support/pictures/chart.ts';
import { labOf, meanDifference } from '../../support/pictures/compare.ts';
import { jpegWithProfile, profileOf, type SpaceName, valuesIn } from '../../support/pictures/profile.ts';

/** Of 3 by 2, so that a square shows the four middle columns. */
const [WIDTH, HEIGHT] = [1_200, 800];
const FINE = { quality: 95, chromaSubsampling: '4:4:4' } as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

function chartIn(space: SpaceName, width = WIDTH, height = HEIGHT): Sharp {
  return chart(width, height, (srgb) => valuesIn(space, srgb));
}

function eightBits(picture: Sharp): Sharp {
  return picture.toColourspace('srgb');
}

async function jpegIn(space: SpaceName, width?: number, height?: number): Promise<Buffer> {
  const picture = eightBits(chartIn(space, width, height));
  return jpegWithProfile(await picture.jpeg(FINE).toBuffer(), profileOf(space));
}

/** PNG specification, 11.3.2.3. */
async function deepPngIn(space: SpaceName): Promise<Buffer> {
  const png = await chartIn(space).png().toBuffer();
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(profileOf(space))]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** The chart in sRGB. */
const plain = () => chart(WIDTH, HEIGHT, asSrgb);

/** What lossy encoders cost is in it; taking Display P3 for sRGB makes 1.7, Adobe RGB 2.5. */
const LIMIT = 1;

const SOURCES: readonly (readonly [string, () => Promise<Buffer>, number, object])[] = [
  ['JPEG in Display P3', () => jpegIn('Display P3'), LIMIT, { profile: 'rgb' }],
  ['JPEG in Adobe RGB', () => jpegIn('Adobe RGB'), LIMIT, { profile: 'rgb' }],
  ['WebP in Display P3', () => webpInP3(), LIMIT, { profile: 'rgb' }],
  ['16 bit PNG in Display P3', () => deepPngIn('Display P3'), LIMIT, { profile: 'rgb' }],
  ['16 bit PNG in Adobe RGB', () => deepPngIn('Adobe RGB'), LIMIT, { profile: 'rgb' }],
  // Inks don't mix every colour exactly: 3.7 there and back by the profile. Without it, it makes 10.9.
  ['CMYK', () => cmyk(), 5, { profile: 'cmyk' }],
  ['JPEG without a profile', async () => eightBits(plain()).jpeg(FINE).toBuffer(), LIMIT, {}],
  ['16 bit PNG', () => plain().png().toBuffer(), LIMIT, {}],
  ['PNG with a palette', async () => eightBits(plain()).png({ palette: true }).toBuffer(), LIMIT, {}],
  [
    'AVIF of 10 bits',
    () => plain().avif({ quality: 90, bitdepth: 10 }).toBuffer(),
    LIMIT,
    { format: 'avif' },
  ],
];

async function webpInP3(): Promise<Buffer> {
  return sharp(await eightBits(plain()).png().toBuffer())
    .withIccProfile('p3')
    .webp({ quality: 95 })
    .toBuffer();
}

function cmyk(): Promise<Buffer> {
  const picture = eightBits(plain());
  return picture.withIccProfile('cmyk').toColourspace('cmyk').jpeg(FINE).toBuffer();
}

function hexLab(color: string) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return labOf(red, green, blue);
}

describe('every rendition shows the colours of the photo', () => {
  it.each(SOURCES)('%s', async (_, draw, limit, facts) => {
    const bytes = await draw();
    const found = await inspectImage(bytes);
    expect(found).toMatchObject({ width: WIDTH, height: HEIGHT, ...facts });
    const { renditions } = await renderRenditions(bytes, found);
    expect(renditions).toHaveLength(RENDITIONS.length);
    for (const { name, bytes: made } of renditions) {
      expect(await chartDifference(made), name).toBeLessThan(limit);
    }
  });
});

describe('a JPEG that the decoder shrinks more than sharp lets it', () => {
  /** Twice and a half the largest rendition. */
  const large = (space: SpaceName) => jpegIn(space, 4_800, 3_200);

  it('has the colours and sizes that it should have', async () => {
    const bytes = await large('Adobe RGB');
    const { renditions } = await renderRenditions(bytes, await inspectImage(bytes));
    for (const { name, bytes: made } of renditions) {
      expect(await chartDifference(made), name).toBeLessThan(LIMIT);
    }
    expect(renditions.map(({ name, width, height }) => [name, width, height])).toEqual([
      ['square', 150, 150],
      ['small', 320, 213],
      ['medium', 640, 427],
      ['large', 1_080, 720],
      ['xlarge', 1_920, 1_280],
      ['large-jpeg', 1_080, 720],
    ]);
  });

  it('is upright', async () => {
    const bytes = await storedAs(6, 4_032, 3_024);
    const { renditions } = await renderRenditions(bytes, await inspectImage(bytes));
    for (const { name, bytes: made } of renditions) {
      const found = (await quadrantColors(made)).map(([red = 0, green = 0, blue = 0]) =>
        labOf(red, green, blue),
      );
      expect(meanDifference(found, QUADRANTS.map(hexLab)), name).toBeLessThan(2);
    }
  });

  it('is refused where its end is missing, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shrunk-'));
    vi.stubEnv('TMPDIR', folder);
    const bytes = await large('Display P3');
    const cut = bytes.subarray(0, bytes.length * 0.9);
    await expect(renderRenditions(cut, await inspectImage(cut))).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'corrupt-image',
    });
    await renderRenditions(bytes, await inspectImage(bytes));
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('is made all the same where the temporary folder is full or gone', async () => {
    vi.stubEnv('TMPDIR', '/nowhere');
    const bytes = await large('Display P3');
    const { renditions } = await renderRenditions(bytes, await inspectImage(bytes));
    expect(await chartDifference(renditions[3]?.bytes as Buffer)).toBeLessThan(LIMIT);
  });

  const WANTED = { width: 1_920, height: 960 };

  it('is shrunk by what the wanted size allows', () => {
    const facts = { format: 'jpeg' } as ImageFacts;
    const shrinkOf = (width: number) => extraShrink({ ...facts, width, height: width / 2 }, WANTED);
    expect([1_919, 3_839, 3_840, 5_759, 5_760, 7_679, 7_680, 9_600, 15_360].map(shrinkOf)).toEqual([
      ...[undefined, undefined, 2, 2, undefined, undefined, 4, undefined, 8],
    ]);
    expect(extraShrink({ ...facts, format: 'png', width: 4_000, height: 2_000 }, WANTED)).toBeUndefined();
  });
});
