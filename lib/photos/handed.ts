import * as z from 'zod';
import { type Answer, accepted, created, ok } from '../http/answer.ts';
import type { Caller } from '../http/call.ts';
import type { Handed } from './create.ts';
import { findPhoto, type Photo } from './photo.ts';
import { formView, inPartsView, uploadForm, uploadInParts } from './slot.ts';
import { inParts } from './upload.ts';
import { photoView, presentPhoto, withoutExif } from './view.ts';

/** What handing in a photo answers. */
export const handedView = z.object({
  photo: photoView,
  upload: z
    .union([formView, inPartsView])
    .optional()
    .meta({ description: 'Where the file goes; while the photo waits for it.' }),
  duplicate: z.literal(true).optional().meta({ description: 'The caller had handed in these bytes before.' }),
  trashed: z
    .literal(true)
    .optional()
    .meta({ description: 'The photo lies in the trash; restore it to see it.' }),
});

/** How the file comes: along with the request, by a form to S3, or in parts to S3. */
export type Way = 'along' | 'form' | 'parts';

/** 202 where the file came along, 200 for bytes that were there, 201 for a slot that waits for its file. */
export async function presentHanded(caller: Caller, { photo, duplicate }: Handed, way: Way): Promise<Answer> {
  const location = `/photos/${photo.id}`;
  const view = await presentPhoto(caller.userId, photo);
  if (way === 'along') return accepted(location, { photo: view }, { 'retry-after': '1' });
  const upload = await uploadOf(photo, way);
  if (!duplicate) return created(location, { photo: view, ...upload });
  return ok({ photo: view, duplicate: true, ...(photo.trashedAt && { trashed: true }), ...upload });
}

/** The same of an answer that has a photo among others. */
export function handedWithoutExif(answer: Answer): Answer {
  const body = answer.body as z.infer<typeof handedView>;
  return { ...answer, body: { ...body, photo: withoutExif({ ...answer, body: body.photo }).body } };
}

/** A replayed answer names the same photo as it is now, with an upload that has not expired. */
export async function refreshHanded(answer: Answer, caller: Caller): Promise<Answer> {
  const { upload, ...body } = answer.body as z.infer<typeof handedView>;
  const photo = await findPhoto(body.photo.id);
  if (!photo) return { ...answer, body };
  const fresh = await uploadOf(photo, upload?.method === 'PUT' ? 'parts' : 'form');
  return { ...answer, body: { ...body, photo: await presentPhoto(caller.userId, photo), ...fresh } };
}

async function uploadOf(photo: Photo, way: Exclude<Way, 'along'>) {
  if (photo.status !== 'uploading') return {};
  return { upload: way === 'parts' ? uploadInParts(await inParts(photo)) : await uploadForm(photo) };
}
