import { MAX_PARTS } from './limits.ts';
import { damaged } from './rejection.ts';
import type { ImageFormat } from './sniff.ts';

/**
 * Looks at the segments, chunks or boxes that a file is made of, where a decoder would be too patient with
 * them: each segment or chunk costs it memory and time, and libheif fills in what is missing of a box.
 *
 * @throws ImageRejected `corrupt-image` for more than MAX_PARTS parts, or half a box
 */
export function checkParts(bytes: Buffer, format: ImageFormat): void {
  if (format === 'jpeg') countJpegSegments(bytes);
  if (format === 'png') countPngChunks(bytes);
  if (format === 'avif' || format === 'heic') checkHeifBoxes(bytes);
}

const JPEG_START_OF_SCAN = 0xda;

/** ITU-T T.81, annex B: `FF`, a marker, a length that counts itself; as far as the first scan. */
function countJpegSegments(bytes: Buffer): void {
  let at = 2;
  for (let segments = 0; segments <= MAX_PARTS; segments += 1) {
    at = bytes.indexOf(0xff, at);
    while (bytes[at] === 0xff) at += 1;
    if (at === -1 || at + 3 > bytes.length || bytes[at] === JPEG_START_OF_SCAN) return;
    at += 1 + bytes.readUInt16BE(at + 1);
  }
  throw damaged('it holds too many segments');
}

const PNG_SIGNATURE_BYTES = 8;
const PNG_CHUNK_BYTES = 12;

/** PNG specification, 5.3: a length that counts the data only, a type, the data, a checksum. */
function* pngChunks(bytes: Buffer) {
  let at = PNG_SIGNATURE_BYTES;
  while (at + PNG_CHUNK_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    yield { type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) };
    at += PNG_CHUNK_BYTES + length;
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

/** ISO 14496-12, 4.2: a length that counts itself (1: a 64-bit one follows; 0: to the end), and a type. */
function checkHeifBoxes(bytes: Buffer): void {
  let at = 0;
  for (let boxes = 0; boxes <= MAX_PARTS; boxes += 1) {
    if (at + 16 > bytes.length) return;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const short = bytes.readUInt32BE(at);
    const length = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    if ((type === 'meta' || type === 'mdat') && at + length > bytes.length) {
      throw damaged('a part of it is missing');
    }
    if (length < 8) return;
    at += length;
  }
  throw damaged('it holds too many boxes');
}
