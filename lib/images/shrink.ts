import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageFacts } from './inspect.ts';
import type { Kernel } from './raster.ts';
import type { Size } from './size.ts';

/** By how much libjpeg can shrink while it decodes. */
const FACTORS = [8, 4, 2] as const;

/**
 * By how much the decoder should shrink a JPEG where sharp would let it do only half of that, as it does up to the
 * next whole number: of 4032 pixels it decodes all for 1920, though 2016 are enough and cost a third less. Undefined
 * where sharp does the best by itself.
 */
export function extraShrink({ format, width, height }: ImageFacts, wanted: Size): number | undefined {
  const shrink = Math.min(width / wanted.width, height / wanted.height);
  const most = FACTORS.find((factor) => factor <= shrink);
  return format === 'jpeg' && most === Math.floor(shrink) ? most : undefined;
}

/** Below this, a softer kernel is seen: SSIM of the largest rendition falls by another 0.0007. */
const CUBIC_FROM = 1.1;

/** The kernel that takes a shrunk photo to the wanted size. Where enough is left to do, the cheaper one does as well. */
export function kernelAfter(shrink: number, { width, height }: ImageFacts, wanted: Size): Kernel {
  const left = Math.min(width / wanted.width, height / wanted.height) / shrink;
  return left >= CUBIC_FROM ? 'cubic' : 'lanczos3';
}

/**
 * Does something with the name under which libvips opens the JPEG shrunk. Only the name of a file can say so, for
 * sharp has no option for it; so the photo lies in the temporary folder for that long.
 */
export async function withShrunk<T>(
  jpeg: Buffer,
  shrink: number,
  use: (name: string) => Promise<T>,
): Promise<T> {
  const path = join(tmpdir(), `${randomUUID()}.jpg`);
  try {
    await writeFile(path, jpeg, { mode: 0o600 });
    return await use(`${path}[shrink=${shrink}]`);
  } finally {
    await rm(path, { force: true });
  }
}
