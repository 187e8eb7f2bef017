import { area } from '../../../lib/http/area.ts';
import { followPersonRoute } from './follow-person.ts';
import { getMeRoute } from './get-me.ts';
import { getPersonRoute } from './get-person.ts';
import { patchMeRoute } from './patch-me.ts';
import { unfollowPersonRoute } from './unfollow-person.ts';

export const routes = [getMeRoute, patchMeRoute, getPersonRoute, followPersonRoute, unfollowPersonRoute];

export const handler = area(routes);
