import { area } from '../../../lib/http/area.ts';
import { countUnreadRoute } from './count-unread.ts';
import { getFeedRoute } from './get-feed.ts';
import { listNotificationsRoute } from './list-notifications.ts';
import { readNotificationsRoute } from './read-notifications.ts';

export const routes = [getFeedRoute, listNotificationsRoute, countUnreadRoute, readNotificationsRoute];

export const handler = area(routes);
