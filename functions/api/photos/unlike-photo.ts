import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { unlike } from '../../../lib/photos/likes.ts';
import { photoPath } from '../../../lib/photos/photo.ts';

export const unlikePhotoRoute = route(
  {
    route: 'DELETE /photos/{photoId}/like',
    summary: 'Take a like back',
    admits: 'signed-in',
    path: photoPath,
    answers: { 204: undefined },
  },
  async ({ caller, path }) => {
    await unlike(caller.userId, path.photoId);
    return noContent();
  },
);
