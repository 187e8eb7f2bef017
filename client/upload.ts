import { unlessAborted } from './abort.ts';
import { call, callOnce } from './api.ts';
import { type Described, declarationOf } from './declaration.ts';
import { takeBack } from './discard.ts';
import { type Form, isFormOver, sendForm } from './form.ts';
import { hashOf } from './hash.ts';
import type { UploadOptions } from './options.ts';
import { type InParts, sendInParts } from './parts.ts';
import { patiently } from './patience.ts';
import type { UploadedPhoto } from './photo.ts';
import { UploadError } from './upload-error.ts';

export type { Api } from './api.ts';
export type { Described } from './declaration.ts';
export { discardUpload } from './discard.ts';
export type { UploadOptions } from './options.ts';
export { type Rendition, type UploadedPhoto, waitForPhoto } from './photo.ts';
export type { Progress } from './progress.ts';
export { UploadError } from './upload-error.ts';

/** What handing in a photo came to. */
export interface Uploaded {
  readonly photo: UploadedPhoto;
  /** `resumed` where the photo was waiting for its file already, `duplicate` where that had arrived before. */
  readonly outcome: 'uploaded' | 'resumed' | 'duplicate';
  /** Whether it is a duplicate that lies in the trash; restore it to see it. */
  readonly trashed: boolean;
}

interface Handed {
  readonly photo: UploadedPhoto;
  readonly upload?: Form | InParts;
  readonly duplicate?: true;
  readonly trashed?: true;
}

/** Larger files go in parts; this is the length of one. */
const LARGEST_FORM = 8 * 1024 * 1024;
/** How often an upload that turns out to be over is begun anew. */
const BEGINNINGS = 3;

/**
 * Hands in a photo: hashes it piece by piece, declares it, and sends it to S3 by a form or, above 8 MiB, in
 * parts, three at a time. Called again with the same file it resumes where it was cut off, from whatever machine.
 * Resolves once the file is there; the photo is rendered from then on: `waitForPhoto`.
 *
 * Throws UploadError where the API or S3 refuses, and what fetch throws where the network stays lost. Once the signal
 * is aborted it rejects with the signal's reason at once. What it has begun is discarded behind that, unless
 * `onAbort` is `keep`: the upload is given up or, where the file has arrived already, the photo put into the trash,
 * from where it can be restored for 30 days. That is one try whose failure nobody hears of; an upload then expires
 * within the hour. A photo whose file had arrived before the call is left alone.
 */
export function uploadPhoto(file: Blob, options: UploadOptions): Promise<Uploaded> {
  return unlessAborted(options.signal, () => handIn(file, options));
}

async function handIn(file: Blob, options: UploadOptions): Promise<Uploaded> {
  const { signal, described, onAbort, onPhoto, onProgress } = options;
  const sha256 = await hashOf(file, (bytes) => {
    signal?.throwIfAborted();
    onProgress?.({ phase: 'hashing', bytes, total: file.size });
  });
  const declared = (what: Described | undefined) =>
    declarationOf(file, sha256, what, file.size > LARGEST_FORM);
  /** How the photo was met: whatever is answered of it later is this call's own doing. */
  let met: Handed | undefined;
  try {
    for (let beginning = 1; ; beginning++) {
      // Once is enough: the owner may have changed it meanwhile, and the server keeps what was said.
      const handed = await declare(declared(beginning === 1 ? described : undefined), options);
      const { photo } = handed;
      const isNew = photo.id !== met?.photo.id;
      if (isNew) met = handed;
      signal?.throwIfAborted();
      if (isNew) onPhoto?.(photo);
      try {
        const sent = await send(file, handed, options);
        signal?.throwIfAborted();
        // Another page gave the upload up after the file was sent.
        if (sent.status === 'expired' && beginning < BEGINNINGS) continue;
        return { photo: sent, outcome: outcomeOf(met ?? handed), trashed: handed.trashed ?? false };
      } catch (error) {
        if (!isOver(error, handed) || beginning === BEGINNINGS) throw error;
      }
    }
  } catch (error) {
    if (signal?.aborted && onAbort !== 'keep' && met?.upload) {
      await takeBack(met.photo.id, met.duplicate !== true, options);
    }
    throw error;
  }
}

/** The signal does not cut off a try, as its answer tells which photo there is to discard. */
function declare(declaration: object, options: UploadOptions): Promise<Handed> {
  const { api, token } = options;
  return patiently(options, () => callOnce<Handed>({ api, token }, 'POST', '/photos', { body: declaration }));
}

async function send(file: Blob, handed: Handed, options: UploadOptions): Promise<UploadedPhoto> {
  const { photo, upload, duplicate = false } = handed;
  if (!upload) return photo;
  try {
    if (upload.method === 'PUT') return await sendInParts(file, photo.id, upload, duplicate, options);
    await sendForm(file, upload, options);
  } catch (error) {
    // Another tab has sent it meanwhile.
    if (!(error instanceof UploadError && error.code === 'not-uploading')) throw error;
  }
  return call(options, 'GET', `/photos/${photo.id}`);
}

function outcomeOf({ upload, duplicate }: Handed): Uploaded['outcome'] {
  if (!upload) return 'duplicate';
  return duplicate ? 'resumed' : 'uploaded';
}

/** Whether the slot has ended, or the form that S3 was to take. */
function isOver(error: unknown, { upload }: Handed): boolean {
  if (error instanceof UploadError && error.code === 'upload-expired') return true;
  return upload?.method === 'POST' && isFormOver(error);
}
