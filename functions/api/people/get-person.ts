import { route } from '../../../lib/http/route.ts';
import { viewerOf } from '../../../lib/people/follow.ts';
import { profileView, toPerson, userNamed, userPath } from '../../../lib/people/user.ts';

export const getPersonRoute = route(
  {
    route: 'GET /users/{userId}',
    summary: 'A person, and how the caller stands to them',
    admits: 'optional',
    path: userPath,
    see: (_caller, { userId }) => userNamed(userId),
    answers: { 200: profileView },
  },
  async ({ caller, seen }) => ({ ...toPerson(seen), viewer: await viewerOf(caller, seen.id) }),
);
