import * as z from 'zod';
import { route } from '../../../lib/http/route.ts';
import { renditionsQuery } from '../../../lib/photos/view.ts';
import { recommendTo } from '../../../lib/serving/ladder.ts';
import { limitQuery, presentRecommended, recommendationsView } from '../../../lib/serving/view.ts';

export const getRecommendationsRoute = route(
  {
    route: 'GET /recommendations',
    summary: 'Photos that the caller will like, the best first; what they look at changes the next answer',
    admits: 'signed-in',
    query: z.object({ limit: limitQuery, renditions: renditionsQuery }),
    answers: { 200: recommendationsView },
  },
  async ({ caller, query }) =>
    presentRecommended(caller.userId, await recommendTo(caller.userId, query.limit), query.renditions),
);
