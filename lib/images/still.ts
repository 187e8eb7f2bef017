import { MAX_SEGMENTS } from './limits.ts';
import { ImageRejected } from './rejection.ts';
import type { ImageFormat } from './sniff.ts';

/** A file that holds one picture only, and how many frames it held before. */
export interface Still {
  readonly bytes: Buffer;
  readonly frames: number;
}

/**
 * The file with its first frame only. Renditions show nothing else, and libvips walks all frames before it
 * gives one: with time that grows with the square of their number for WebP (20 000 frames, 1 MB: 0.7 s; a
 * million, 48 MB: half an hour). JPEG segments, of which each costs memory, are counted, and HEIF boxes have
 * to be whole: the decoder would fill in what is missing.
 *
 * @throws ImageRejected `corrupt-image` where a file has no first frame, too many segments or half a box
 */
export function stillOf(bytes: Buffer, format: ImageFormat): Still {
  if (format === 'gif') return firstGifFrame(bytes);
  if (format === 'webp') return firstWebpFrame(bytes);
  if (format === 'jpeg') countJpegSegments(bytes);
  if (format === 'avif' || format === 'heic') checkHeifBoxes(bytes);
  return { bytes, frames: 1 };
}

function damaged(what: string): ImageRejected {
  return new ImageRejected('corrupt-image', `The file is damaged or incomplete: ${what}.`);
}

const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;
const GIF_HEADER_BYTES = 13;
const GIF_IMAGE_BYTES = 10;

/** GIF89a specification, appendix A: blocks follow each other until a trailer; data are length-prefixed. */
function firstGifFrame(bytes: Buffer): Still {
  let at = GIF_HEADER_BYTES + colourTableBytes(bytes[10]);
  let end = 0;
  let frames = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0) at += 1;
    else if (kind === GIF_EXTENSION) at = afterGifData(bytes, at + 2);
    else if (kind === GIF_IMAGE) {
      at = afterGifData(bytes, at + GIF_IMAGE_BYTES + colourTableBytes(bytes[at + 9]) + 1);
      frames += 1;
      if (frames === 1) end = at;
    } else break;
  }
  if (frames === 0) throw damaged('there is no picture in it');
  if (frames === 1) return { bytes, frames };
  const trailer = Buffer.from([0x3b]);
  return { bytes: Buffer.concat([bytes.subarray(0, end), trailer]), frames };
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function afterGifData(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    at += 1 + length;
    if (length === 0) break;
  }
  return at;
}

const RIFF_HEADER_BYTES = 12;
const WEBP_KEPT = new Set(['VP8X', 'ICCP', 'ANIM', 'VP8 ', 'VP8L', 'ALPH', 'EXIF']);

/** WebP container specification: a RIFF list of chunks of even length, one `ANMF` a frame. */
function firstWebpFrame(bytes: Buffer): Still {
  const kept: Buffer[] = [];
  let frames = 0;
  let chunks = 0;
  let at = RIFF_HEADER_BYTES;
  while (at + 8 <= bytes.length) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (id === 'ANMF') frames += 1;
    if (WEBP_KEPT.has(id) || (id === 'ANMF' && frames === 1)) kept.push(bytes.subarray(at, next));
    if (kept.length > MAX_SEGMENTS) throw damaged('it holds too many chunks');
    chunks += 1;
    at = next;
  }
  if (frames < 2 && chunks <= MAX_SEGMENTS) return { bytes, frames: 1 };
  const body = Buffer.concat(kept);
  const header = Buffer.from(bytes.subarray(0, RIFF_HEADER_BYTES));
  header.writeUInt32LE(4 + body.length, 4);
  return { bytes: Buffer.concat([header, body]), frames: Math.max(1, frames) };
}

const JPEG_START_OF_SCAN = 0xda;

/** ITU-T T.81, annex B: `FF`, a marker, a length that counts itself; before the first scan. */
function countJpegSegments(bytes: Buffer): void {
  let at = 2;
  for (let segments = 0; at + 4 <= bytes.length; segments += 1) {
    if (segments > MAX_SEGMENTS) throw damaged('it holds too many segments');
    at = bytes.indexOf(0xff, at);
    if (at === -1) return;
    while (bytes[at] === 0xff) at += 1;
    if (bytes[at] === JPEG_START_OF_SCAN || at + 3 > bytes.length) return;
    at += 1 + bytes.readUInt16BE(at + 1);
  }
}

/** ISO 14496-12, 4.2: a length that counts itself (1: a 64-bit one follows; 0: to the end), and a type. */
function checkHeifBoxes(bytes: Buffer): void {
  let at = 0;
  for (let boxes = 0; at + 16 <= bytes.length && boxes < MAX_SEGMENTS; boxes += 1) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const short = bytes.readUInt32BE(at);
    const length = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    if ((type === 'meta' || type === 'mdat') && at + length > bytes.length) {
      throw damaged('a part of it is missing');
    }
    if (length < 8) return;
    at += length;
  }
}
