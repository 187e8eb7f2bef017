import { type Patient, patiently } from './patience.ts';
import type { Progress } from './progress.ts';
import { refusedByS3, UploadError } from './upload-error.ts';
import { postByXhr, xhrOf } from './xhr.ts';

/** Where S3 takes a file by a form. */
export interface Form {
  readonly method: 'POST';
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface Sending extends Pick<Patient, 'patience' | 'signal'> {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Sends the file to S3; browsers tell how far it is. Throws UploadError where S3 refuses it. */
export async function sendForm(file: Blob, { url, fields }: Form, sending: Sending): Promise<void> {
  const { signal, onProgress } = sending;
  const total = file.size;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', file);
  // The form's own bytes go first, but for a few.
  const onSent = (sent: number, all: number) =>
    onProgress?.({ phase: 'sending', bytes: Math.max(0, sent - (all - total)), total });
  await patiently(sending, async () => {
    const Xhr = xhrOf();
    const answer = Xhr
      ? await postByXhr(new Xhr(), url, form, signal, onSent)
      : await fetch(url, { method: 'POST', body: form, ...(signal && { signal }) });
    if (!answer.ok) throw await refusedByS3(answer);
  });
  onProgress?.({ phase: 'sending', bytes: total, total });
}

/** Whether S3 refuses a form as its 15 minutes, or the credentials that signed it, are over. */
export function isFormOver(error: unknown): boolean {
  if (!(error instanceof UploadError && error.by === 'S3')) return false;
  return error.status === 403 || error.code === 'ExpiredToken';
}
