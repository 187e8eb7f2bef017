import { type Api, call, callOnce } from './api.ts';
import { UploadError } from './upload-error.ts';

/** Gives up an upload that has not arrived, and what has come of it. Throws UploadError where the API can't. */
export async function discardUpload(photoId: string, { api, token, patience }: Api): Promise<void> {
  try {
    // The options of an upload may come with its signal, which is aborted by now.
    await call({ api, token, patience }, 'DELETE', `/photos/${photoId}/upload`);
  } catch (error) {
    // It has arrived after all, or is gone altogether.
    if (!(error instanceof UploadError && [404, 409].includes(error.status))) throw error;
  }
}

const ENOUGH_MS = 10_000;

/**
 * Takes back a photo that waited for its file when it was declared: gives up its upload or, where the file has
 * arrived meanwhile, puts the photo into the trash. One try, which outlives the page; where it fails, an upload
 * ends by itself when its time is over.
 *
 * @param isOwn whether nobody else can have sent the file: another page's photo is not put into the trash
 */
export async function takeBack(photoId: string, isOwn: boolean, { api, token }: Api): Promise<void> {
  const once = { api, token, signal: AbortSignal.timeout(ENOUGH_MS) };
  const remove = (path: string) => callOnce(once, 'DELETE', path, { keepalive: true });
  try {
    await remove(`/photos/${photoId}/upload`);
  } catch (error) {
    const hasArrived = error instanceof UploadError && error.code === 'not-uploading';
    if (hasArrived && isOwn) await remove(`/photos/${photoId}`).catch(() => undefined);
  }
}
