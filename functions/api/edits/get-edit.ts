import { editOf, editPath } from '../../../lib/edits/edit.ts';
import { editHeaders, editView, presentEdit } from '../../../lib/edits/view.ts';
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const getEditRoute = route(
  {
    route: 'GET /photos/{photoId}/edits/{editId}',
    summary: 'An edit with its renditions, for the photo’s owner',
    admits: 'signed-in',
    path: editPath,
    see: async (caller, { photoId, editId }) => ({
      photo: await photoToChange(caller, photoId),
      edit: await editOf(photoId, editId),
    }),
    answers: { 200: editView },
  },
  async ({ seen: { photo, edit } }) => ok(await presentEdit(photo, edit), editHeaders(edit)),
);
