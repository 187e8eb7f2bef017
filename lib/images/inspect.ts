import type { Metadata } from 'sharp';
import { firstPictureOf } from './first-picture.ts';
import { type ProfileKind, profileKind } from './icc.ts';
import { MAX_PIXELS, MAX_SIDE } from './limits.ts';
import { checkParts, exifInPng } from './parts.ts';
import { ImageRejected } from './rejection.ts';
import { formatOf, type ImageFormat, unsupported } from './sniff.ts';
import { rejectionOf, sharp } from './vips.ts';

/** What the header of a photo says. */
export interface ImageFacts {
  /** By content, whatever the file was called. */
  readonly format: ImageFormat;
  /** Pixels, as seen: after the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Frames of an animation, or pictures in a collection; renditions show one. */
  readonly pages: number;
  readonly animated: boolean;
  readonly hasAlpha: boolean;
  /** Which colours the numbers mean; `none` is taken for sRGB. CMYK is `cmyk` with or without a profile. */
  readonly profile: ProfileKind | 'none';
  /** EXIF orientation, 1 to 8; 1 where it is absent, invalid, or baked in already (AVIF, HEIC). */
  readonly orientation: number;
  /** Which picture of a HEIF collection is the photo. */
  readonly page: number;
  /** The raw blocks, for readExif and for colour conversion. They name people and places: not for logs. */
  readonly exif: Buffer | undefined;
  readonly icc: Buffer | undefined;
}

const MEGAPIXEL = 1_000_000;

/**
 * Reads a photo's header: milliseconds and little memory, two seconds for 200 MB that are made to be slow; no pixel is
 * decoded.
 *
 * @throws ImageRejected `empty-file`, `too-large`, `unsupported-format`, `corrupt-image` or `too-many-pixels`
 */
export async function inspectImage(bytes: Buffer): Promise<ImageFacts> {
  const declared = formatOf(bytes);
  checkParts(bytes, declared);
  const picture = firstPictureOf(bytes, declared);
  const header = await readHeader(picture.bytes);
  const format = codecOf(header);
  const { width, height } = header.autoOrient;
  checkPixels(format, width, height);
  return {
    format,
    width,
    height,
    pages: Math.max(picture.frames, header.pages ?? 1),
    animated: picture.frames > 1,
    hasAlpha: header.hasAlpha,
    profile: profileOf(header),
    orientation: header.orientation ?? 1,
    page: header.pagePrimary ?? 0,
    exif: header.exif ?? (format === 'png' ? exifInPng(bytes) : undefined),
    icc: header.icc,
  };
}

async function readHeader(bytes: Buffer): Promise<Metadata> {
  // Our own limit names the size, and depends on the format; reading a header allocates no pixels.
  const open = (page: number) => sharp(bytes, { limitInputPixels: false, page }).metadata();
  try {
    const header = await open(0);
    return header.pagePrimary ? await open(header.pagePrimary) : header;
  } catch (error) {
    throw rejectionOf(error);
  }
}

function codecOf(header: Metadata): ImageFormat {
  if (header.format !== 'heif') return header.format as ImageFormat;
  if (header.compression === 'av1') return 'avif';
  if (header.compression === 'hevc') return 'heic';
  throw unsupported();
}

function checkPixels(format: ImageFormat, width: number, height: number): void {
  const limit = MAX_PIXELS[format];
  if (Math.max(width, height) > MAX_SIDE) {
    const detail = `The photo is ${width} x ${height} pixels; at most ${MAX_SIDE} a side are accepted.`;
    throw new ImageRejected('too-many-pixels', detail);
  }
  if (width * height <= limit) return;
  const megapixels = ((width * height) / MEGAPIXEL).toFixed(1);
  throw new ImageRejected(
    'too-many-pixels',
    `The photo has ${megapixels} megapixels (${width} x ${height}); at most ${limit / MEGAPIXEL} are accepted as ${format.toUpperCase()}.`,
  );
}

/** A profile of another kind of colour than the pixels have describes nothing. */
function profileOf(header: Metadata): ImageFacts['profile'] {
  if (header.space === 'cmyk') return 'cmyk';
  const kind = header.icc ? profileKind(header.icc) : 'none';
  const isGrey = header.space === 'b-w' || header.space === 'grey16';
  if (kind === 'cmyk' || (kind === 'grey') !== isGrey) return kind === 'other' ? kind : 'none';
  return kind;
}
