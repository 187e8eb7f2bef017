import { showUnedited } from '../../../lib/edits/manage.ts';
import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { photoToChange } from '../../../lib/photos/visibility.ts';

export const showUneditedRoute = route(
  {
    route: 'DELETE /photos/{photoId}/current-edit',
    summary: 'Show the photo as it came',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => photoToChange(caller, photoId),
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await showUnedited(seen);
    return noContent();
  },
);
