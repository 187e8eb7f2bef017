import { framesIn } from './av1.ts';
import type { Reader } from './boxes.ts';
import { type Meta, readMeta } from './heif-meta.ts';
import { MAX_PIXELS } from './limits.ts';
import { damaged, ImageRejected } from './rejection.ts';
import { area, type Size } from './size.ts';
import type { ImageFormat } from './sniff.ts';

/** How many pictures may be derived from each other in a row; in phones' photos it is one, from its tiles. */
const MAX_DEPTH = 8;

/** Tiles stand out over a picture by less than one of them on each axis: how much, of the pixels accepted. */
const TILE_PADDING = 0.5;

/** What any picture or frame counts at least, in pixels: about what it costs to start with one. */
const SMALLEST_AREA = 64 * 64;

/** The same of a frame of AV1: decoders take frames of this size for smaller ones that the file tells of. */
const SMALLEST_FRAME_AREA = 256 * 256;

const MEGAPIXEL = 1_000_000;

/**
 * Holds what decoding an AVIF or HEIC takes to the pixels that are accepted. The size that is shown says nothing of
 * it: it may be cropped out of a large picture, or put together from hundreds. Each picture that the main one needs
 * counts as often as it is decoded; others don't, as they never are: thumbnails, depth, gain maps, collections.
 *
 * @throws ImageRejected `too-many-pixels`; `corrupt-image` where boxes are incomplete, contradict each other or hold
 * more than MAX_READS values; `unsupported-format` where they are of another format
 */
export function checkHeif(bytes: Buffer, format: ImageFormat): void {
  const meta = readMeta(bytes);
  // Decoders would show another picture instead, that nobody has weighed.
  if (meta.attached.has(meta.primary)) throw damaged('its main picture belongs to another one');
  weigh(meta, format);
}

/** ISO/IEC 23008-12, 6.6: what a picture is derived from is decoded anew each time that something refers to it. */
function weigh(meta: Meta, format: ImageFormat): void {
  const most = MAX_PIXELS[format];
  const mostInAll = most * (1 + TILE_PADDING);
  // What is decoded and what is put together from it are held to the limit apart, and so are alpha planes.
  const sums = { decoded: 0, composed: 0, alphaDecoded: 0, alphaComposed: 0 };

  const checkOne = (size: Size, id: number): void => {
    if (area(size) <= most) return;
    const what = id === meta.primary ? 'The photo has' : 'A picture that the photo is made of has';
    throw tooMany(`${what} ${megapixels(area(size))} (${size.width} x ${size.height})`, most, format);
  };
  const spend = (sum: keyof typeof sums, size: Size, times = 1, least = SMALLEST_AREA): void => {
    sums[sum] += Math.max(least, area(size)) * times;
    if (sums[sum] <= mostInAll) return;
    throw tooMany(`Decoding the photo takes at least ${megapixels(sums[sum])}`, mostInAll, format);
  };

  const visit = (id: number, isAlpha: boolean, depth: number): void => {
    if (depth > MAX_DEPTH) throw damaged('its pictures are derived from each other without end');
    const size = sizeOf(meta, id);
    checkOne(size, id);
    const type = meta.types.get(id) ?? '';
    if (CODED.has(type)) {
      const frames = framesOf(meta, id, type);
      // One is held to the size that is told of it.
      const least = frames > 1 ? SMALLEST_FRAME_AREA : SMALLEST_AREA;
      spend(isAlpha ? 'alphaDecoded' : 'decoded', size, frames, least);
    } else {
      const canvas = canvasOf(meta, id, type);
      checkOne(canvas, id);
      spend(isAlpha ? 'alphaComposed' : 'composed', canvas);
      const sources = meta.sources.get(id) ?? [];
      if (type === 'grid') checkTiles(meta, sources, canvas);
      for (const source of sources) visit(source, isAlpha, depth + 1);
    }
    for (const plane of meta.alphas.get(id) ?? []) visit(plane, true, depth + 1);
  };
  visit(meta.primary, false, 0);
}

const CODED: ReadonlySet<string> = new Set(['av01', 'hvc1']);

/** ISO/IEC 23008-12, 6.6.2.3: every row and column of tiles begins inside of the picture that they cover. */
function checkTiles(meta: Meta, ids: readonly number[], canvas: Size): void {
  let [tiles, side] = [0, 0];
  for (const id of ids) {
    const size = sizeOf(meta, id);
    tiles += area(size);
    side = Math.max(side, size.width, size.height);
  }
  const most = (canvas.width + side) * (canvas.height + side);
  if (tiles <= most) return;
  throw new ImageRejected(
    'too-many-pixels',
    `The photo is put together from tiles of ${tiles} pixels for ${canvas.width} x ${canvas.height}; at most ${most} are accepted.`,
  );
}

const megapixels = (pixels: number): string => `${(pixels / MEGAPIXEL).toFixed(1)} megapixels`;

function tooMany(what: string, most: number, format: ImageFormat): ImageRejected {
  const accepted = `at most ${most / MEGAPIXEL} are accepted as ${format.toUpperCase()}`;
  return new ImageRejected('too-many-pixels', `${what}; ${accepted}.`);
}

/** The size of an item before it is cropped and turned: ISO/IEC 23008-12, 6.5.3. */
function sizeOf(meta: Meta, id: number): Size {
  const size = meta.properties.get(id)?.size;
  if (!size) throw damaged('a picture in it has no size');
  return size;
}

/** The size of what is put together: ISO/IEC 23008-12, 6.6.2.1 to 6.6.2.3; an identity is what it is derived from. */
function canvasOf(meta: Meta, id: number, type: string): Size {
  if (type === 'iden') return { width: 0, height: 0 };
  if (type !== 'grid' && type !== 'iovl') throw damaged('a picture in it is missing or of an unknown kind');
  const [data] = extentsOf(meta, id);
  if (!data) throw damaged('a part of it is missing');
  data.skip(1);
  const bytes = data.uint(1) & 1 ? 4 : 2;
  // The rows and columns of a grid, or the background of an overlay.
  data.skip(type === 'grid' ? 2 : 8);
  return { width: data.uint(bytes), height: data.uint(bytes) };
}

/** How many frames an item holds, all decoded though one is shown. HEVC's are held to the time that they take. */
function framesOf(meta: Meta, id: number, type: string): number {
  if (type !== 'av01') return 1;
  // The codec's configuration may hold some as well, that come first.
  const configured = meta.properties.get(id)?.frames ?? 0;
  const frames = extentsOf(meta, id).reduce((sum, extent) => sum + framesIn(extent), configured);
  if (frames === 0) throw damaged('a picture in it is empty');
  return frames;
}

/** The bytes of an item: ISO/IEC 14496-12, 8.11.3, where method 0 counts from the file's beginning and 1 in `idat`. */
function extentsOf(meta: Meta, id: number): Reader[] {
  const place = meta.places.get(id);
  const source = [meta.file, meta.idat][place?.method ?? 0];
  if (!place || !source) throw damaged('a part of it is missing');
  return place.extents.map(({ offset, length }) => source.part(offset, length));
}
