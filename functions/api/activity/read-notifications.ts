import { markRead, readRequest } from '../../../lib/activity/inbox.ts';
import { noContent } from '../../../lib/http/answer.ts';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';

export const readNotificationsRoute = route(
  {
    route: 'POST /notifications/read',
    summary: 'Mark notifications up to a time as read',
    admits: 'signed-in',
    body: jsonBody(readRequest),
    answers: { 204: undefined },
  },
  async ({ caller, body }) => {
    await markRead(caller.userId, body.upTo);
    return noContent();
  },
);
