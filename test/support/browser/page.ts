import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { type Progress, type UploadedPhoto, uploadPhoto } from '../../../client/upload.ts';
import { uppyOptions } from '../../../client/uppy.ts';

/** What the page does for a test, on its `window`. */
export interface Uploads {
  /** Hands in the file by Uppy; resolves with the names of its errors, none where all went well. */
  byUppy(file: Blob, api: { readonly api: string; readonly token: string }): Promise<string[]>;
  /** Uppy's own button after an upload has failed. */
  retry(): Promise<string[]>;
  /** Hands in the file by the client. */
  byClient(file: Blob, api: { readonly api: string; readonly token: string }): Promise<UploadedPhoto>;
  /** Aborts what the client does, and leaves the page at once. */
  leave(): void;
  /** How much of the file is there, in percent. */
  percent: number;
  /** The bytes that the client has told of while it sent the file. */
  readonly told: number[];
}

let uppy: Uppy | undefined;
const controller = new AbortController();

const uploads: Uploads = {
  percent: 0,
  told: [],
  async byUppy(data, api) {
    uppy = new Uppy().use(AwsS3, uppyOptions(api));
    uppy.on('progress', (percent) => {
      uploads.percent = percent;
    });
    uppy.addFile({ name: 'photo.jpg', type: 'image/jpeg', data });
    return errorsOf(await uppy.upload());
  },
  async retry() {
    return errorsOf(await uppy?.retryAll());
  },
  async byClient(file, api) {
    const onProgress = (progress: Progress) => {
      if (progress.phase !== 'sending') return;
      uploads.percent = Math.floor((100 * progress.bytes) / progress.total);
      uploads.told.push(progress.bytes);
    };
    return (await uploadPhoto(file, { ...api, onProgress, signal: controller.signal })).photo;
  },
  leave() {
    controller.abort();
    (globalThis as unknown as { location: { href: string } }).location.href = 'about:blank';
  },
};

function errorsOf(result: Awaited<ReturnType<Uppy['upload']>>): string[] {
  return (result?.failed ?? []).map(({ error }) => String(error));
}

Object.assign(globalThis, { uploads });
