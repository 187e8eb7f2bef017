import { route } from '../../../lib/http/route.ts';
import { restorePhoto } from '../../../lib/photos/manage.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoView, presentPhoto, refreshPhoto, withoutExif } from '../../../lib/photos/view.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const restorePhotoRoute = route(
  {
    route: 'POST /photos/{photoId}/restore',
    summary: 'Take a photo out of the trash',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    answers: { 200: photoView },
    kept: withoutExif,
    refresh: refreshPhoto,
  },
  async ({ caller, seen }) => presentPhoto(caller.userId, await restorePhoto(seen)),
);
