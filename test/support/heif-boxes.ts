import sharp from 'sharp';
import { heicPhoto } from './photos.ts';

/** An item of a HEIF file: ISO/IEC 23008-12, 6. */
export interface HeifItem {
  readonly id: number;
  /** `av01`, `hvc1`, `grid`, `iovl`, `iden`. */
  readonly type: string;
  readonly properties: readonly Buffer[];
  readonly data?: Buffer;
  /** Which items it refers to, by the kind of reference: `dimg`, `auxl`, `thmb`. */
  readonly refs?: Readonly<Record<string, readonly number[]>>;
  readonly isHidden?: boolean;
  /** Whether its data are said to be two parts, that follow each other. */
  readonly isHalved?: boolean;
}

/** How a HEIF file is written; what is absent is as sharp writes an AVIF. */
export interface HeifOptions {
  readonly brand?: 'avif' | 'heic';
  /**
   * Item ids of 32 bits instead of 16, indices of properties of 15 bits instead of 7 for all items but the first, and
   * places that count from a base.
   */
  readonly isWide?: boolean;
  /** Data that isn't coded pixels stands in `idat`, as phones write it, instead of `mdat`. */
  readonly hasIdat?: boolean;
  /** Boxes at the end of the list of items, of `meta`, and of the file. */
  readonly inItems?: readonly Buffer[];
  readonly inMeta?: readonly Buffer[];
  readonly after?: readonly Buffer[];
}

/** ISO/IEC 14496-12, 4.2. */
export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
}

/** ISO/IEC 14496-12, 4.2: a box with a version and flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

export function u8(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

export function u16(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >>> 8, value & 0xff])));
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** The size of an item before it is cropped and turned: ISO/IEC 23008-12, 6.5.3. */
export const ispe = (width: number, height: number) => fullBox('ispe', 0, 0, u32(width, height));

/** The part in the middle that is shown: ISO/IEC 14496-12, 12.1.4. */
export const clap = (width: number, height: number) => box('clap', u32(width, 1, height, 1, 0, 1, 0, 1));

export const ALPHA = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha';
export const DEPTH = 'urn:mpeg:mpegB:cicp:systems:auxiliary:depth';

/** What an auxiliary item is for: ISO/IEC 23008-12, 6.5.8. */
export const auxC = (urn: string) => fullBox('auxC', 0, 0, Buffer.from(`${urn}\0`));

/** ISO/IEC 23008-12, 6.6.2.3. */
export function gridData(rows: number, columns: number, width: number, height: number): Buffer {
  return Buffer.concat([u8(0, 1, rows - 1, columns - 1), u32(width, height)]);
}

/** An overlay of `count` pictures, all at the top left: ISO/IEC 23008-12, 6.6.2.2. */
export function overlayData(count: number, width: number, height: number): Buffer {
  return Buffer.concat([u8(0, 1), u16(0, 0, 0, 0xffff), u32(width, height), Buffer.alloc(8 * count)]);
}

/** What an item of pixels is made of, but for its id. */
export interface Coded {
  readonly type: 'av01' | 'hvc1';
  readonly data: Buffer;
  readonly properties: readonly Buffer[];
}

/** A picture of one colour as sharp codes it for AVIF. */
export async function codedPicture(width: number, height: number): Promise<Coded> {
  const picture = sharp({ create: { width, height, channels: 3, background: '#2060a0' } });
  const bytes = await picture.avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer();
  return { type: 'av01', data: boxNamed(bytes, 'mdat'), properties: propertiesOf(bytes) };
}

/** The only tile of heicPhoto, 64 x 64. */
export function codedTile(): Coded {
  const bytes = heicPhoto();
  const properties = propertiesOf(bytes).filter((property) => ['hvcC', 'pixi'].includes(typeOf(property)));
  return { type: 'hvc1', data: boxNamed(bytes, 'mdat'), properties: [...properties, ispe(64, 64)] };
}

/** The same, said to be of another size: for what reads headers only. */
export function sized(coded: Coded, width: number, height: number): Coded {
  const properties = coded.properties.filter((property) => typeOf(property) !== 'ispe');
  return { ...coded, properties: [...properties, ispe(width, height)] };
}

function propertiesOf(bytes: Buffer): Buffer[] {
  const meta = boxNamed(bytes, 'meta').subarray(4);
  return boxesOf(boxNamed(boxNamed(meta, 'iprp'), 'ipco'));
}

const typeOf = (bytes: Buffer) => bytes.toString('latin1', 4, 8);

function boxesOf(bytes: Buffer): Buffer[] {
  const boxes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    boxes.push(bytes.subarray(at, at + bytes.readUInt32BE(at)));
  }
  return boxes;
}

function boxNamed(bytes: Buffer, type: string): Buffer {
  const found = boxesOf(bytes).find((candidate) => typeOf(candidate) === type);
  if (!found) throw new Error(`Expected a box ${type}`);
  return found.subarray(8);
}

/** A whole file whose first item is the primary one. */
export function heifFile(items: readonly HeifItem[], options: HeifOptions = {}): Buffer {
  const { brand = 'avif' } = options;
  const head = box('ftyp', Buffer.from(brand), u32(0), Buffer.from(`mif1${brand}miaf`));
  // Written twice, because where the data are depends on how long what says so is.
  const draft = metaBox(items, 0, options);
  const start = head.length + draft.length + 8;
  const data = box('mdat', ...items.filter((item) => !isInIdat(item, options)).map(dataOf));
  return Buffer.concat([head, metaBox(items, start, options), data, ...(options.after ?? [])]);
}

const dataOf = ({ data }: HeifItem) => data ?? Buffer.alloc(0);

const isInIdat = ({ type }: HeifItem, { hasIdat }: HeifOptions) =>
  hasIdat === true && type !== 'av01' && type !== 'hvc1';

function metaBox(items: readonly HeifItem[], start: number, options: HeifOptions): Buffer {
  const version = options.isWide ? 1 : 0;
  const id = options.isWide ? u32 : u16;
  const inIdat = items.filter((item) => isInIdat(item, options)).map(dataOf);
  return fullBox(
    'meta',
    0,
    0,
    fullBox('hdlr', 0, 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
    fullBox('pitm', version, 0, id(items[0]?.id ?? 0)),
    ilocBox(items, start, options),
    fullBox(
      'iinf',
      version,
      0,
      id(items.length),
      ...items.map((item) =>
        fullBox(
          'infe',
          2 + version,
          item.isHidden ? 1 : 0,
          id(item.id),
          u16(0),
          Buffer.from(`${item.type}\0`),
        ),
      ),
      ...(options.inItems ?? []),
    ),
    fullBox(
      'iref',
      version,
      0,
      ...items.flatMap((item) =>
        Object.entries(item.refs ?? {}).map(([kind, to]) =>
          box(kind, id(item.id), u16(to.length), id(...to)),
        ),
      ),
    ),
    iprpBox(items, options),
    ...(inIdat.length > 0 ? [box('idat', ...inIdat)] : []),
    ...(options.inMeta ?? []),
  );
}

function ilocBox(items: readonly HeifItem[], start: number, options: HeifOptions): Buffer {
  const [version, id] = options.isWide ? [2, u32] : [1, u16];
  let [inFile, inIdat] = [start, 0];
  const entries = items.map((item) => {
    const isIdat = isInIdat(item, options);
    const { length } = dataOf(item);
    const at = isIdat ? inIdat : inFile;
    if (isIdat) inIdat += length;
    else inFile += length;
    const half = length / 2;
    const parts = item.isHalved ? [[0, half] as const, [half, half] as const] : [[0, length] as const];
    const extents = parts.map(([from, size]) => (options.isWide ? u32(1, from, size) : u32(at + from, size)));
    const base = options.isWide ? u32(at) : Buffer.alloc(0);
    return Buffer.concat([id(item.id), u16(isIdat ? 1 : 0, 0), base, u16(extents.length), ...extents]);
  });
  return fullBox('iloc', version, 0, u8(0x44, options.isWide ? 0x44 : 0), id(items.length), ...entries);
}

/** Every property once for each item that has it. */
function iprpBox(items: readonly HeifItem[], { isWide }: HeifOptions): Buffer {
  const all = items.flatMap(({ properties }) => properties);
  const unique = [...new Map(all.map((property) => [property.toString('latin1'), property])).values()];
  const indexOf = (property: Buffer) => unique.findIndex((candidate) => candidate.equals(property)) + 1;
  const associations = (some: readonly HeifItem[], version: number, flags: number) => {
    const entries = some.map((item) =>
      Buffer.concat([
        (version ? u32 : u16)(item.id),
        u8(item.properties.length),
        ...item.properties.map((property) => {
          const isEssential = ESSENTIAL.has(typeOf(property));
          const index = indexOf(property);
          return flags ? u16(index + (isEssential ? 0x8000 : 0)) : u8(index + (isEssential ? 0x80 : 0));
        }),
      ]),
    );
    return fullBox('ipma', version, flags, u32(some.length), ...entries);
  };
  const lists = isWide
    ? [associations(items.slice(0, 1), 1, 0), associations(items.slice(1), 1, 1)]
    : [associations(items, 0, 0)];
  return box('iprp', box('ipco', ...unique), ...lists);
}

/** What a decoder must know of an item to show it: ISO/IEC 23008-12, 6.5. */
const ESSENTIAL = new Set(['av1C', 'hvcC', 'clap']);
