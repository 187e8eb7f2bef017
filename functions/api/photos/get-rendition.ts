import { redirect } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { renditionNamed } from '../../../lib/photos/media-url.ts';
import { renditionPath } from '../../../lib/photos/photo.ts';
import { photoVisibleTo } from '../../../lib/photos/visibility.ts';

export const getRenditionRoute = route(
  {
    route: 'GET /photos/{photoId}/renditions/{name}',
    summary: 'One rendition, by a redirect to a signed URL',
    admits: 'optional',
    path: renditionPath,
    see: (caller, { photoId }) => photoVisibleTo(caller, photoId),
    answers: { 302: undefined },
  },
  async ({ seen, path }) => redirect(await renditionNamed(seen, path.name)),
);
