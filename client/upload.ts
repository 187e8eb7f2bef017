import { type Api, call, callOnce, patiently, UploadError } from './api.ts';
import { Sha256 } from './sha256.ts';

export { type Api, UploadError } from './api.ts';

/** A photo as `GET /photos/{photoId}` answers it; docs/openapi.json has the rest. */
export interface UploadedPhoto {
  readonly id: string;
  readonly status: 'uploading' | 'processing' | 'ready' | 'rejected' | 'failed' | 'expired';
  readonly [field: string]: unknown;
}

export interface Progress {
  /** First the file is hashed, then sent; what the server has already counts as sent. */
  readonly phase: 'hashing' | 'sending';
  readonly bytes: number;
  readonly total: number;
}

export interface UploadOptions extends Api {
  /** What is said about the photo. */
  readonly described?: {
    readonly caption?: string;
    readonly tags?: readonly string[];
    readonly visibility?: 'public' | 'followers' | 'private';
  };
  readonly onProgress?: (progress: Progress) => void;
  /** Gives the upload up, on the server too. Without it an upload that was cut off can be resumed for a day. */
  readonly signal?: AbortSignal;
}

/** What handing in a photo came to; `duplicate` where the caller had handed in the same bytes before. */
export interface Uploaded {
  readonly photo: UploadedPhoto;
  readonly duplicate: boolean;
}

interface Form {
  readonly method: 'POST';
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface InParts {
  readonly method: 'PUT';
  readonly partBytes: number;
  readonly parts: number;
}

interface Handed {
  readonly photo: UploadedPhoto;
  readonly upload?: Form | InParts;
  readonly duplicate?: true;
}

interface Part {
  readonly partNumber: number;
  readonly sha256: string;
}

interface SignedPart {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Larger files go in parts; this is the length of one. */
const LARGEST_FORM = 8 * 1024 * 1024;
const SIDE_BY_SIDE = 3;
/** How often an upload that turns out to be over is begun anew. */
const BEGINNINGS = 3;

/**
 * Hands in a photo: hashes it piece by piece, declares it, and sends it to S3 by a form or, above 8 MiB, in
 * parts, three at a time. Called again with the same file it resumes where it was cut off, from whatever machine.
 * Resolves once the file is there; the photo is rendered from then on. Throws UploadError where the API refuses,
 * and the signal's reason where it was aborted.
 */
export async function uploadPhoto(file: Blob, options: UploadOptions): Promise<Uploaded> {
  const { signal, described, onProgress } = options;
  const sha256 = await hashOf(file, (bytes) => {
    signal?.throwIfAborted();
    onProgress?.({ phase: 'hashing', bytes, total: file.size });
  });
  const body = {
    ...described,
    contentType: file.type || 'image/jpeg',
    bytes: file.size,
    sha256,
    multipart: file.size > LARGEST_FORM,
  };
  for (let beginning = 1; ; beginning++) {
    const handed = await call<Handed>(options, 'POST', '/photos', { body, signal });
    try {
      return { photo: await sent(file, handed, options), duplicate: handed.duplicate ?? false };
    } catch (error) {
      if (signal?.aborted) await discardUpload(handed.photo.id, options);
      const isOver = error instanceof UploadError && error.code === 'upload-expired';
      if (!isOver || beginning === BEGINNINGS) throw error;
    }
  }
}

/** Gives up an upload that has not arrived, and what has come of it. */
export async function discardUpload(photoId: string, api: Api): Promise<void> {
  try {
    await call(api, 'DELETE', `/photos/${photoId}/upload`);
  } catch (error) {
    // It has arrived after all, or is gone altogether.
    if (!(error instanceof UploadError && [404, 409].includes(error.status))) throw error;
  }
}

async function sent(file: Blob, handed: Handed, options: UploadOptions): Promise<UploadedPhoto> {
  const { photo, upload } = handed;
  const { signal, onProgress } = options;
  if (!upload) return photo;
  try {
    if (upload.method === 'PUT') return await sentInParts(file, handed, upload, options);
    await patiently(options.patience, signal, () => postForm(file, upload, signal));
    onProgress?.({ phase: 'sending', bytes: file.size, total: file.size });
  } catch (error) {
    // Another tab has sent it meanwhile.
    if (!(error instanceof UploadError && error.code === 'not-uploading')) throw error;
  }
  return call(options, 'GET', `/photos/${photo.id}`, { signal });
}

async function postForm(file: Blob, { url, fields }: Form, signal: AbortSignal | undefined): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', file);
  const answer = await fetch(url, { method: 'POST', body: form, ...(signal && { signal }) });
  if (!answer.ok) throw new UploadError('S3', answer, {});
}

/** Sends what S3 does not have, and again what it turns out not to have. */
async function sentInParts(
  file: Blob,
  { photo, duplicate }: Handed,
  { partBytes, parts }: InParts,
  options: UploadOptions,
): Promise<UploadedPhoto> {
  const upload = `/photos/${photo.id}/upload`;
  const { onProgress, signal } = options;
  const missing = new Set(Array.from({ length: parts }, (_, index) => index + 1));
  let known = duplicate ? await arrivedParts(upload, options) : new Map<number, string>();
  const send = async (partNumber: number, stop: AbortSignal) => {
    const content = await file.slice((partNumber - 1) * partBytes, partNumber * partBytes).arrayBuffer();
    const sha256 = base64(new Uint8Array(await crypto.subtle.digest('SHA-256', content)));
    if (known.get(partNumber) !== sha256) {
      await sendPart(upload, { partNumber, sha256 }, content, { ...options, signal: stop });
    }
    missing.delete(partNumber);
    const bytes = Math.min(file.size, (parts - missing.size) * partBytes);
    onProgress?.({ phase: 'sending', bytes, total: file.size });
  };
  for (let round = 1; ; round++) {
    await sideBySide([...missing], signal, send);
    try {
      const path = `${upload}/complete`;
      return (await call<{ photo: UploadedPhoto }>(options, 'POST', path, { signal })).photo;
    } catch (error) {
      const isIncomplete = error instanceof UploadError && error.code === 'upload-incomplete';
      if (!isIncomplete || round === BEGINNINGS) throw error;
      for (const partNumber of error.problem.missing as number[]) missing.add(partNumber);
      known = new Map();
    }
  }
}

/** The hashes of the parts that S3 has, by their numbers. */
async function arrivedParts(upload: string, options: UploadOptions): Promise<Map<number, string>> {
  const { signal } = options;
  const { items } = await call<{ items: Part[] }>(options, 'GET', `${upload}/parts`, { signal });
  return new Map(items.map(({ partNumber, sha256 }) => [partNumber, sha256]));
}

/** Each try has a URL of its own, as the one before may have expired. */
function sendPart(
  upload: string,
  part: Part,
  content: ArrayBuffer,
  options: UploadOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { patience, signal } = options;
  const attempt = async () => {
    const asked = { body: { parts: [part] }, signal };
    const { items } = await callOnce<{ items: [SignedPart] }>(options, 'POST', `${upload}/parts`, asked);
    const [{ url, headers }] = items;
    const answer = await fetch(url, { method: 'PUT', headers, body: content, signal });
    if (answer.ok) return;
    // Where S3 has lost the upload, the list finds out, and the next URL is of a new one.
    if (answer.status === 404) await arrivedParts(upload, options);
    throw new UploadError('S3', answer, {});
  };
  // S3 says 400 to bytes that were damaged on their way, and 403 to a URL that has expired.
  return patiently(
    patience,
    signal,
    attempt,
    ({ by, status }) => by === 'S3' && [400, 403, 404].includes(status),
  );
}

/** Three at a time; the first that fails stops the others. */
async function sideBySide(
  partNumbers: readonly number[],
  signal: AbortSignal | undefined,
  send: (partNumber: number, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const left = partNumbers.values();
  const worker = async () => {
    for (const partNumber of left) {
      stop.throwIfAborted();
      await send(partNumber, stop);
    }
  };
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

/**
 * Base64 SHA-256 of a file, read in pieces of 1 MiB.
 *
 * @param onBytes told of the bytes that are hashed; what it throws ends the hashing
 */
export async function hashOf(
  file: Blob,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  const hash = new Sha256();
  const PIECE = 1024 * 1024;
  for (let from = 0; from < file.size; from += PIECE) {
    hash.update(new Uint8Array(await file.slice(from, from + PIECE).arrayBuffer()));
    onBytes(Math.min(file.size, from + PIECE));
  }
  return base64(hash.digest());
}

/** Base64 of a few bytes. */
export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
