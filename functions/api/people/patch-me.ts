import { ok } from '../../../lib/http/answer.ts';
import { mergePatch } from '../../../lib/http/body.ts';
import { ifMatch } from '../../../lib/http/if-match.ts';
import { route } from '../../../lib/http/route.ts';
import { editMe, headersOf, mePatch, meView, presentMe } from '../../../lib/people/me.ts';
import { ensureUser } from '../../../lib/people/user.ts';

export const patchMeRoute = route(
  {
    route: 'PATCH /me',
    summary: 'Choose how exactly the places of photos are kept',
    admits: 'signed-in',
    headers: ifMatch,
    body: mergePatch(mePatch),
    answers: { 200: meView },
  },
  async ({ caller, headers, body }) => {
    const me = await editMe(await ensureUser(caller), body, headers['if-match']);
    return ok(await presentMe(me), headersOf(me));
  },
);
