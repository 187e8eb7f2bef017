import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { HEIC, HEIC_WITH_EXIF, TURNED_HEIC } from './heic-files.ts';

/** Colours of the quadrants: top left, top right, bottom left, bottom right. */
export const QUADRANTS = ['#e02020', '#20c020', '#2040e0', '#e0e020'] as const;

/** How a camera that was held this way has turned, and then mirrored, what is upright: EXIF 3.0, 4.6.5.1.6. */
const STORED: Readonly<Record<number, { readonly turn: number; readonly mirror?: 'flip' | 'flop' }>> = {
  1: { turn: 0 },
  2: { turn: 0, mirror: 'flop' },
  3: { turn: 180 },
  4: { turn: 0, mirror: 'flip' },
  5: { turn: 90, mirror: 'flop' },
  6: { turn: 270 },
  7: { turn: 90, mirror: 'flip' },
  8: { turn: 90 },
};

/** A small JPEG that nobody else has. */
export function aUniqueJpeg(): Promise<Buffer> {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: `#${randomUUID().slice(0, 6)}` } })
    .jpeg()
    .withExif({ IFD0: { Copyright: randomUUID() } })
    .toBuffer();
}

/** A picture of four coloured quadrants: which way up it is can be told from any of its renditions. */
export async function quadrants(width: number, height: number): Promise<Buffer> {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const tiles = QUADRANTS.map((background, i) => ({
    input: { create: { width: halfWidth, height: halfHeight, channels: 3 as const, background } },
    left: i % 2 === 0 ? 0 : width - halfWidth,
    top: i < 2 ? 0 : height - halfHeight,
  }));
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(tiles)
    .png()
    .toBuffer();
}

/** A JPEG of the quadrants as a camera stores it that was held the way the orientation says. */
export async function storedAs(orientation: number, width: number, height: number): Promise<Buffer> {
  const stored = STORED[orientation];
  if (!stored) throw new RangeError(`Expected an orientation from 1 to 8; got ${orientation}`);
  const turned = await sharp(await quadrants(width, height))
    .rotate(stored.turn)
    .png()
    .toBuffer();
  const mirrored = sharp(turned);
  if (stored.mirror) mirrored[stored.mirror]();
  return mirrored.withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}

/** The colours in the middle of the four quadrants of an image, `[red, green, blue]` each. */
export async function quadrantColors(image: Buffer): Promise<number[][]> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const places = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ] as const;
  return places.map(([x, y]) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    return [...data.subarray(at, at + 3)];
  });
}

/** Frames of one colour each, as an animated GIF or WebP. */
export async function animation(format: 'gif' | 'webp', colors: readonly string[]): Promise<Buffer> {
  const frames = colors.map((background) => ({
    create: { width: 24, height: 16, channels: 3 as const, background },
  }));
  const inputs = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
  return sharp(inputs, { join: { animated: true } })
    [format]()
    .toBuffer();
}

/**
 * A HEIC of the quadrants, 48 x 32; one that is stored lying and turned by its `irot` property, 32 x 48; and one with
 * EXIF of Berlin at midsummer.
 */
export const heicPhoto = () => Buffer.from(HEIC, 'base64');
export const turnedHeicPhoto = () => Buffer.from(TURNED_HEIC, 'base64');
export const heicPhotoWithExif = () => Buffer.from(HEIC_WITH_EXIF, 'base64');
