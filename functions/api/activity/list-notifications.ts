import { notificationView, readInbox } from '../../../lib/activity/inbox.ts';
import { listOf, listQuery, page } from '../../../lib/http/list.ts';
import { route } from '../../../lib/http/route.ts';

export const listNotificationsRoute = route(
  {
    route: 'GET /notifications',
    summary: 'What happened that concerns the caller, newest first',
    admits: 'signed-in',
    query: listQuery,
    answers: { 200: listOf(notificationView) },
  },
  async (call) => page(call, (request) => readInbox(call.caller.userId, request)),
);
