import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { unfollow } from '../../../lib/people/follow.ts';
import { userPath } from '../../../lib/people/user.ts';

export const unfollowPersonRoute = route(
  {
    route: 'DELETE /users/{userId}/follow',
    summary: 'Stop following a person',
    admits: 'signed-in',
    path: userPath,
    answers: { 204: undefined },
  },
  async ({ caller, path }) => {
    await unfollow(caller.userId, path.userId);
    return noContent();
  },
);
