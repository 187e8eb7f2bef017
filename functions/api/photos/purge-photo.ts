import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { purgePhoto } from '../../../lib/photos/manage.ts';
import { ownPhoto, photoPath } from '../../../lib/photos/photo.ts';

export const purgePhotoRoute = route(
  {
    route: 'DELETE /me/trash/{photoId}',
    summary: 'Delete a trashed photo for good',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => ownPhoto(caller, photoId),
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await purgePhoto(seen);
    return noContent();
  },
);
