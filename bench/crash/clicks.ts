import type { Intake } from '../../lib/clicks/intake.ts';
import type { Random } from '../../offline/random.ts';
import type { Actor, Heard } from './actor.ts';
import type { Lot, Reported } from './ledger.ts';
import type { World } from './world.ts';

/** Events a client reports in one go. */
const MOST_EVENTS = 30;

const TYPES = [
  ...['impression', 'impression', 'view', 'click', 'like', 'comment', 'share', 'download', 'dismiss'],
  ...['dwell', 'purchase', 'rating'],
];
const VALUES: Readonly<Record<string, number>> = { dwell: 90, purchase: 10, rating: 5 };
const SURFACES = ['home', 'similar', 'ranked', 'other'];

/** Reports what somebody looked at, at times twice, as a client does that has missed the answer. */
export async function report(actor: Actor, world: World): Promise<void> {
  const lot = aLot(actor, world, 'request');
  if (!lot) return;
  const chance = world.random.next();
  if (chance < 0.15) await Promise.all([handOver(lot), handOver(lot)]);
  else await handOver(lot);
  if (chance > 0.8) await handOver(lot);
}

/** Reports what somebody looked at as their page goes. */
export async function beacon(actor: Actor, world: World): Promise<void> {
  const lot = aLot(actor, world, 'beacon');
  if (lot) await handOver(lot);
}

/** Sends a lot, again if it was sent before, and notes what is known of each of its events. */
export async function handOver(lot: Lot): Promise<void> {
  const heard = await (lot.way === 'beacon' ? byBeacon(lot) : byRequest(lot));
  if (heard === 'never sent') return;
  if (!heard) {
    for (const { reported } of lot.entries) if (reported?.fate === 'refused') reported.fate = 'perhaps';
    return;
  }
  const { accepted, rejected } = intakeOf(heard);
  const codes = new Map(rejected.map(({ index, code }) => [index, code]));
  for (const [index, { reported }] of lot.entries.entries()) {
    const expected = reported === undefined ? ['invalid'] : [undefined, 'not-found'];
    if (!expected.includes(codes.get(index))) {
      throw new Error(`Event ${index} was answered with ${codes.get(index)}: ${JSON.stringify(lot.entries)}`);
    }
    if (reported && !codes.has(index)) reported.fate = 'accepted';
  }
  if (accepted + codes.size !== lot.entries.length) {
    throw new Error(`Of ${lot.entries.length} events ${accepted} were accepted and ${codes.size} rejected.`);
  }
  lot.answered = true;
}

function byRequest({ by, sessionId, entries }: Lot): Promise<Heard> {
  const events = entries.map(({ event }) => event);
  return by.ask('POST', '/events', { body: JSON.stringify({ sessionId, events }) });
}

async function byBeacon({ by, sessionId, entries }: Lot): Promise<Heard | 'never sent'> {
  const given = await by.ask('POST', '/events/tickets');
  if (!given) return 'never sent';
  const { ticket } = given.body as { ticket: string };
  const events = entries.map(({ event }) => event);
  const body = JSON.stringify({ ticket, sessionId, events });
  return by.ask('POST', '/events/beacon', { body, contentType: 'text/plain;charset=UTF-8' });
}

function intakeOf({ status, body }: NonNullable<Heard>): Intake {
  if (status !== 202) throw new Error(`Events were refused: ${status} ${JSON.stringify(body)}`);
  return body as Intake;
}

/** Undefined where there is no photo yet that anybody could look at. */
function aLot(by: Actor, { ledger, random }: World, way: Lot['way']): Lot | undefined {
  const ids = ledger.photos.flatMap(({ id, stored }) => (id !== undefined && stored ? id : []));
  if (ids.length === 0) return undefined;
  const entries: { event: object; reported?: Reported }[] = [];
  for (let count = 1 + random.integer(MOST_EVENTS); count > 0; count -= 1) {
    const event = anEvent(random, ids[random.integer(ids.length)] as string);
    entries.push({ event, reported: { by, event, fate: 'refused' } });
  }
  const any = () => random.integer(entries.length);
  if (random.next() < 0.3) entries.push(entries[any()] as (typeof entries)[number]);
  if (random.next() < 0.3) entries.splice(any(), 0, { event: { ...entries[any()]?.event, type: 'dance' } });
  const lot = { by, way, sessionId: random.hex(8), entries, answered: false };
  ledger.lots.push(lot);
  return lot;
}

function anEvent(random: Random, photoId: string): Reported['event'] {
  const type = TYPES[random.integer(TYPES.length)] as string;
  return {
    eventId: random.hex(16),
    type,
    photoId,
    at: new Date(Date.now() - random.integer(3_600_000)).toISOString(),
    ...(VALUES[type] !== undefined && { value: VALUES[type] }),
    surface: SURFACES[random.integer(SURFACES.length)] as string,
    position: random.integer(20),
  };
}
