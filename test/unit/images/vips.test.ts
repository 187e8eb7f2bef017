import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALLOWED_LOADERS, BLOCKED_LOADERS, sharp } from '../../../lib/images/vips.ts';
import { quadrants } from '../../support/photos.ts';

/** The loaders whose names stand in libvips itself, as it is installed for this platform. */
function loadersOfTheLibrary(): string[] {
  const packages = join(dirname(fileURLToPath(import.meta.resolve('sharp'))), '../../@img');
  const libraries = readdirSync(packages, { recursive: true, encoding: 'utf8' })
    .filter((file) => /libvips-(cpp|42)\b.*\.(so|dylib|dll)/.test(file))
    .map((file) => readFileSync(join(packages, file), 'latin1'));
  return [...new Set(libraries.join().match(/VipsForeignLoad[A-Z][A-Za-z0-9]*/g))];
}

describe('libvips', () => {
  it('has no loader that is neither allowed nor blocked', () => {
    const loaders = loadersOfTheLibrary();
    const bases = ALLOWED_LOADERS.map((loader) => loader.replace(/Buffer$/, ''));
    const known = (loader: string) =>
      ALLOWED_LOADERS.includes(loader) ||
      bases.includes(loader) ||
      BLOCKED_LOADERS.some((blocked) => loader.startsWith(blocked));
    expect(loaders).toEqual(expect.arrayContaining([...ALLOWED_LOADERS]));
    expect(loaders.filter((loader) => !known(loader))).toEqual([]);
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['CSV', '1,2,3\n4,5,6\n'],
    ['PPM', 'P3 1 1 255 1 2 3\n'],
    ['PDF', '%PDF-1.7\n'],
  ])('reads no %s', async (_, text) => {
    await expect(sharp(Buffer.from(text)).metadata()).rejects.toThrow(/unsupported image format/);
  });

  it('reads no TIFF, and by its path no file but a JPEG', async () => {
    const tiff = await sharp(await quadrants(8, 8))
      .tiff()
      .toBuffer();
    await expect(sharp(tiff).metadata()).rejects.toThrow(/unsupported image format/);
    const folder = await mkdtemp(join(tmpdir(), 'loaders-'));
    const file = join(folder, 'photo.png');
    await writeFile(file, await quadrants(8, 8));
    await expect(sharp(file).metadata()).rejects.toThrow(/unsupported image format/);
    await rm(folder, { recursive: true });
  });
});
