import { likenessOf } from './likeness.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { damaged, ImageRejected } from './rejection.ts';

/** The formats a photo may come in. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'heic';

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Stands in every PNG, also in one whose signature shows, as it is meant to, that it was damaged on its way. */
const PNG_HEADER_CHUNK = 'IHDR';
const AVIF_BRANDS = new Set(['avif', 'avis']);
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const GENERIC_HEIF_BRANDS = new Set(['mif1', 'mif2', 'msf1', 'miaf']);
const MAX_BRANDS = 64;
/** As many bytes tell a WebP from any other RIFF file, and no image of any format is shorter. */
const SHORTEST_FILE_BYTES = 12;

/**
 * The format of a whole file by its first bytes.
 *
 * @throws ImageRejected `empty-file`, `too-large`, `corrupt-image` where it is too short to be any, or
 * `unsupported-format`
 */
export function formatOf(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new ImageRejected('empty-file', 'The file is empty.');
  if (bytes.length > MAX_FILE_BYTES) {
    const megabytes = (bytes.length / 1e6).toFixed(1);
    throw new ImageRejected(
      'too-large',
      `The file has ${megabytes} MB; at most ${MAX_FILE_BYTES / 1e6} MB are accepted.`,
    );
  }
  if (bytes.length < SHORTEST_FILE_BYTES) throw damaged(`it has only ${bytes.length} bytes`);
  const format = sniffFormat(bytes);
  if (format === undefined) throw unsupported(likenessOf(bytes));
  return format;
}

/**
 * The file is of no format that is taken, or has another codec inside.
 *
 * @param likeness what it looks like, with its article
 */
export function unsupported(likeness?: string): ImageRejected {
  const found = likeness ? `this looks like ${likeness}` : 'the bytes are none';
  return new ImageRejected(
    'unsupported-format',
    `Expected a JPEG, PNG, WebP, AVIF, GIF or HEIC image; ${found}.`,
  );
}

/**
 * The format of a file by its first bytes; its name and declared type are never asked. `undefined` is a
 * format that isn't taken. For HEIF files this is what the file calls itself: which codec is really inside,
 * the header says.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16 + 4 * MAX_BRANDS));
  if (head.subarray(0, 3).equals(JPEG)) return 'jpeg';
  if (head.subarray(0, 8).equals(PNG) || head.toString('latin1', 12, 16) === PNG_HEADER_CHUNK) return 'png';
  const signature = head.toString('latin1', 0, 12);
  if (/^GIF8[79]a/.test(signature)) return 'gif';
  if (/^RIFF.{4}WEBP$/s.test(signature)) return 'webp';
  if (signature.slice(4, 8) === 'ftyp') return heifFormat(head);
  return undefined;
}

/** ISO 14496-12, 4.3: the major brand decides where it names a codec, else the first compatible brand that does. */
function heifFormat(head: Buffer): ImageFormat | undefined {
  const end = Math.min(head.length, head.readUInt32BE(0));
  const brands = [head.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
  const [major = ''] = brands;
  if (!AVIF_BRANDS.has(major) && !HEIC_BRANDS.has(major) && !GENERIC_HEIF_BRANDS.has(major)) return undefined;
  for (const brand of brands) {
    if (AVIF_BRANDS.has(brand)) return 'avif';
    if (HEIC_BRANDS.has(brand)) return 'heic';
  }
  return 'heic';
}
