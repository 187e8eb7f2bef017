import { type Directory, readTiff } from './tiff.ts';

/** What a camera wrote about a photo. Everything it did not say, or said wrongly, is null. */
export interface Exif {
  /** RFC 3339 with the offset of the place, where the camera told it or GPS time gives it away. */
  readonly takenAt: string | null;
  /** The camera's clock, `YYYY-MM-DDTHH:mm:ss[.sss]`, wherever it was: most cameras say no more. */
  readonly takenAtLocal: string | null;
  readonly camera: { readonly make: string | null; readonly model: string | null } | null;
  readonly lens: string | null;
  readonly exposure: Exposure | null;
  readonly gps: Place | null;
}

export interface Exposure {
  /** Shutter time. */
  readonly seconds: number | null;
  /** The f-number. */
  readonly aperture: number | null;
  readonly iso: number | null;
  readonly focalLengthMm: number | null;
}

export interface Place {
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
  /** Metres above the sea. */
  readonly altitude: number | null;
}

/** EXIF 3.0 (CIPA DC-008), 4.6: tags by directory. */
const IFD0 = { make: 0x010f, model: 0x0110, dateTime: 0x0132, exif: 0x8769, gps: 0x8825 };
const EXIF = {
  exposureTime: 0x829a,
  fNumber: 0x829d,
  iso: 0x8827,
  recommendedIndex: 0x8832,
  isoSpeed: 0x8833,
  dateTimeOriginal: 0x9003,
  dateTimeDigitized: 0x9004,
  offsetTime: 0x9010,
  offsetTimeOriginal: 0x9011,
  offsetTimeDigitized: 0x9012,
  focalLength: 0x920a,
  subSecTime: 0x9290,
  subSecTimeOriginal: 0x9291,
  subSecTimeDigitized: 0x9292,
  lensModel: 0xa434,
};
const GPS = {
  latitudeRef: 1,
  latitude: 2,
  longitudeRef: 3,
  longitude: 4,
  altitudeRef: 5,
  altitude: 6,
  timeStamp: 7,
  dateStamp: 29,
};

const MAX_TEXT_LENGTH = 100;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** Cameras and satellites disagree by some seconds, and a position may be minutes old. */
const GPS_TOLERANCE_MS = 3 * MINUTE_MS;
/** A centimetre. */
const PARTS_OF_A_DEGREE = 1e7;
const MAX_OFFSET_MS = 14 * 60 * MINUTE_MS;

/**
 * Reads an EXIF block, as inspectImage found it. Any bytes may come: nothing throws, no number is NaN or
 * infinite, texts have at most 100 characters and none that control a terminal or the direction of writing.
 */
export function readExif(block: Buffer | undefined): Exif {
  const image = readTiff(block ?? Buffer.alloc(0));
  const photo = image.directory(IFD0.exif);
  const gps = image.directory(IFD0.gps);
  const taken = readTaken(image, photo);
  return {
    takenAt: taken && withOffset(taken, gps),
    takenAtLocal: taken?.local ?? null,
    camera: unlessEmpty({ make: readText(image, IFD0.make), model: readText(image, IFD0.model) }),
    lens: readText(photo, EXIF.lensModel),
    exposure: unlessEmpty({
      seconds: readPositive(photo, EXIF.exposureTime),
      aperture: readPositive(photo, EXIF.fNumber),
      iso: readIso(photo),
      focalLengthMm: readPositive(photo, EXIF.focalLength),
    }),
    gps: readPlace(gps),
  };
}

interface Taken {
  readonly local: string;
  /** `±HH:MM` or `Z`. */
  readonly offset: string | null;
}

/** When the picture was made; failing that, when it was digitised; failing that, when the file was changed. */
function readTaken(image: Directory, photo: Directory): Taken | null {
  return (
    takenFrom(photo, EXIF.dateTimeOriginal, photo, EXIF.subSecTimeOriginal, EXIF.offsetTimeOriginal) ??
    takenFrom(photo, EXIF.dateTimeDigitized, photo, EXIF.subSecTimeDigitized, EXIF.offsetTimeDigitized) ??
    takenFrom(image, IFD0.dateTime, photo, EXIF.subSecTime, EXIF.offsetTime)
  );
}

function takenFrom(
  directory: Directory,
  tag: number,
  photo: Directory,
  subSecond: number,
  offset: number,
): Taken | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(readText(directory, tag) ?? '');
  if (!parts) return null;
  const [, year, month, day, time] = parts;
  const [, fraction] = /^(\d{1,9})$/.exec(readText(photo, subSecond) ?? '') ?? [];
  const seconds = `${year}-${month}-${day}T${time}`;
  if (!isOnTheCalendar(seconds)) return null;
  return {
    local: fraction ? `${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}` : seconds,
    offset: /^(Z|[+-](0\d|1[0-4]):[0-5]\d)$/.exec(readText(photo, offset) ?? '')?.[0] ?? null,
  };
}

/** 30 February and 25 o'clock would be carried over into another day. */
function isOnTheCalendar(seconds: string): boolean {
  const time = new Date(`${seconds}Z`);
  return (
    !Number.isNaN(time.getTime()) && time.toISOString().startsWith(seconds) && !seconds.startsWith('0000')
  );
}

function withOffset({ local, offset }: Taken, gps: Directory): string | null {
  if (offset) return `${local}${offset}`;
  const utc = readGpsTime(gps);
  if (utc === null) return null;
  const difference = Date.parse(`${local}Z`) - utc;
  const rounded = Math.round(difference / QUARTER_MS) * QUARTER_MS;
  if (Math.abs(rounded) > MAX_OFFSET_MS || Math.abs(difference - rounded) > GPS_TOLERANCE_MS) return null;
  const minutes = Math.abs(rounded) / MINUTE_MS;
  const digits = [Math.floor(minutes / 60), minutes % 60].map((value) => String(value).padStart(2, '0'));
  return `${local}${rounded < 0 ? '-' : '+'}${digits.join(':')}`;
}

/** GPS time is UTC. */
function readGpsTime(gps: Directory): number | null {
  const [, year, month, day] = /^(\d{4}):(\d\d):(\d\d)$/.exec(readText(gps, GPS.dateStamp) ?? '') ?? [];
  const time = gps.numbers(GPS.timeStamp, 3);
  if (!year || !time || !isOnTheCalendar(`${year}-${month}-${day}T00:00:00`)) return null;
  const [hours = 0, minutes = 0, seconds = 0] = time;
  return (
    Date.parse(`${year}-${month}-${day}T00:00:00Z`) + (hours * 60 + minutes) * MINUTE_MS + seconds * 1_000
  );
}

function readPlace(gps: Directory): Place | null {
  const latitude = readDegrees(gps, GPS.latitude, GPS.latitudeRef, { N: 1, S: -1 }, 90);
  const longitude = readDegrees(gps, GPS.longitude, GPS.longitudeRef, { E: 1, W: -1 }, 180);
  if (latitude === null || longitude === null) return null;
  const metres = gps.number(GPS.altitude);
  const isBelow = gps.number(GPS.altitudeRef) === 1;
  return { latitude, longitude, altitude: metres === undefined ? null : signed(isBelow ? -1 : 1, metres) };
}

/** Without its hemisphere a coordinate is a guess. */
function readDegrees(
  gps: Directory,
  tag: number,
  refTag: number,
  signs: Record<string, number>,
  limit: number,
) {
  const ref = readText(gps, refTag) ?? '';
  const sign = Object.hasOwn(signs, ref) ? signs[ref] : undefined;
  const [degrees = 0, minutes = 0, seconds = 0] = gps.numbers(tag, 3) ?? [Number.NaN];
  const value =
    Math.round((degrees + minutes / 60 + seconds / 3_600) * PARTS_OF_A_DEGREE) / PARTS_OF_A_DEGREE;
  return sign !== undefined && value >= 0 && value <= limit ? signed(sign, value) : null;
}

/** Adding 0 makes 0 of -0, which JSON has no way to write. */
function signed(sign: number, value: number): number {
  return sign * value + 0;
}

function readPositive(directory: Directory, tag: number): number | null {
  const value = directory.number(tag);
  return value !== undefined && value > 0 ? value : null;
}

/** Sixteen bits that are all set stand for a sensitivity that they cannot hold, which is in a tag of its own then. */
function readIso(photo: Directory): number | null {
  const iso = readPositive(photo, EXIF.iso);
  if (iso !== 0xffff) return iso;
  return readPositive(photo, EXIF.recommendedIndex) ?? readPositive(photo, EXIF.isoSpeed) ?? iso;
}

/** Control and format characters, and separators of lines and paragraphs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function readText(directory: Directory, tag: number): string | null {
  const bytes = directory.text(tag);
  if (!bytes) return null;
  const text = bytes.toString('utf8');
  const decoded = text.includes('\ufffd') ? bytes.toString('latin1') : text;
  const cleaned = [...decoded.replace(INVISIBLE, '').trim()].slice(0, MAX_TEXT_LENGTH).join('').trim();
  return cleaned === '' ? null : cleaned;
}

function unlessEmpty<T extends object>(facts: T): T | null {
  return Object.values(facts).every((value) => value === null) ? null : facts;
}
