import { pause, unlessAborted } from './abort.ts';
import { type Api, ask } from './api.ts';
import { patiently } from './patience.ts';
import { retryAfterMs } from './upload-error.ts';

/** What an app needs of a photo as `GET /photos/{photoId}` answers it; docs/openapi.json has the rest. */
export interface UploadedPhoto {
  readonly id: string;
  readonly status: 'uploading' | 'processing' | 'ready' | 'rejected' | 'failed' | 'expired';
  /** What was wrong with the file, by a code of docs/problems.md; only where the status is `rejected`. */
  readonly rejection?: { readonly code: string; readonly detail: string } | undefined;
  readonly caption: string;
  readonly tags: readonly string[];
  readonly visibility: 'public' | 'followers' | 'private';
  /** Pixels, upright; null until the photo is ready. */
  readonly width: number | null;
  readonly height: number | null;
  /** A ThumbHash in base64 and a colour, to be shown before the picture is there. */
  readonly placeholder: { readonly thumbhash: string; readonly color: string } | null;
  /** None until the photo is ready. */
  readonly renditions: readonly Rendition[];
  /** RFC 3339. */
  readonly createdAt: string;
  /** When its owner put it into the trash. */
  readonly trashedAt: string | null;
}

export interface Rendition {
  /** Changes when the picture does. */
  readonly id: string;
  /** `square`, `small`, `medium`, `large`, `xlarge` or `large-jpeg`. */
  readonly name: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: 'webp' | 'jpeg';
  readonly bytes: number;
  /** Signed; works for 10 to 15 minutes. */
  readonly url: string;
}

/** Where the server does not say how long to wait. */
const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Asks for the photo, as often as the server says, until nothing more is done about it: it is `ready`, `rejected`,
 * `failed` or `expired`. Throws UploadError, 404 where it is gone, or the signal's reason: `AbortSignal.timeout(ms)`
 * bounds the wait.
 */
export function waitForPhoto(
  photoId: string,
  api: Api & { readonly signal?: AbortSignal | undefined },
): Promise<UploadedPhoto> {
  return unlessAborted(api.signal, async () => {
    for (;;) {
      const { photo, ms } = await patiently(api, () => asked(photoId, api));
      if (photo.status !== 'uploading' && photo.status !== 'processing') return photo;
      await pause(ms, api.signal);
    }
  });
}

/** The photo, and how long to wait before it is asked for again. */
async function asked(photoId: string, api: Api & { readonly signal?: AbortSignal | undefined }) {
  const answer = await ask(api, 'GET', `/photos/${photoId}`);
  const photo = (await answer.json()) as UploadedPhoto;
  return { photo, ms: Math.min(LONGEST_PAUSE_MS, retryAfterMs(answer) || PAUSE_MS) };
}
