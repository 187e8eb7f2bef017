import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { headersOf, meView, presentMe } from '../../../lib/people/me.ts';
import { ensureUser } from '../../../lib/people/user.ts';

export const getMeRoute = route(
  {
    route: 'GET /me',
    summary: 'The caller, who from now on can be found by others',
    admits: 'signed-in',
    answers: { 200: meView },
  },
  async ({ caller }) => {
    const me = await ensureUser(caller);
    return ok(await presentMe(me), headersOf(me));
  },
);
