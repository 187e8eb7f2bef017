import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { ownPhoto, photoPath } from '../../../lib/photos/photo.ts';
import { abortUpload } from '../../../lib/photos/upload.ts';

export const abortUploadRoute = route(
  {
    route: 'DELETE /photos/{photoId}/upload',
    summary: 'Give up a file that has not arrived, and what has come of it',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => ownPhoto(caller, photoId),
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await abortUpload(seen);
    return noContent();
  },
);
