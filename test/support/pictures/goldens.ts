import { readFile } from 'node:fs/promises';
import { FILTERS } from '../../../lib/images/filters/registry.ts';
import { type Raster, toRaster } from '../../../lib/images/raster.ts';
import { sharp } from '../../../lib/images/vips.ts';
import { filtered } from './filtered.ts';
import { colourful } from './photos.ts';

/** What every filter and look once made of a picture, one below the other in a sheet of `COLUMNS`. */
const FILE = new URL('goldens.webp', import.meta.url);
const NAMES = new URL('goldens.json', import.meta.url);
const SIZE = { width: 72, height: 48 };
const COLUMNS = 8;

/** What every filter makes of it now, with the parameters of its preview, at the same size. */
export async function pictured(name: string): Promise<Raster> {
  const params = FILTERS.find((filter) => filter.name === name)?.preview ?? {};
  const raster = await filtered(colourful(SIZE), { filter: name, params });
  const picture = sharp(raster.data, { raw: raster }).resize(SIZE.width, SIZE.height, {
    fit: 'contain',
    background: '#808080',
  });
  return toRaster(picture);
}

/** The goldens by the name of their filter. */
export async function readGoldens(): Promise<ReadonlyMap<string, Raster>> {
  const names = JSON.parse(await readFile(NAMES, 'utf8')) as string[];
  const sheet = await readFile(FILE);
  const cut = async (index: number) =>
    toRaster(
      sharp(sheet).extract({
        left: (index % COLUMNS) * SIZE.width,
        top: Math.floor(index / COLUMNS) * SIZE.height,
        ...SIZE,
      }),
    );
  return new Map(await Promise.all(names.map(async (name, index) => [name, await cut(index)] as const)));
}

/** The sheet of what is made now, as WebP without loss, and the names in it. */
export async function drawnGoldens(): Promise<{ file: URL; bytes: Buffer; namesFile: URL; names: string[] }> {
  const names = FILTERS.map(({ name }) => name);
  const tiles = [];
  for (const [index, name] of names.entries()) {
    const { data, width, height, channels } = await pictured(name);
    tiles.push({
      input: data,
      raw: { width, height, channels },
      left: (index % COLUMNS) * SIZE.width,
      top: Math.floor(index / COLUMNS) * SIZE.height,
    });
  }
  const create = {
    width: COLUMNS * SIZE.width,
    height: Math.ceil(names.length / COLUMNS) * SIZE.height,
    channels: 3 as const,
    background: '#000000',
  };
  const bytes = await sharp({ create }).composite(tiles).webp({ lossless: true, effort: 6 }).toBuffer();
  return { file: FILE, bytes, namesFile: NAMES, names };
}
