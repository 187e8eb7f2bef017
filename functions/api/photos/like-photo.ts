import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { ensureUser } from '../../../lib/people/user.ts';
import { like } from '../../../lib/photos/likes.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoVisibleTo } from '../../../lib/photos/visibility.ts';

export const likePhotoRoute = route(
  {
    route: 'PUT /photos/{photoId}/like',
    summary: 'Like a photo',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoVisibleTo(caller, photoId),
    answers: { 204: undefined },
  },
  async ({ caller, seen }) => {
    await ensureUser(caller);
    await like(caller.userId, seen);
    return noContent();
  },
);
