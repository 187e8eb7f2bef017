import { checkHeif } from './heif.ts';
import { MAX_PARTS, MAX_SCANNED_PIXELS, MAX_SCANS } from './limits.ts';
import { damaged } from './rejection.ts';
import type { ImageFormat } from './sniff.ts';

/**
 * Looks at the segments, chunks or boxes that a file is made of, where a decoder would be too patient with
 * them: each segment or chunk costs it memory and time, and libheif fills in what is missing of a box.
 *
 * @throws ImageRejected `corrupt-image` for more than MAX_PARTS parts, too many scans of a JPEG, or half a box;
 * `too-many-pixels` for more pictures in a HEIF than are accepted
 */
export function checkParts(bytes: Buffer, format: ImageFormat): void {
  if (format === 'jpeg') checkJpegSegments(bytes);
  if (format === 'png') countPngChunks(bytes);
  if (format === 'avif' || format === 'heic') checkHeif(bytes, format);
}

/** ITU-T T.81, table B.1. */
const JPEG = {
  startOfScan: 0xda,
  endOfImage: 0xd9,
  firstRestart: 0xd0,
  lastRestart: 0xd7,
  /** Those below are reserved, or for arithmetic coding alone, and no length follows them. */
  firstCode: 0xc0,
};
/** Frames of any coding. Those but the first two are of several scans, whatever the first scan says. */
const JPEG_FRAMES = new Set([
  ...[0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7],
  ...[0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf],
]);
const JPEG_SEQUENTIAL = new Set([0xc0, 0xc1]);

interface JpegFrame {
  readonly isSequential: boolean;
  readonly pixels: number;
  readonly components: number;
}

/**
 * ITU-T T.81, annex B: `FF`, a marker, a length that counts itself; behind the header of a scan its pixels. A decoder
 * goes over all pixels for each scan of a file of several, however little the scan holds, and keeps what lies between
 * scans; the ordinary file of a single scan is looked at no further than that.
 */
function checkJpegSegments(bytes: Buffer): void {
  let frame: JpegFrame | undefined;
  let scans = 0;
  let at = 2;
  for (let segments = 0; segments <= MAX_PARTS; segments += 1) {
    at = nextJpegMarker(bytes, at);
    const marker = bytes[at];
    if (at === -1 || at + 2 >= bytes.length || marker === JPEG.endOfImage) return;
    if (JPEG_FRAMES.has(marker as number)) frame ??= jpegFrame(bytes, at);
    if (marker === JPEG.startOfScan) {
      scans += 1;
      if (frame?.isSequential && scans === 1 && bytes[at + 3] === frame.components) return;
      if (scans * (frame?.pixels ?? 0) > MAX_SCANNED_PIXELS || scans > MAX_SCANS) {
        throw damaged('it holds too many scans');
      }
    }
    at += 1 + bytes.readUInt16BE(at + 1);
  }
  throw damaged('it holds too many segments');
}

/**
 * Where the next marker's code stands that a length follows, or -1. What is skipped are pixels, with the stuffing and
 * restarts among them, and codes that stand for nothing: a decoder passes over them too, and over no length behind.
 */
function nextJpegMarker(bytes: Buffer, start: number): number {
  let at = bytes.indexOf(0xff, start);
  while (at !== -1) {
    while (bytes[at] === 0xff) at += 1;
    const code = bytes[at] ?? 0;
    if (code >= JPEG.firstCode && (code < JPEG.firstRestart || code > JPEG.lastRestart)) return at;
    at = nextFf(bytes, at);
  }
  return -1;
}

const NEAR_BYTES = 8;

/** Calling the search costs more than a few bytes do, and a file may have it called for every other byte. */
function nextFf(bytes: Buffer, start: number): number {
  for (let at = start; at < start + NEAR_BYTES; at += 1) if (bytes[at] === 0xff) return at;
  return bytes.indexOf(0xff, start + NEAR_BYTES);
}

/** ITU-T T.81, B.2.2: length, precision, height, width, how many components. */
function jpegFrame(bytes: Buffer, at: number): JpegFrame | undefined {
  if (at + 9 > bytes.length) return undefined;
  return {
    isSequential: JPEG_SEQUENTIAL.has(bytes[at] as number),
    pixels: bytes.readUInt16BE(at + 4) * bytes.readUInt16BE(at + 6),
    components: bytes[at + 8] as number,
  };
}

export const PNG_SIGNATURE_BYTES = 8;
const PNG_CHUNK_BYTES = 12;

/** PNG specification, 5.3: a length that counts the data only, a type, the data, a checksum. */
export function* pngChunks(bytes: Buffer) {
  let at = PNG_SIGNATURE_BYTES;
  while (at + PNG_CHUNK_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const next = at + PNG_CHUNK_BYTES + length;
    const type = bytes.toString('latin1', at + 4, at + 8);
    yield { type, data: bytes.subarray(at + 8, at + 8 + length), whole: bytes.subarray(at, next) };
    if (type === 'IEND') return;
    at = next;
  }
}

function countPngChunks(bytes: Buffer): void {
  let chunks = 0;
  for (const _ of pngChunks(bytes)) {
    chunks += 1;
    if (chunks > MAX_PARTS) throw damaged('it holds too many chunks');
  }
}

/** The EXIF block of a PNG that checkParts has let through; libvips reads none that comes after the pixels. */
export function exifInPng(bytes: Buffer): Buffer | undefined {
  for (const { type, data } of pngChunks(bytes)) if (type === 'eXIf') return data;
  return undefined;
}
