import { correlated } from '../correlation.ts';
import { ImageRejected } from '../images/rejection.ts';
import { count, duration } from '../observe.ts';
import { endUploadsOf } from './multipart.ts';
import { type Original, readOriginal, removeObjects, removeUnkept } from './objects.ts';
import { findPhoto, foundNoRoom, type Photo } from './photo.ts';
import { begin, finish, reject } from './progress.ts';
import { render } from './render.ts';
import { isToRenew, renew } from './renew.ts';
import { type Arrival, isFileOf } from './uploaded.ts';

type Outcome = 'ready' | 'rejected' | 'stray' | 'settled' | 'renewed' | 'kept';

/** What became of one arrival, and the id of the request that sent the file; the log line says both. */
export interface Made {
  readonly outcome: Outcome;
  readonly correlationId?: string;
}

/**
 * Makes every rendition of an original that has arrived. May be called any number of times for the same
 * arrival, side by side and late: the photo ends with one set of renditions, and one change to `ready`.
 */
export async function makeRenditions(arrival: Arrival): Promise<Made> {
  const { photoId, versionId } = arrival;
  const photo = await findPhoto(photoId);
  if (!isWanted(photo)) return { outcome: await strayUpload(photoId) };
  if (!isFileOf(photo, arrival)) return { outcome: 'stray' };
  if (isToRenew(photo)) {
    const outcome = await renew(photo);
    await removeUnkept(photo, versionId);
    return { outcome, correlationId: photo.correlationId };
  }
  if (isSettled(photo)) return { outcome: await repeatedUpload(photo, versionId) };
  const original = await readOriginal(photo.originalKey, versionId);
  const correlationId = original.correlationId ?? photo.correlationId;
  const outcome = await correlated({ correlationId, actorId: photo.ownerId }, () => work(photo, original));
  return { outcome, correlationId };
}

async function work(photo: Photo, original: Original): Promise<Outcome> {
  const begun = (await begin(photo)) ?? photo;
  // The file may have come by the form while parts of it were on their way.
  if (photo.partBytes !== undefined) await endUploadsOf(photo.id);
  const settled = foundNoRoom(begun) ? begun : await settle(begun, original);
  if (settled?.status === 'ready') {
    count('PhotosReady');
    duration('TimeToReady', Date.now() - Date.parse(photo.createdAt));
    return 'ready';
  }
  if (settled) {
    await removeUnkept(settled, original.versionId);
    count('PhotosRejected');
    return 'rejected';
  }
  const now = await findPhoto(photo.id);
  return isWanted(now) ? repeatedUpload(now, original.versionId) : strayUpload(photo.id);
}

/** The photo as it has become; undefined where another delivery was first, or the photo is gone. */
async function settle(photo: Photo, original: Original): Promise<Photo | undefined> {
  const originalVersionId = original.versionId;
  try {
    return await finish(photo, { ...(await render(photo, original)), originalVersionId });
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    const { code, detail } = error;
    return reject(photo, { rejection: { code, detail }, originalVersionId });
  }
}

function isSettled({ status }: Photo): boolean {
  return status === 'ready' || status === 'rejected';
}

async function repeatedUpload(photo: Photo, versionId: string | undefined): Promise<Outcome> {
  if (isSettled(photo)) await removeUnkept(photo, versionId);
  return 'settled';
}

/** Whether its owner has neither deleted it for good nor given its upload up. */
function isWanted(photo: Photo | undefined): photo is Photo {
  return photo !== undefined && photo.abandonedAt === undefined;
}

/** Nothing else would ever remove what came after the photo was deleted or given up. */
async function strayUpload(photoId: string): Promise<Outcome> {
  await removeObjects(photoId);
  return 'stray';
}
