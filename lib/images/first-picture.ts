import { MAX_PARTS } from './limits.ts';
import { PNG_SIGNATURE_BYTES, pngChunks } from './parts.ts';
import { damaged } from './rejection.ts';
import type { ImageFormat } from './sniff.ts';

/** A file with nothing but its first picture. */
export interface FirstPicture {
  readonly bytes: Buffer;
  /** How many frames it held before, as far as they were counted. */
  readonly frames: number;
}

/**
 * The file with its first frame only. Renditions show nothing else, and libvips walks all frames before it
 * gives one: with time that grows with the square of their number for WebP (20 000 frames, 1 MB: 0.7 s; a
 * million, 48 MB: half an hour). Frames are counted within MAX_PARTS. A PNG loses its texts, which libvips would
 * unpack, a thousand times their length.
 *
 * @throws ImageRejected `corrupt-image` where a GIF has no first frame
 */
export function firstPictureOf(bytes: Buffer, format: ImageFormat): FirstPicture {
  if (format === 'gif') return firstGifFrame(bytes);
  if (format === 'webp') return firstWebpFrame(bytes);
  if (format === 'png') return withoutPngTexts(bytes);
  return { bytes, frames: 1 };
}

const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;
const GIF_TRAILER = Buffer.from([0x3b]);
const GIF_HEADER_BYTES = 13;
const GIF_IMAGE_BYTES = 10;

/** GIF89a specification, appendix A: blocks follow each other until a trailer; data are length-prefixed. */
function firstGifFrame(bytes: Buffer): FirstPicture {
  let at = GIF_HEADER_BYTES + colourTableBytes(bytes[10]);
  let end = 0;
  let frames = 0;
  for (let blocks = 0; at < bytes.length && blocks < MAX_PARTS; blocks += 1) {
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
  if (end >= bytes.length) return { bytes, frames };
  return { bytes: Buffer.concat([bytes.subarray(0, end), GIF_TRAILER]), frames };
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

const PNG_TEXTS = new Set(['tEXt', 'zTXt', 'iTXt']);

/** PNG specification, 11.3.3. */
function withoutPngTexts(bytes: Buffer): FirstPicture {
  const chunks = [...pngChunks(bytes)];
  const kept = chunks.filter(({ type }) => !PNG_TEXTS.has(type)).map(({ whole }) => whole);
  if (kept.length === chunks.length) return { bytes, frames: 1 };
  return { bytes: Buffer.concat([bytes.subarray(0, PNG_SIGNATURE_BYTES), ...kept]), frames: 1 };
}

const RIFF_HEADER_BYTES = 12;
const WEBP_KEPT = new Set(['VP8X', 'ICCP', 'ANIM', 'VP8 ', 'VP8L', 'ALPH', 'EXIF']);

/** WebP container specification: a RIFF list of chunks of even length, one `ANMF` a frame. */
function firstWebpFrame(bytes: Buffer): FirstPicture {
  const kept: Buffer[] = [];
  let frames = 0;
  let chunks = 0;
  let at = RIFF_HEADER_BYTES;
  for (; at + 8 <= bytes.length && chunks < MAX_PARTS; chunks += 1) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (id === 'ANMF') frames += 1;
    if (WEBP_KEPT.has(id) || (id === 'ANMF' && frames === 1)) kept.push(bytes.subarray(at, next));
    at = next;
  }
  if (frames < 2 && chunks < MAX_PARTS) return { bytes, frames: 1 };
  const body = Buffer.concat(kept);
  const header = Buffer.from(bytes.subarray(0, RIFF_HEADER_BYTES));
  header.writeUInt32LE(4 + body.length, 4);
  return { bytes: Buffer.concat([header, body]), frames: Math.max(1, frames) };
}
