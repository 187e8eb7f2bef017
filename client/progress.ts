import type { UploadError } from './upload-error.ts';

/** What goes on in an upload: first the file is hashed, then sent; what the server has already counts as sent. */
export type Progress =
  | { readonly phase: 'hashing'; readonly bytes: number; readonly total: number }
  | { readonly phase: 'sending'; readonly bytes: number; readonly total: number }
  | Wait;

/**
 * Something waits: until its next try, after an error that may pass, or until the browser is online again. Waits of
 * up to two seconds are not told of. It is over with the next progress of another phase.
 */
export type Wait =
  | { readonly phase: 'waiting'; readonly until: Date; readonly error: UploadError | TypeError }
  | { readonly phase: 'offline' };
