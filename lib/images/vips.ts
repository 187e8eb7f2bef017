import sharp from 'sharp';
import { damaged, ImageRejected } from './rejection.ts';

const FORMATS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif'];

/**
 * The only loaders that are used: of formats that a photo may have, from memory; and of JPEG from a file, which
 * can name no other one.
 */
export const ALLOWED_LOADERS: readonly string[] = [
  ...FORMATS.map((format) => `VipsForeignLoad${format}Buffer`),
  'VipsForeignLoadJpegFile',
];

/**
 * All other loaders of libvips, a name standing for those that begin with it: SVG could read files and run for
 * minutes. They are blocked one by one, because the settings belong to the process: blocking all, to unblock some,
 * would fail the photo that another thread is reading in that moment. A unit test holds the list against the library.
 */
export const BLOCKED_LOADERS: readonly string[] = [
  ...['Csv', 'Jp2k', 'Matrix', 'Openslide', 'Pdf', 'Raw', 'Svg', 'Tiff', 'Uhdr', 'Vips'],
  ...FORMATS.flatMap((format) => [`${format}File`, `${format}Source`]),
]
  .map((loader) => `VipsForeignLoad${loader}`)
  .filter((loader) => !ALLOWED_LOADERS.includes(loader));

sharp.block({ operation: [...BLOCKED_LOADERS] });
// One photo at a time, each once: threads and caches would cost memory and save nothing.
sharp.concurrency(1);
sharp.cache(false);

/** libvips and sharp versions: what besides our own settings decides a rendition's bytes. */
export const LIBRARY_VERSIONS = `sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}`;

export { sharp };

/**
 * What libvips said about a file, in the photo's terms: the file's fault is an ImageRejected, a lack of memory
 * stays what it was.
 */
export function rejectionOf(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ImageRejected || /out of memory|unable to allocate|enough memory/i.test(message)) {
    return error;
  }
  if (/pixel limit|exceeds? the maximum|supported image dimension/i.test(message)) {
    return new ImageRejected('too-many-pixels', 'The photo has more pixels than are accepted.', {
      cause: error,
    });
  }
  return damaged('it could not be read', error);
}
