import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { trashedPhotos } from '../../../lib/photos/manage.ts';
import { photoView, presentPage, renditionsQuery } from '../../../lib/photos/view.ts';

export const listTrashRoute = route(
  {
    route: 'GET /me/trash',
    summary: 'What lies in the caller’s trash',
    admits: 'signed-in',
    query: listQuery.extend({ renditions: renditionsQuery }),
    answers: { 200: listOf(photoView) },
  },
  async (call) =>
    page(call, (request) => trashedPhotos(call.caller.userId, request)).then(
      presentPage(call.caller.userId, call.query.renditions),
    ),
);
