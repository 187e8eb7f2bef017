import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { trashPhoto } from '../../../lib/photos/manage.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const deletePhotoRoute = route(
  {
    route: 'DELETE /photos/{photoId}',
    summary: 'Put a photo into the trash for 30 days',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await trashPhoto(seen);
    return noContent();
  },
);
