import { createEdit, editRequest } from '../../../lib/edits/create.ts';
import { askedView, presentAsked, refreshAsked } from '../../../lib/edits/view.ts';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const createEditRoute = route(
  {
    route: 'POST /photos/{photoId}/edits',
    summary: 'Ask for an edit of a photo by a chain of filters',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    body: jsonBody(editRequest),
    answers: { 200: askedView, 202: askedView },
    refresh: refreshAsked,
  },
  async ({ seen, body }) => presentAsked(seen, await createEdit(seen, body.steps)),
);
