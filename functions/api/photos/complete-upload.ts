import * as z from 'zod';
import { accepted } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { handedWithoutExif, refreshHanded } from '../../../lib/photos/handed.ts';
import { ownPhoto, photoPath } from '../../../lib/photos/photo.ts';
import { completeUpload } from '../../../lib/photos/upload.ts';
import { headersOf, photoView, presentPhoto } from '../../../lib/photos/view.ts';

export const completeUploadRoute = route(
  {
    route: 'POST /photos/{photoId}/upload/complete',
    summary: 'All parts are sent: make the file of them',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => ownPhoto(caller, photoId),
    answers: { 202: z.object({ photo: photoView }) },
    kept: handedWithoutExif,
    refresh: refreshHanded,
  },
  async ({ caller, seen }) => {
    const photo = await completeUpload(seen);
    const view = await presentPhoto(caller.userId, photo);
    return accepted(`/photos/${photo.id}`, { photo: view }, headersOf(photo));
  },
);
