import { area } from '../../../lib/http/area.ts';
import { getRecommendationsRoute } from './get-recommendations.ts';
import { getSimilarRoute } from './get-similar.ts';
import { rankPhotosRoute } from './rank-photos.ts';

export const routes = [getRecommendationsRoute, getSimilarRoute, rankPhotosRoute];

export const handler = area(routes);
