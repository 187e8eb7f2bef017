import * as z from 'zod';
import { seal, unseal } from '../http/seal.ts';
import { userIdSchema } from '../ids.ts';
import { Problem } from '../problem.ts';
import { eventsRequest } from './intake.ts';

/** A page that is left open overnight can still say what was looked at when it closes. */
const LIFETIME_MS = 12 * 3_600_000;
const PURPOSE = 'events ticket';

const content = z.object({ userId: userIdSchema, expiresAt: z.iso.datetime() });

export const ticketView = z.object({ ticket: z.string(), expiresAt: z.iso.datetime() });

/** What a page sends when it goes: a beacon has no headers, so that the ticket stands in the body. */
export const beaconRequest = eventsRequest.extend({
  ticket: z.string().max(512).meta({ description: 'As POST /events/tickets gave it.' }),
});

/** Lets whoever holds it say what this person did, and nothing else. */
export async function issueTicket(userId: string, now = new Date()): Promise<z.infer<typeof ticketView>> {
  const expiresAt = new Date(now.getTime() + LIFETIME_MS).toISOString();
  return { ticket: await seal(JSON.stringify({ userId, expiresAt }), PURPOSE), expiresAt };
}

/** Whose ticket it is. 401 for one that is none of ours, or has expired. */
export async function holderOf(ticket: string, now = new Date()): Promise<string> {
  const text = await unseal(ticket, PURPOSE);
  const held = text === undefined ? undefined : content.parse(JSON.parse(text));
  if (held && new Date(held.expiresAt) > now) return held.userId;
  throw new Problem(401, 'ticket-invalid', 'The ticket is not valid, or has expired; get another one.');
}
