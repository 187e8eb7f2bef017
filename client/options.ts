import type { Api } from './api.ts';
import type { Described } from './declaration.ts';
import type { UploadedPhoto } from './photo.ts';
import type { Progress } from './progress.ts';

export interface UploadOptions extends Api {
  /** What is said about the photo. */
  readonly described?: Described | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of the photo once it is declared, before its file is sent; of another where it is declared anew. */
  readonly onPhoto?: ((photo: UploadedPhoto) => void) | undefined;
  /** Ends the upload, in the way that `onAbort` says. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether an upload that is aborted is given up on the server too, as it is unless told otherwise, or kept, so that
   * the same call resumes it: within an hour, after which it expires.
   */
  readonly onAbort?: 'discard' | 'keep' | undefined;
}
