/** The values of a TIFF directory, by tag; what is absent and what is malformed are both undefined. */
export interface Directory {
  /** An integer or a rational; never NaN or infinite. */
  number(tag: number): number | undefined;
  /** The first `count` numbers, all or none. */
  numbers(tag: number, count: number): number[] | undefined;
  /** The bytes of a text, up to its first NUL. */
  text(tag: number): Buffer | undefined;
  /** The directory that an entry points to; an empty one where there is none. */
  directory(tag: number): Directory;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where its values are. */
  readonly at: number;
}

const MAX_ENTRIES = 1_000;
const MAX_TEXT_BYTES = 1_000;
const ENTRY_BYTES = 12;
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1');

const ASCII = 2;
const UNDEFINED = 7;
const UTF8 = 129;
const TEXTS = [ASCII, UNDEFINED, UTF8];
/** Bytes a value has, by type: TIFF 6.0, section 2, and for UTF-8 EXIF 3.0, 4.6.2. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  1: 1,
  [ASCII]: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  [UNDEFINED]: 1,
  8: 2,
  9: 4,
  10: 8,
  [UTF8]: 1,
};

/**
 * Reads the first directory of a TIFF structure, which is what an EXIF block is. Nothing is read that isn't asked
 * for, and no more of it than was asked for: in 64 KB, entries that all point at the same bytes can describe
 * gigabytes. Reading never throws.
 */
export function readTiff(block: Buffer): Directory {
  const tiff = block.subarray(0, 6).equals(EXIF_PREFIX) ? block.subarray(6) : block;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return EMPTY;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const littleEndian = order === 'II';
  return directoryAt(view, view.getUint32(4, littleEndian), littleEndian);
}

const EMPTY: Directory = {
  number: () => undefined,
  numbers: () => undefined,
  text: () => undefined,
  directory: () => EMPTY,
};

function directoryAt(view: DataView, start: number, littleEndian: boolean): Directory {
  const entries = readEntries(view, start, littleEndian);
  const numbers = (tag: number, count: number): number[] | undefined => {
    const entry = entries.get(tag);
    if (!entry || entry.count < count) return undefined;
    const size = VALUE_BYTES[entry.type] ?? 0;
    if (entry.at + count * size > view.byteLength) return undefined;
    const values = Array.from({ length: count }, (_, i) =>
      valueAt(view, entry.type, entry.at + i * size, littleEndian),
    );
    return values.every(Number.isFinite) ? values : undefined;
  };
  return {
    number: (tag) => numbers(tag, 1)?.[0],
    numbers,
    text: (tag) => {
      const entry = entries.get(tag);
      if (!entry || !TEXTS.includes(entry.type) || entry.at >= view.byteLength) return undefined;
      const length = Math.min(entry.count, MAX_TEXT_BYTES, view.byteLength - entry.at);
      const bytes = Buffer.from(view.buffer, view.byteOffset + entry.at, length);
      const end = bytes.indexOf(0);
      return end === -1 ? bytes : bytes.subarray(0, end);
    },
    directory: (tag) => {
      const at = numbers(tag, 1)?.[0];
      return at === undefined ? EMPTY : directoryAt(view, at, littleEndian);
    },
  };
}

function readEntries(view: DataView, start: number, littleEndian: boolean): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  if (start < 8 || start + 2 > view.byteLength) return entries;
  const count = Math.min(view.getUint16(start, littleEndian), MAX_ENTRIES);
  for (let i = 0; i < count; i += 1) {
    const at = start + 2 + ENTRY_BYTES * i;
    if (at + ENTRY_BYTES > view.byteLength) break;
    const type = view.getUint16(at + 2, littleEndian);
    const values = view.getUint32(at + 4, littleEndian);
    const size = VALUE_BYTES[type];
    if (size === undefined) continue;
    // Up to four bytes stand in the entry itself.
    const valuesAt = size * values <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian);
    entries.set(view.getUint16(at, littleEndian), { type, count: values, at: valuesAt });
  }
  return entries;
}

function valueAt(view: DataView, type: number, at: number, littleEndian: boolean): number {
  switch (type) {
    case 1:
    case UNDEFINED:
      return view.getUint8(at);
    case 3:
      return view.getUint16(at, littleEndian);
    case 4:
      return view.getUint32(at, littleEndian);
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, littleEndian);
    case 9:
      return view.getInt32(at, littleEndian);
    case 10:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian);
    default:
      return Number.NaN;
  }
}
