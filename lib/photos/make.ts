import { correlated } from '../correlation.ts';
import { readExif } from '../images/exif.ts';
import { inspectImage } from '../images/inspect.ts';
import { ImageRejected } from '../images/rejection.ts';
import { recipeOf, renderRenditions } from '../images/renditions.ts';
import { count, duration } from '../observe.ts';
import { type Original, readOriginal, removeObjects, renditionKey, storeRendition } from './objects.ts';
import { findPhoto, type Photo, type StoredRendition } from './photo.ts';
import { begin, finish, reject } from './progress.ts';
import type { Arrival } from './uploaded.ts';

type Outcome = 'ready' | 'rejected' | 'stray' | 'settled';

/** What became of one arrival, and the id of the request that sent the file; the log line says both. */
export interface Made {
  readonly outcome: Outcome;
  readonly correlationId?: string;
}

/**
 * Makes every rendition of an original that has arrived. May be called any number of times for the same
 * arrival, side by side and late: the photo ends with one set of renditions, and one change to `ready`.
 */
export async function makeRenditions({ photoId, key, versionId }: Arrival): Promise<Made> {
  const photo = await findPhoto(photoId);
  if (!photo) return { outcome: await strayUpload(photoId) };
  if (key !== undefined && key !== photo.originalKey) return { outcome: 'stray' };
  if (photo.status === 'ready' || photo.status === 'rejected') return { outcome: 'settled' };
  const original = await readOriginal(photo.originalKey, versionId);
  const correlationId = original.correlationId ?? photo.correlationId;
  const outcome = await correlated({ correlationId, actorId: photo.ownerId }, () => work(photo, original));
  return { outcome, correlationId };
}

async function work(photo: Photo, original: Original): Promise<Outcome> {
  await begin(photo);
  try {
    const found = await render(photo, original);
    const ready = await finish(photo, found);
    if (ready) {
      count('PhotosReady');
      duration('TimeToReady', Date.now() - Date.parse(photo.createdAt));
      return 'ready';
    }
    return (await findPhoto(photo.id)) ? 'settled' : strayUpload(photo.id);
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    const rejected = await reject(photo, { code: error.code, detail: error.detail });
    if (rejected) count('PhotosRejected');
    return rejected ? 'rejected' : 'settled';
  }
}

async function render(photo: Photo, { bytes, length, sha256 }: Original) {
  if (!bytes) throw new ImageRejected('too-large', `The file has ${length} bytes; a photo may have 200 MB.`);
  if (bytes.length > 0 && sha256 !== photo.sha256) {
    throw new ImageRejected('checksum-mismatch', 'The file that arrived is not the one that was announced.');
  }
  const facts = await inspectImage(bytes);
  const { renditions, placeholder } = await renderRenditions(bytes, facts);
  const stored: StoredRendition[] = [];
  for (const { name, format, width, height, bytes: pixels } of renditions) {
    const key = renditionKey(photo, sha256, recipeOf(name), format);
    await storeRendition(key, pixels, format);
    stored.push({ name, key, format, width, height, bytes: pixels.length });
  }
  return {
    renditions: stored,
    placeholder,
    exif: readExif(facts.exif),
    width: facts.width,
    height: facts.height,
    format: facts.format,
    animated: facts.animated,
  };
}

/** The photo was deleted meanwhile, and nothing else would ever remove what came after it. */
async function strayUpload(photoId: string): Promise<Outcome> {
  await removeObjects(photoId);
  return 'stray';
}
