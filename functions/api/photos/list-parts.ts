import { listOf } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { partView } from '../../../lib/photos/parts.ts';
import { ownPhoto, photoPath } from '../../../lib/photos/photo.ts';
import { arrivedParts } from '../../../lib/photos/upload.ts';

export const listPartsRoute = route(
  {
    route: 'GET /photos/{photoId}/upload/parts',
    summary: 'The parts of the file that have arrived, all on one page',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => ownPhoto(caller, photoId),
    answers: { 200: listOf(partView) },
  },
  async ({ seen }) => {
    const parts = await arrivedParts(seen);
    return { items: parts.map(({ etag: _, ...part }) => part), nextCursor: null };
  },
);
