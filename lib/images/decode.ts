import { crc32, deflateSync } from 'node:zlib';
import { firstPictureOf } from './first-picture.ts';
import { decodeHeic } from './heic.ts';
import { matrixProfileOf } from './icc.ts';
import type { ImageFacts } from './inspect.ts';
import { fromRaster, type Kernel, type Raster, resized, toRaster } from './raster.ts';
import { extraShrink, kernelAfter, withShrunk } from './shrink.ts';
import type { Area, Size } from './size.ts';
import { toSrgb } from './to-srgb.ts';
import { rejectionOf, sharp } from './vips.ts';

/**
 * Decodes a photo once, upright and in sRGB, at the given size. Shrinking comes before colour conversion, because
 * converting costs 11 ms of CPU a megapixel. Pixels of sRGB aren't converted, which gives the same bits; those of
 * another profile of primaries and curves are by us; those of any other RGB profile pass through an uncompressed PNG
 * that carries it to libvips.
 *
 * @param area the part that is wanted, in pixels of the upright photo in full; only that is kept in memory
 * @throws ImageRejected `corrupt-image` where a part of the file is missing or wrong
 */
export async function decode(bytes: Buffer, facts: ImageFacts, size: Size, area?: Area): Promise<Raster> {
  if (facts.format === 'heic') return decodeInWorker(bytes, facts, size, area);
  try {
    const picture = firstPictureOf(bytes, facts.format).bytes;
    const shrink = area ? undefined : extraShrink(facts, size);
    if (!shrink) return await decodeInVips(picture, facts, size, { area });
    const kernel = kernelAfter(shrink, facts, size);
    return await withShrunk(picture, shrink, (name) => decodeInVips(name, facts, size, { kernel })).catch(
      () =>
        // Whether the photo or the temporary folder is at fault, its bytes alone tell.
        decodeInVips(picture, facts, size, {}),
    );
  } catch (error) {
    throw rejectionOf(error);
  }
}

async function decodeInVips(
  photo: Buffer | string,
  facts: ImageFacts,
  size: Size,
  { area, kernel = 'lanczos3' }: { readonly area?: Area | undefined; readonly kernel?: Kernel },
): Promise<Raster> {
  const open = (ignoreIcc: boolean) => {
    const upright = sharp(photo, { failOn: 'error', limitInputPixels: false, page: facts.page, ignoreIcc });
    return partOf(upright.autoOrient(), area).resize(size.width, size.height, { fit: 'fill', kernel });
  };
  if (facts.profile !== 'rgb') return toRaster(open(isSrgb(facts)));
  const matrix = EIGHT_BITS.has(facts.format) && facts.icc && matrixProfileOf(facts.icc);
  if (matrix) return toSrgb(await toRaster(open(true)), matrix);
  return toRaster(sharp(await open(false).keepIccProfile().png(UNCOMPRESSED).toBuffer()));
}

function partOf(picture: ReturnType<typeof sharp>, area: Area | undefined): ReturnType<typeof sharp> {
  return area ? picture.extract(area) : picture;
}

/** Formats that never have more than eight bits a channel: no more are lost by converting after decoding. */
const EIGHT_BITS: ReadonlySet<ImageFacts['format']> = new Set(['jpeg', 'webp']);

const UNCOMPRESSED = { compressionLevel: 0, adaptiveFiltering: false } as const;

function isSrgb({ profile }: ImageFacts): boolean {
  return profile === 'srgb' || profile === 'none';
}

/** The decoder bakes the orientation in and leaves the colours as they are. */
async function decodeInWorker(bytes: Buffer, facts: ImageFacts, size: Size, area?: Area): Promise<Raster> {
  const { width, height, hasAlpha, icc } = facts;
  const whole = await decodeHeic({ bytes, width, height, hasAlpha });
  const raster = await resized(area ? await toRaster(partOf(fromRaster(whole), area)) : whole, size);
  if (isSrgb(facts) || icc === undefined) return raster;
  const matrix = matrixProfileOf(icc);
  if (matrix) return toSrgb(raster, matrix);
  return toRaster(sharp(withProfile(await fromRaster(raster).png(UNCOMPRESSED).toBuffer(), icc)));
}

const PNG_HEADER_BYTES = 33;

/** PNG specification, 11.3.2.3: a profile stands in an `iCCP` chunk, here right after the header. */
function withProfile(png: Buffer, icc: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc, { level: 0 })]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, PNG_HEADER_BYTES), chunk, png.subarray(PNG_HEADER_BYTES)]);
}
