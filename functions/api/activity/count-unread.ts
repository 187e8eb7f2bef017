import { countUnread, unreadView } from '../../../lib/activity/inbox.ts';
import { route } from '../../../lib/http/route.ts';

export const countUnreadRoute = route(
  {
    route: 'GET /notifications/unread-count',
    summary: 'How many notifications the caller has not read',
    admits: 'signed-in',
    answers: { 200: unreadView },
  },
  async ({ caller }) => ({ count: await countUnread(caller.userId) }),
);
