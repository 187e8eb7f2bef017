import { call, callOnce } from './api.ts';
import { base64 } from './hash.ts';
import type { UploadOptions } from './options.ts';
import { patiently } from './patience.ts';
import type { UploadedPhoto } from './photo.ts';
import { refusedByS3, UploadError } from './upload-error.ts';

/** How S3 takes a file in parts. */
export interface InParts {
  readonly method: 'PUT';
  readonly partBytes: number;
  readonly parts: number;
}

interface Part {
  readonly partNumber: number;
  readonly sha256: string;
}

interface SignedPart {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SIDE_BY_SIDE = 3;
/** How often parts are looked for that turn out to be missing. */
const ROUNDS = 3;

/**
 * Sends what S3 does not have, and again what it turns out not to have.
 *
 * @param begun whether some of the parts may be there
 */
export async function sendInParts(
  file: Blob,
  photoId: string,
  { partBytes, parts }: InParts,
  begun: boolean,
  options: UploadOptions,
): Promise<UploadedPhoto> {
  const upload = `/photos/${photoId}/upload`;
  const { onProgress, signal } = options;
  const missing = new Set(Array.from({ length: parts }, (_, index) => index + 1));
  let known = begun ? await arrivedParts(upload, options) : new Map<number, string>();
  const send = async (partNumber: number, stop: AbortSignal) => {
    const content = await file.slice((partNumber - 1) * partBytes, partNumber * partBytes).arrayBuffer();
    const sha256 = base64(new Uint8Array(await crypto.subtle.digest('SHA-256', content)));
    if (known.get(partNumber) !== sha256) {
      await sendPart(upload, { partNumber, sha256 }, content, stop, options);
    }
    stop.throwIfAborted();
    missing.delete(partNumber);
    const bytes = Math.min(file.size, (parts - missing.size) * partBytes);
    onProgress?.({ phase: 'sending', bytes, total: file.size });
  };
  for (let round = 1; ; round++) {
    await sideBySide([...missing], signal, send);
    try {
      return (await call<{ photo: UploadedPhoto }>(options, 'POST', `${upload}/complete`)).photo;
    } catch (error) {
      const isIncomplete = error instanceof UploadError && error.code === 'upload-incomplete';
      if (!isIncomplete || round === ROUNDS) throw error;
      for (const partNumber of error.problem.missing as number[]) missing.add(partNumber);
      known = new Map();
    }
  }
}

/** The hashes of the parts that S3 has, by their numbers. */
async function arrivedParts(upload: string, options: UploadOptions): Promise<Map<number, string>> {
  const { items } = await call<{ items: Part[] }>(options, 'GET', `${upload}/parts`);
  return new Map(items.map(({ partNumber, sha256 }) => [partNumber, sha256]));
}

/** Each try has a URL of its own, as the one before may have expired. */
function sendPart(
  upload: string,
  part: Part,
  content: ArrayBuffer,
  signal: AbortSignal,
  options: UploadOptions,
): Promise<void> {
  const stoppable = { ...options, signal };
  const attempt = async () => {
    const asked = { body: { parts: [part] } };
    const { items } = await callOnce<{ items: [SignedPart] }>(stoppable, 'POST', `${upload}/parts`, asked);
    const [{ url, headers }] = items;
    const answer = await fetch(url, { method: 'PUT', headers, body: content, signal });
    if (answer.ok) return;
    // Where S3 has lost the upload, the list finds out, and the next URL is of a new one.
    if (answer.status === 404) await arrivedParts(upload, stoppable);
    throw await refusedByS3(answer);
  };
  // S3 says 400 to bytes that were damaged on their way, and 403 to a URL that has expired.
  return patiently(stoppable, attempt, ({ by, status }) => by === 'S3' && [400, 403, 404].includes(status));
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
