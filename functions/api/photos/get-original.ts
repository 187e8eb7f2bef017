import { redirect } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { originalFor } from '../../../lib/photos/media-url.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoVisibleTo } from '../../../lib/photos/visibility.ts';

export const getOriginalRoute = route(
  {
    route: 'GET /photos/{photoId}/original',
    summary: 'The original as a download, for its owner',
    admits: 'optional',
    path: photoPath,
    see: (caller, { photoId }) => photoVisibleTo(caller, photoId),
    answers: { 302: undefined },
  },
  async ({ caller, seen }) => redirect(await originalFor(caller, seen)),
);
