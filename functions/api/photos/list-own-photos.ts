import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { ownPhotos, statusFilter } from '../../../lib/photos/manage.ts';
import { photoView, presentPage, renditionsQuery } from '../../../lib/photos/view.ts';

export const listOwnPhotosRoute = route(
  {
    route: 'GET /me/photos',
    summary: 'The caller’s photos of every status, newest first',
    admits: 'signed-in',
    query: listQuery.extend({ status: statusFilter, renditions: renditionsQuery }),
    answers: { 200: listOf(photoView) },
  },
  async (call) =>
    page(call, (request) => ownPhotos(call.caller.userId, call.query.status, request)).then(
      presentPage(call.caller.userId, call.query.renditions),
    ),
);
