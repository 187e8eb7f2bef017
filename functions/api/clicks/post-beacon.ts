import { intakeView, takeIn } from '../../../lib/clicks/intake.ts';
import { beaconRequest, holderOf } from '../../../lib/clicks/ticket.ts';
import { taken } from '../../../lib/http/answer.ts';
import { beaconBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';

export const postBeaconRoute = route(
  {
    route: 'POST /events/beacon',
    summary: 'The same as POST /events, with a ticket in place of a token',
    admits: 'public',
    body: beaconBody(beaconRequest),
    answers: { 202: intakeView },
  },
  async ({ body: { ticket, ...request } }) => taken(await takeIn(await holderOf(ticket), request)),
);
