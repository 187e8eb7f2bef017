/** What is wrong with a photo, in the words of the API. */
export type RejectionCode =
  | 'empty-file'
  | 'unsupported-format'
  | 'corrupt-image'
  | 'too-many-pixels'
  | 'too-large'
  | 'checksum-mismatch';

/**
 * The photo can't be taken, and that is the file's fault: trying again gives the same answer. Everything else
 * that goes wrong with a photo is ours and is thrown as it comes.
 */
export class ImageRejected extends Error {
  override readonly name = 'ImageRejected';
  readonly code: RejectionCode;
  /** One sentence for the photo's owner. */
  readonly detail: string;

  constructor(code: RejectionCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** @param what ends the sentence "The file is damaged or incomplete: ..." */
export function damaged(what: string, cause?: unknown): ImageRejected {
  return new ImageRejected('corrupt-image', `The file is damaged or incomplete: ${what}.`, { cause });
}
