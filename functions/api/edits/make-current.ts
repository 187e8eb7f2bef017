import * as z from 'zod';
import { editOf } from '../../../lib/edits/edit.ts';
import { makeCurrent } from '../../../lib/edits/manage.ts';
import { ok } from '../../../lib/http/answer.ts';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';
import { idSchema } from '../../../lib/ids.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { headersOf, photoView, presentPhoto } from '../../../lib/photos/view.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const makeCurrentRoute = route(
  {
    route: 'PUT /photos/{photoId}/current-edit',
    summary: 'Show the photo by one of its edits, to everybody',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    body: jsonBody(z.strictObject({ editId: idSchema })),
    answers: { 200: photoView },
  },
  async ({ caller, seen, body }) => {
    const photo = await makeCurrent(seen, await editOf(seen.id, body.editId));
    return ok(await presentPhoto(caller.userId, photo), headersOf(photo));
  },
);
