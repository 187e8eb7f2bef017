import { ok } from '../../../lib/http/answer.ts';
import { mergePatch } from '../../../lib/http/body.ts';
import { ifMatch } from '../../../lib/http/if-match.ts';
import { route } from '../../../lib/http/route.ts';
import { editPhoto, photoPatch } from '../../../lib/photos/manage.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { headersOf, photoView, presentPhoto } from '../../../lib/photos/view.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const patchPhotoRoute = route(
  {
    route: 'PATCH /photos/{photoId}',
    summary: 'Change caption, tags, visibility or how exactly its place is kept',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    headers: ifMatch,
    body: mergePatch(photoPatch),
    answers: { 200: photoView },
  },
  async ({ caller, seen, headers, body }) => {
    const photo = await editPhoto(seen, body, headers['if-match']);
    return ok(await presentPhoto(caller.userId, photo), headersOf(photo));
  },
);
