import { readExif } from '../images/exif.ts';
import { inspectImage } from '../images/inspect.ts';
import { ImageRejected } from '../images/rejection.ts';
import { recipeOf, renderRenditions } from '../images/renditions.ts';
import { LIBRARY_VERSIONS } from '../images/vips.ts';
import { type Original, storeRenditions } from './objects.ts';
import type { Photo } from './photo.ts';

/**
 * Makes and stores all renditions of a photo, and answers what the table keeps of them and of the file.
 *
 * @throws ImageRejected where the file is at fault
 */
export async function render(photo: Photo, { bytes, length, sha256 }: Original) {
  if (!bytes) throw new ImageRejected('too-large', `The file has ${length} bytes; a photo may have 200 MB.`);
  if (bytes.length > 0 && (sha256 !== photo.sha256 || length !== photo.bytes)) {
    throw new ImageRejected('checksum-mismatch', 'The file that arrived is not the one that was announced.');
  }
  const facts = await inspectImage(bytes);
  const { renditions, placeholder } = await renderRenditions(bytes, facts);
  return {
    renditions: await storeRenditions(photo.id, sha256, renditions, recipeOf, LIBRARY_VERSIONS),
    placeholder,
    exif: readExif(facts.exif),
    width: facts.width,
    height: facts.height,
    format: facts.format,
    animated: facts.animated,
  };
}
