import { route } from '../../../lib/http/route.ts';
import { ensureUser, personView, toPerson } from '../../../lib/people/user.ts';

export const getMeRoute = route(
  {
    route: 'GET /me',
    summary: 'The caller, who from now on can be found by others',
    admits: 'signed-in',
    answers: { 200: personView },
  },
  async ({ caller }) => toPerson(await ensureUser(caller)),
);
