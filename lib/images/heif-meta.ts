import { framesIn } from './av1.ts';
import { type Box, boxesByType, boxesIn, only, Reader, readVersion } from './boxes.ts';
import { MAX_PARTS } from './limits.ts';
import { damaged } from './rejection.ts';
import { area, type Size } from './size.ts';
import { unsupported } from './sniff.ts';

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
export interface Meta {
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

/** @throws ImageRejected `corrupt-image` or `unsupported-format` */
export function readMeta(bytes: Buffer): Meta {
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
  if (version > 2) throw damaged('it says where its pictures are in an unknown way');
  const [offsetBytes, lengthBytes] = nibbles(box.uint(1));
  const [baseBytes, indexBytes] = nibbles(box.uint(1));
  // Decoders read nothing for any other width, and would find the pictures elsewhere.
  if ([offsetBytes, lengthBytes, baseBytes, indexBytes].some((bytes) => ![0, 4, 8].includes(bytes))) {
    throw damaged('it says where its pictures are in numbers of an unknown length');
  }
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
