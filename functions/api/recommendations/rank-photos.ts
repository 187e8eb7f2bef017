import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';
import { photosVisibleTo } from '../../../lib/photos/visibility.ts';
import { rankFor } from '../../../lib/serving/neighbours.ts';
import { presentRecommended, rankRequest, recommendationsView } from '../../../lib/serving/view.ts';

export const rankPhotosRoute = route(
  {
    route: 'POST /recommendations/rank',
    summary: 'Put photos into the order that suits the caller; those they may not see are left out',
    admits: 'signed-in',
    isRead: true,
    body: jsonBody(rankRequest),
    answers: { 200: recommendationsView },
  },
  async ({ caller, body }) => {
    const photos = await photosVisibleTo(caller, body.photoIds);
    return presentRecommended(caller.userId, await rankFor(caller.userId, photos), body.renditions);
  },
);
