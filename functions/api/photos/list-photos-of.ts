import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { userNamed, userPath } from '../../../lib/people/user.ts';
import { photosOf } from '../../../lib/photos/manage.ts';
import { photoView, presentPage, renditionsQuery } from '../../../lib/photos/view.ts';

export const listPhotosOfRoute = route(
  {
    route: 'GET /users/{userId}/photos',
    summary: 'A person’s photos that the caller may see, newest first',
    admits: 'optional',
    path: userPath,
    see: (_caller, { userId }) => userNamed(userId),
    query: listQuery.extend({ renditions: renditionsQuery }),
    answers: { 200: listOf(photoView) },
  },
  async (call) =>
    page(call, (request) => photosOf(call.seen.id, call.caller?.userId, request)).then(
      presentPage(call.caller?.userId, call.query.renditions),
    ),
);
