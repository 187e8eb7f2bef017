import { editsOf } from '../../../lib/edits/manage.ts';
import { editView, presentEdit } from '../../../lib/edits/view.ts';
import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const listEditsRoute = route(
  {
    route: 'GET /photos/{photoId}/edits',
    summary: 'A photo’s edits, newest first, for its owner',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    query: listQuery,
    answers: { 200: listOf(editView) },
  },
  async (call) => {
    const { items, nextCursor } = await page(call, (request) => editsOf(call.seen.id, request));
    return { items: await Promise.all(items.map((edit) => presentEdit(call.seen, edit))), nextCursor };
  },
);
