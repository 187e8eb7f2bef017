import * as z from 'zod';
import { route } from '../../../lib/http/route.ts';
import { photoPath } from '../../../lib/photos/photo.ts';
import { renditionsQuery } from '../../../lib/photos/view.ts';
import { photoVisibleTo } from '../../../lib/photos/visibility.ts';
import { similarTo } from '../../../lib/serving/neighbours.ts';
import { limitQuery, presentRecommended, recommendationsView } from '../../../lib/serving/view.ts';

export const getSimilarRoute = route(
  {
    route: 'GET /photos/{photoId}/similar',
    summary: 'Photos like this one, the most alike first',
    admits: 'optional',
    path: photoPath,
    see: (caller, { photoId }) => photoVisibleTo(caller, photoId),
    query: z.object({ limit: limitQuery, renditions: renditionsQuery }),
    answers: { 200: recommendationsView },
  },
  async ({ caller, seen, query }) =>
    presentRecommended(caller?.userId, await similarTo(caller?.userId, seen, query.limit), query.renditions),
);
