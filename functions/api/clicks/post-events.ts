import { eventsRequest, intakeView, takeIn } from '../../../lib/clicks/intake.ts';
import { taken } from '../../../lib/http/answer.ts';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';

export const postEventsRoute = route(
  {
    route: 'POST /events',
    summary: 'Say what the caller looked at, liked or dismissed; the next recommendations know of it',
    admits: 'signed-in',
    body: jsonBody(eventsRequest),
    answers: { 202: intakeView },
  },
  async ({ caller, body }) => taken(await takeIn(caller.userId, body)),
);
