import { MAX_PARTS, MAX_PIXELS } from './limits.ts';
import { damaged, ImageRejected } from './rejection.ts';
import type { Size } from './size.ts';
import { type ImageFormat, unsupported } from './sniff.ts';

/** How many pictures may be derived from each other in a row; in phones' photos it is one, from its tiles. */
const MAX_DEPTH = 8;

/** Tiles stand out over a picture by less than one of them on each axis: how much, of the pixels accepted. */
const TILE_PADDING = 0.5;

/** What any picture or frame counts at least, in pixels: about what it costs to start with one. */
const SMALLEST_AREA = 64 * 64;

/** How many numbers and names of boxes are read: phones' photos have 2 000, and libvips takes 256 items at most. */
const MAX_READS = 200_000;

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
  const spend = (sum: keyof typeof sums, size: Size, times = 1): void => {
    sums[sum] += Math.max(SMALLEST_AREA, area(size)) * times;
    if (sums[sum] <= mostInAll) return;
    throw tooMany(`Decoding the photo takes at least ${megapixels(sums[sum])}`, mostInAll, format);
  };

  const visit = (id: number, isAlpha: boolean, depth: number): void => {
    if (depth > MAX_DEPTH) throw damaged('its pictures are derived from each other without end');
    const size = sizeOf(meta, id);
    checkOne(size, id);
    const type = meta.types.get(id) ?? '';
    if (CODED.has(type)) {
      spend(isAlpha ? 'alphaDecoded' : 'decoded', size, framesOf(meta, id, type));
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

const area = ({ width, height }: Size): number => width * height;

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

const FRAME_HEADER = 3;
const FRAME = 6;

/** AV1 specification, 5.3.2: units of a byte that says what it is, one more where its third bit says so, a length. */
function framesIn(units: Reader): number {
  let frames = 0;
  while (units.left > 0) {
    const header = units.uint(1);
    // Decoders pass over zeros.
    if (header === 0) continue;
    const type = (header >> 3) & 0xf;
    if (type === FRAME_HEADER || type === FRAME) frames += 1;
    if (header & 4) units.skip(1);
    if (header & 2) units.skip(leb128(units));
    else units.rest();
  }
  return frames;
}

/** AV1 specification, 4.10.5. */
function leb128(units: Reader): number {
  let value = 0;
  for (let i = 0; i < 8; i += 1) {
    const byte = units.uint(1);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return value;
}

/** The bytes of an item: ISO/IEC 14496-12, 8.11.3, where method 0 counts from the file's beginning and 1 in `idat`. */
function extentsOf(meta: Meta, id: number): Reader[] {
  const place = meta.places.get(id);
  const source = [meta.file, meta.idat][place?.method ?? 0];
  if (!place || !source) throw damaged('a part of it is missing');
  return place.extents.map(({ offset, length }) => source.part(offset, length));
}

/** What counts here of one property of an item, or of all together: ISO/IEC 23008-12, 6.5. */
interface Properties {
  /** The largest, where there are several. */
  readonly size?: Size | undefined;
  readonly isAlpha?: boolean;
  readonly frames?: number;
}

interface Place {
  readonly method: number;
  /** In bytes. */
  readonly extents: readonly { readonly offset: number; readonly length: number }[];
}

/** The items of a file by their ids, and what is said of them. */
interface Meta {
  readonly primary: number;
  /** Each item's kind: `av01`, `grid`. */
  readonly types: ReadonlyMap<number, string>;
  readonly properties: ReadonlyMap<number, Properties>;
  readonly places: ReadonlyMap<number, Place>;
  /** What each item is derived from, in order and as often as it is named. */
  readonly sources: ReadonlyMap<number, readonly number[]>;
  /** The alpha planes of each item. */
  readonly alphas: ReadonlyMap<number, readonly number[]>;
  /** Items that are not shown by themselves: thumbnails, auxiliary pictures, masks. */
  readonly attached: ReadonlySet<number>;
  readonly file: Reader;
  readonly idat: Reader | undefined;
}

function readMeta(bytes: Buffer): Meta {
  const file = new Reader(bytes, 0, bytes.length, { reads: 0 });
  const meta = metaBoxOf(bytes, file);
  readVersion(meta);
  const boxes = boxesByType(meta);
  const properties = readProperties(only(boxes, 'iprp'));
  const iref = boxes.has('iref') ? only(boxes, 'iref') : undefined;
  return {
    primary: readPrimary(only(boxes, 'pitm')),
    types: readTypes(only(boxes, 'iinf')),
    properties,
    places: readPlaces(only(boxes, 'iloc')),
    ...readReferences(iref, properties),
    file,
    idat: boxes.has('idat') ? only(boxes, 'idat') : undefined,
  };
}

/** ISO/IEC 14496-12, 8.11.1. The file's own boxes end where a length makes no sense: phones append all sorts of data. */
function metaBoxOf(bytes: Buffer, file: Reader): Reader {
  let meta: Reader | undefined;
  let at = 0;
  for (let boxes = 0; at + 16 <= bytes.length; boxes += 1) {
    if (boxes > MAX_PARTS) throw damaged('it holds too many boxes');
    const type = bytes.toString('latin1', at + 4, at + 8);
    const short = bytes.readUInt32BE(at);
    const header = short === 1 ? 16 : 8;
    const length = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    if ((type === 'meta' || type === 'mdat') && at + length > bytes.length) {
      throw damaged('a part of it is missing');
    }
    // In its place, of ISO/IEC 23008-12:2025, whose brand isn't taken; a decoder prefers it to `meta`.
    if (type === 'mini') throw unsupported();
    if (length < header) break;
    if (type === 'meta') {
      if (meta) throw damaged('it has two boxes meta');
      meta = file.part(at + header, length - header);
    }
    at += length;
  }
  if (!meta) throw damaged('there is no picture in it');
  return meta;
}

/** ISO/IEC 14496-12, 8.11.4. */
function readPrimary(box: Reader): number {
  return box.uint(readVersion(box).version === 0 ? 2 : 4);
}

/** ISO/IEC 14496-12, 8.11.6; entries of versions below 2 have no type. */
function readTypes(box: Reader): Map<number, string> {
  const types = new Map<number, string>();
  box.skip(readVersion(box).version === 0 ? 2 : 4);
  for (const { type, body } of boxesIn(box)) {
    if (type !== 'infe') continue;
    const { version } = readVersion(body);
    if (version < 2) continue;
    const id = body.uint(version === 2 ? 2 : 4);
    if (types.has(id)) throw damaged('it lists a picture twice');
    body.skip(2);
    types.set(id, body.text(4));
  }
  return types;
}

/** ISO/IEC 23008-12, 9.3.1: a list of properties, and for each item which of them it has. */
function readProperties(box: Reader): Map<number, Properties> {
  const boxes = boxesByType(box);
  const all = [...boxesIn(only(boxes, 'ipco'))].map(readProperty);
  const properties = new Map<number, Properties>();
  for (const { body } of boxes.get('ipma') ?? []) {
    const { version, flags } = readVersion(body);
    for (let entries = body.uint(4); entries > 0; entries -= 1) {
      const id = body.uint(version === 0 ? 2 : 4);
      for (let count = body.uint(1); count > 0; count -= 1) {
        const index = flags & 1 ? body.uint(2) & 0x7fff : body.uint(1) & 0x7f;
        properties.set(id, together(properties.get(id) ?? {}, all[index - 1] ?? {}));
      }
    }
  }
  return properties;
}

function together(a: Properties, b: Properties): Properties {
  const isLarger = a.size && (!b.size || area(a.size) >= area(b.size));
  return {
    size: isLarger ? a.size : b.size,
    isAlpha: a.isAlpha === true || b.isAlpha === true,
    frames: (a.frames ?? 0) + (b.frames ?? 0),
  };
}

/** ISO/IEC 23008-12, 6.5.8: `alpha` as MIAF calls it, and as HEVC and AVC do. */
const ALPHA_TYPES = [
  'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha',
  'urn:mpeg:hevc:2015:auxid:1',
  'urn:mpeg:avc:2015:auxid:1',
];
const LONGEST_ALPHA_TYPE = Math.max(...ALPHA_TYPES.map(({ length }) => length));

function readProperty({ type, body }: Box): Properties {
  if (type === 'ispe') {
    readVersion(body);
    return { size: { width: body.uint(4), height: body.uint(4) } };
  }
  if (type === 'auxC') {
    readVersion(body);
    const [urn = ''] = body.text(Math.min(body.left, LONGEST_ALPHA_TYPE + 1)).split('\0', 1);
    return { isAlpha: ALPHA_TYPES.includes(urn) };
  }
  // AV1-ISOBMFF, 2.3: after what the codec must be able to do, units that come before the item's own.
  if (type === 'av1C') {
    body.skip(4);
    return { frames: framesIn(body) };
  }
  return {};
}

/** ISO/IEC 14496-12, 8.11.3. */
function readPlaces(box: Reader): Map<number, Place> {
  const places = new Map<number, Place>();
  const { version } = readVersion(box);
  const [offsetBytes, lengthBytes] = nibbles(box.uint(1));
  const [baseBytes, indexBytes] = nibbles(box.uint(1));
  for (let items = box.uint(version < 2 ? 2 : 4); items > 0; items -= 1) {
    const id = box.uint(version < 2 ? 2 : 4);
    if (places.has(id)) throw damaged('it says twice where a picture is');
    const method = version === 0 ? 0 : box.uint(2) & 0xf;
    box.skip(2);
    const base = box.uint(baseBytes);
    const extents = Array.from({ length: box.uint(2) }, () => {
      if (version > 0) box.skip(indexBytes);
      return { offset: base + box.uint(offsetBytes), length: box.uint(lengthBytes) };
    });
    places.set(id, { method, extents });
  }
  return places;
}

const nibbles = (byte: number): [number, number] => [byte >> 4, byte & 0xf];

/** ISO/IEC 14496-12, 8.11.12; the kinds of references: ISO/IEC 23008-12, 6.4.4 and 6.4.5, and 6.6. */
function readReferences(box: Reader | undefined, properties: Meta['properties']) {
  const sources = new Map<number, number[]>();
  const alphas = new Map<number, number[]>();
  const attached = new Set<number>();
  if (!box) return { sources, alphas, attached };
  const idBytes = readVersion(box).version === 0 ? 2 : 4;
  for (const { type, body } of boxesIn(box)) {
    const from = body.uint(idBytes);
    const isAlpha = properties.get(from)?.isAlpha;
    for (let count = body.uint(2); count > 0; count -= 1) {
      const to = body.uint(idBytes);
      if (type === 'dimg') listAt(sources, from).push(to);
      if (type === 'auxl' && isAlpha) listAt(alphas, to).push(from);
      if (type === 'auxl' || type === 'thmb') attached.add(from);
      if (type === 'mask') attached.add(to);
    }
  }
  return { sources, alphas, attached };
}

function listAt<T>(lists: Map<number, T[]>, id: number): T[] {
  const list = lists.get(id) ?? [];
  lists.set(id, list);
  return list;
}

interface Box {
  readonly type: string;
  readonly body: Reader;
}

/** ISO/IEC 14496-12, 4.2: a length that counts itself (1: a 64-bit one follows; 0: to the end), and a type. */
function* boxesIn(parent: Reader): Generator<Box> {
  while (parent.left > 0) {
    const short = parent.uint(4);
    const type = parent.text(4);
    const length = short === 1 ? parent.uint(8) - 16 : short - 8;
    yield { type, body: short === 0 ? parent.rest() : parent.take(length) };
  }
}

function boxesByType(parent: Reader): ReadonlyMap<string, readonly Box[]> {
  return Map.groupBy(boxesIn(parent), ({ type }) => type);
}

/** The box of a type; where there were two, decoders would differ in which one they take. */
function only(boxes: ReadonlyMap<string, readonly Box[]>, type: string): Reader {
  const [box, second] = boxes.get(type) ?? [];
  if (!box || second) throw damaged(`it has ${box ? 'two boxes' : 'no box'} ${type}`);
  return box.body;
}

/** ISO/IEC 14496-12, 4.2: what many boxes begin with. */
function readVersion(box: Reader): { readonly version: number; readonly flags: number } {
  return { version: box.uint(1), flags: box.uint(3) };
}

/** Reads a part of a file from its beginning, nothing beyond its end, and no more than MAX_READS values of a file. */
class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  /** Shared by all readers of a file. */
  readonly #spent: { reads: number };
  #at: number;

  constructor(bytes: Buffer, at: number, end: number, spent: { reads: number }) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#spent = spent;
  }

  /** In bytes. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** A big-endian number of so many bytes, at most 8; above 2^53 it is not exact, and larger than any file. */
  uint(bytes: number): number {
    if (bytes > 4) return this.uint(bytes - 4) * 2 ** 32 + this.uint(4);
    const at = this.#pass(bytes);
    return bytes === 0 ? 0 : this.#bytes.readUIntBE(at, bytes);
  }

  text(length: number): string {
    const at = this.#pass(length);
    return this.#bytes.toString('latin1', at, at + length);
  }

  skip(length: number): void {
    this.#pass(length);
  }

  /** The next bytes, to be read apart from what follows. */
  take(length: number): Reader {
    const at = this.#pass(length);
    return new Reader(this.#bytes, at, at + length, this.#spent);
  }

  rest(): Reader {
    return this.take(this.left);
  }

  /** Some of the bytes that are not read yet, leaving them. */
  part(offset: number, length: number): Reader {
    const ahead = new Reader(this.#bytes, this.#at, this.#end, this.#spent);
    ahead.skip(offset);
    return ahead.take(length);
  }

  #pass(length: number): number {
    this.#spent.reads += 1;
    if (this.#spent.reads > MAX_READS) throw damaged('it holds too many boxes');
    const at = this.#at;
    if (length < 0 || at + length > this.#end) throw damaged('a part of it is missing');
    this.#at += length;
    return at;
  }
}
