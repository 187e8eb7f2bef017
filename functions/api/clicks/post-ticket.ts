import { issueTicket, ticketView } from '../../../lib/clicks/ticket.ts';
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';

export const postTicketRoute = route(
  {
    route: 'POST /events/tickets',
    summary: 'A ticket with which a page may send events as it closes',
    admits: 'signed-in',
    answers: { 200: ticketView },
    refresh: async (_first, caller) => ok(await issueTicket(caller.userId)),
  },
  async ({ caller }) => issueTicket(caller.userId),
);
