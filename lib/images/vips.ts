import sharp from 'sharp';
import { damaged, ImageRejected } from './rejection.ts';

/**
 * libvips, set up for files that strangers send: only these loaders, and only from memory (so no SVG, which
 * could read files and run for minutes), one thread, no cache. Its settings belong to the process and not to
 * the thread, and blocking everything for a moment would fail a photo that another thread is reading: the
 * cache, which is switched off last, tells that the process is set up already.
 */
if (sharp.cache().memory.max !== 0) {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadHeifBuffer',
      'VipsForeignLoadNsgifBuffer',
    ],
  });
  sharp.concurrency(1);
  sharp.cache(false);
}

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
