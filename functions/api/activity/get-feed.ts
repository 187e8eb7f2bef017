import { readFeed } from '../../../lib/activity/feed.ts';
import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';
import { photoView, presentPage, renditionsQuery } from '../../../lib/photos/view.ts';

export const getFeedRoute = route(
  {
    route: 'GET /feed',
    summary: 'Photos of the caller and the people they follow, newest first',
    admits: 'signed-in',
    query: listQuery.extend({ renditions: renditionsQuery }),
    answers: { 200: listOf(photoView) },
  },
  async (call) =>
    page(call, (request) => readFeed(call.caller.userId, request)).then(
      presentPage(call.caller.userId, call.query.renditions),
    ),
);
