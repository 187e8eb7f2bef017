import * as z from 'zod';
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { headersOf, photoView, presentPhoto, renditionsQuery } from '../../../lib/photos/view.ts';
import { photoVisibleTo } from '../../../lib/photos/visibility.ts';

export const getPhotoRoute = route(
  {
    route: 'GET /photos/{photoId}',
    summary: 'A photo with its renditions',
    admits: 'optional',
    path: photoPath,
    see: (caller, { photoId }) => photoVisibleTo(caller, photoId),
    query: z.object({ renditions: renditionsQuery }),
    answers: { 200: photoView },
  },
  async ({ caller, seen, query }) =>
    ok(await presentPhoto(caller?.userId, seen, query.renditions), headersOf(seen)),
);
