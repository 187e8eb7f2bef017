import { invalidField, Problem } from '../problem.ts';
import { allOf, is, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { ConditionFailed, unlessRefused, update } from '../table/write.ts';
import { dueOf, SLOT_SECONDS, slotEnd } from './due.ts';
import {
  endUpload,
  endUploadsOf,
  type InParts,
  joinParts,
  openUpload,
  partUrl,
  type StoredPart,
  storedParts,
} from './multipart.ts';
import { originalIsThere } from './objects.ts';
import { lengthOfPart, PART_BYTES, partsOf } from './parts.ts';
import { findPhoto, type Photo, toPhoto } from './photo.ts';
import { abandon, begin } from './progress.ts';

/** A part that a client is about to send. */
export interface AskedPart {
  readonly partNumber: number;
  readonly sha256: string;
}

/** The photo with an upload that its parts go to; one that it has already is kept. 409 or 410 where it waits for none. */
export async function inParts(photo: Photo, now = new Date()): Promise<InParts> {
  if (hasUpload(photo)) return photo;
  const uploadId = await openUpload(photo);
  const place = dueOf({ ...photo, partBytes: PART_BYTES }, now);
  const when = allOf(is('status', 'uploading'), without('uploadId'));
  try {
    const changes = { uploadId, partBytes: photo.partBytes ?? PART_BYTES, ...place };
    return toPhoto(await update(keys.photo(photo.id), changes, when, now)) as InParts;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    await endUpload(photo.originalKey, uploadId);
    return inParts(waiting(await findPhoto(photo.id), now), now);
  }
}

/**
 * Presigned URLs for parts of a file that is declared to come in parts, and an hour more for the slot, within a
 * day of its start. 409 or 410 where the photo waits for none, 422 for parts that the file does not have.
 */
export async function signParts(photo: Photo, asked: readonly AskedPart[], now = new Date()) {
  const cut = waitingForParts(photo, now);
  for (const [index, { partNumber }] of asked.entries()) {
    if (partNumber <= partsOf(cut)) continue;
    throw invalidField(
      `/parts/${index}/partNumber`,
      `Expected 1 to ${partsOf(cut)}, as many parts as the file has; received ${partNumber}.`,
    );
  }
  const prolonged = await prolong(await inParts(cut, now), now);
  const expiresAt = slotEnd(prolonged, now);
  const seconds = Math.min(SLOT_SECONDS, Math.floor((Date.parse(expiresAt) - now.getTime()) / 1_000));
  return Promise.all(
    asked.map(async ({ partNumber, sha256 }) => ({
      partNumber,
      bytes: lengthOfPart(prolonged, partNumber),
      ...(await partUrl(prolonged, partNumber, sha256, seconds)),
      expiresAt,
    })),
  );
}

/** The parts that have arrived. 409 or 410 where the photo waits for none. */
export async function arrivedParts(photo: Photo, now = new Date()): Promise<readonly StoredPart[]> {
  const cut = waitingForParts(photo, now);
  if (!hasUpload(cut)) return [];
  const parts = await storedParts(cut);
  if (!parts) await forgetUpload(cut, now);
  return parts ?? [];
}

/**
 * Makes the file of its parts once all are there; 409 says which are missing. Whoever asks again, or at the same
 * time, gets the photo as it is then.
 */
export async function completeUpload(photo: Photo, now = new Date()): Promise<Photo> {
  if (photo.partBytes !== undefined && hasArrived(photo)) return photo;
  const cut = waitingForParts(photo, now);
  if (!hasUpload(cut)) throw incomplete(allParts(cut));
  const parts = await storedParts(cut);
  if (!parts) return completedElsewhere(cut, now);
  const missing = allParts(cut).filter((partNumber) => !isComplete(cut, parts, partNumber));
  if (missing.length > 0) throw incomplete(missing);
  const outcome = await joinParts(cut, parts);
  if (outcome === 'gone') return completedElsewhere(cut, now);
  if (outcome === 'changed') throw incomplete([]);
  return arrived(cut, now);
}

/**
 * Gives the upload up, and removes the parts that have come; a file that comes all the same, by a form that still
 * works, is removed too. 409 where the file has arrived.
 */
export async function abortUpload(photo: Photo, now = new Date()): Promise<void> {
  const given = (await abandon(photo, now)) ?? (await findPhoto(photo.id));
  if (given && given.abandonedAt === undefined) throw notWaiting('its file has arrived');
  await endUploadsOf(photo.id);
}

function hasUpload(photo: Photo): photo is InParts {
  return photo.uploadId !== undefined;
}

function hasArrived({ status }: Photo): boolean {
  return status !== 'uploading' && status !== 'expired';
}

/** The photo if it still waits for its file; 409 or 410 otherwise. */
function waiting(photo: Photo | undefined, now: Date): Photo {
  if (photo?.status === 'uploading' && slotEnd(photo, now) > now.toISOString()) return photo;
  if (photo && hasArrived(photo)) throw notWaiting('its file has arrived');
  throw new Problem(
    410,
    'upload-expired',
    'The photo has waited too long for its file, or was given up. Declare the file again for a new one.',
  );
}

function waitingForParts(photo: Photo, now: Date): Photo {
  if (waiting(photo, now).partBytes !== undefined) return photo;
  throw new Problem(
    409,
    'not-in-parts',
    'The file is to come by its upload form. Declare it again with `multipart: true` to send it in parts.',
  );
}

function notWaiting(why: string): Problem {
  return new Problem(409, 'not-uploading', `The photo does not wait for its file: ${why}.`);
}

/** The slot's hour begins anew. */
async function prolong(photo: InParts, now: Date): Promise<InParts> {
  const when = allOf(is('status', 'uploading'), is('uploadId', photo.uploadId));
  try {
    return toPhoto(await update(keys.photo(photo.id), dueOf(photo, now), when, now)) as InParts;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return inParts(waiting(await findPhoto(photo.id), now), now);
  }
}

/** S3 knows the upload no more: another request has made the file of it, or it was removed behind our back. */
async function completedElsewhere(photo: InParts, now: Date): Promise<Photo> {
  if (await originalIsThere(photo.originalKey)) return arrived(photo, now);
  await forgetUpload(photo, now);
  throw incomplete(allParts(photo));
}

async function arrived(photo: Photo, now: Date): Promise<Photo> {
  return (await begin(photo, now)) ?? (await findPhoto(photo.id)) ?? photo;
}

async function forgetUpload({ id, uploadId }: InParts, now: Date): Promise<void> {
  await unlessRefused(update(keys.photo(id), { uploadId: undefined }, is('uploadId', uploadId), now));
}

function allParts(photo: Photo): number[] {
  return Array.from({ length: partsOf(photo) }, (_, index) => index + 1);
}

function isComplete(photo: Photo, parts: readonly StoredPart[], partNumber: number): boolean {
  const part = parts.find((each) => each.partNumber === partNumber);
  return part?.bytes === lengthOfPart(photo, partNumber);
}

function incomplete(missing: readonly number[]): Problem {
  const detail =
    missing.length > 0
      ? `${missing.length} of the parts are missing; see missing.`
      : 'A part was sent again meanwhile; complete once more.';
  return new Problem(409, 'upload-incomplete', detail, { members: { missing } });
}
