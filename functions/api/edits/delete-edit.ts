import { editOf, editPath } from '../../../lib/edits/edit.ts';
import { deleteEdit } from '../../../lib/edits/manage.ts';
import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const deleteEditRoute = route(
  {
    route: 'DELETE /photos/{photoId}/edits/{editId}',
    summary: 'Delete an edit, or end it where it is still at work',
    admits: 'signed-in',
    path: editPath,
    see: async (caller, { photoId, editId }) => {
      await photoToChange(caller, photoId);
      return editOf(photoId, editId);
    },
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await deleteEdit(seen);
    return noContent();
  },
);
