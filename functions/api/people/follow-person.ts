import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { follow } from '../../../lib/people/follow.ts';
import { ensureUser, userNamed, userPath } from '../../../lib/people/user.ts';

export const followPersonRoute = route(
  {
    route: 'PUT /users/{userId}/follow',
    summary: 'Follow a person',
    admits: 'signed-in',
    path: userPath,
    see: (_caller, { userId }) => userNamed(userId),
    answers: { 204: undefined },
  },
  async ({ caller, seen }) => {
    await ensureUser(caller);
    await follow(caller.userId, seen.id);
    return noContent();
  },
);
