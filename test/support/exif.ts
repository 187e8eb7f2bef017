type Rational = readonly [numerator: number, denominator: number];
type Value = string | number | readonly Rational[];

/** Tags by directory, by their numbers in the EXIF specification. */
export interface Tags {
  readonly image?: Readonly<Record<number, Value>>;
  readonly photo?: Readonly<Record<number, Value>>;
  readonly gps?: Readonly<Record<number, Value>>;
}

const EXIF_POINTER = 0x8769;
const GPS_POINTER = 0x8825;
const ASCII = 2;
const SHORT = 3;
const RATIONAL = 5;

/** A big-endian EXIF block with these tags. */
export function exifBlock({ image = {}, photo = {}, gps = {} }: Tags): Buffer {
  const blank = { ...image, [EXIF_POINTER]: 0, [GPS_POINTER]: 0 };
  const photoAt = 8 + directory(blank, 8).length;
  const gpsAt = photoAt + directory(photo, photoAt).length;
  return Buffer.concat([
    Buffer.from('MM\0\x2a\0\0\0\x08', 'latin1'),
    directory({ ...image, [EXIF_POINTER]: photoAt, [GPS_POINTER]: gpsAt }, 8),
    directory(photo, photoAt),
    directory(gps, gpsAt),
  ]);
}

function directory(tags: Readonly<Record<number, Value>>, start: number): Buffer {
  const numbers = Object.keys(tags).map(Number);
  const entries = Buffer.alloc(2 + 12 * numbers.length + 4);
  entries.writeUInt16BE(numbers.length);
  const values: Buffer[] = [];
  let free = start + entries.length;
  numbers.forEach((tag, i) => {
    const { type, count, bytes } = encode(tags[tag] as Value);
    const at = 2 + 12 * i;
    entries.writeUInt16BE(tag, at);
    entries.writeUInt16BE(type, at + 2);
    entries.writeUInt32BE(count, at + 4);
    if (bytes.length <= 4) bytes.copy(entries, at + 8);
    else {
      entries.writeUInt32BE(free, at + 8);
      values.push(bytes);
      free += bytes.length;
    }
  });
  return Buffer.concat([entries, ...values]);
}

function encode(value: Value): { type: number; count: number; bytes: Buffer } {
  if (typeof value === 'string') {
    const bytes = Buffer.from(`${value}\0`);
    return { type: ASCII, count: bytes.length, bytes };
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt16BE(value);
    return { type: SHORT, count: 1, bytes };
  }
  const bytes = Buffer.alloc(8 * value.length);
  value.forEach(([numerator, denominator], i) => {
    bytes.writeUInt32BE(numerator, 8 * i);
    bytes.writeUInt32BE(denominator, 8 * i + 4);
  });
  return { type: RATIONAL, count: value.length, bytes };
}
