import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { findPhotos } from '../photos/photo.ts';
import { visibleTo } from '../photos/visibility.ts';
import { Problem } from '../problem.ts';
import { attributionOf } from '../recommendations/attribution.ts';
import { EVENT_TYPES, type InteractionRecord, recordId, rounded, SURFACES } from './click.ts';
import { deliver } from './deliver.ts';
import { personHash, remember, sessionHash, type Taste, tasteOf } from './person.ts';

/** Events a request may bring; a client that was offline sends several. */
const MAX_EVENTS = 100;
/** How late an event may arrive and keep its time. */
const MAX_AGE_MS = 7 * 86_400_000;

/** A name that a client gives: enough for any UUID, ULID or counter, too little to smuggle anything. */
const nameSchema = z.string().regex(/^[\w-]{1,64}$/, 'Expected 1 to 64 letters, digits, _ or -');

const bare = z.strictObject({
  eventId: nameSchema.meta({ description: 'The same event sent twice counts once.' }),
  photoId: idSchema,
  at: z.iso.datetime({ offset: true }).meta({
    description: 'When it happened; at most 7 days ago, and not after now, or it is taken for that.',
  }),
  recommendationId: z
    .string()
    .refine((id) => attributionOf(id) !== undefined, 'Expected a recommendationId of an answer')
    .optional()
    .meta({ description: 'Of the answer that the photo was in.' }),
  position: z.number().int().min(0).max(499).optional(),
  surface: z.enum(SURFACES).optional(),
});

const valued = (type: 'rating' | 'dwell' | 'purchase', value: z.ZodNumber) =>
  bare.extend({ type: z.literal(type), value });

/** One event as a client sends it. */
export const eventSchema = z
  .discriminatedUnion('type', [
    bare.extend({ type: z.enum(EVENT_TYPES).exclude(['rating', 'dwell', 'purchase']) }),
    valued('rating', z.number().min(1).max(5)),
    valued('dwell', z.number().min(0).max(86_400).meta({ description: 'Seconds.' })),
    valued('purchase', z.number().min(0).max(1_000_000).meta({ description: 'The price.' })),
  ])
  .meta({ id: 'ClickEvent' });

type ClientEvent = z.infer<typeof eventSchema>;

export const eventsRequest = z.strictObject({
  sessionId: nameSchema.meta({ description: 'From one start of the client to the next.' }),
  events: z
    .array(z.unknown())
    .min(1)
    .max(MAX_EVENTS)
    .meta({ description: 'Each is looked at by itself: a wrong one keeps none of the others out.' }),
});

export const intakeView = z.object({
  accepted: z.number().int(),
  rejected: z.array(
    z.object({
      index: z.number().int(),
      code: z.enum(['invalid', 'not-found']),
      detail: z.string(),
    }),
  ),
});

export type Intake = z.infer<typeof intakeView>;

/**
 * Takes in what somebody's client says they did: what is valid, of photos they may see, is in the clickstream and
 * in their live profile once this returns. The person is who the token says. Where it throws, the same request is
 * to be sent again: no event counts twice.
 */
export async function takeIn(
  userId: string,
  { sessionId, events }: z.infer<typeof eventsRequest>,
  now = new Date(),
): Promise<Intake> {
  const taste = await tasteOf(userId, now);
  if (!taste) throw new Problem(401, 'unauthorized', 'The account is gone.');
  const parsed = events.map((event) => eventSchema.safeParse(event));
  const valid = parsed.flatMap((one) => (one.success ? [one.data] : []));
  const visible = await visibleAmong(userId, valid);
  const rejected = parsed.flatMap((one, index): Intake['rejected'] => {
    if (!one.success) return [{ index, code: 'invalid', detail: detailOf(one.error) }];
    if (visible.has(one.data.photoId)) return [];
    return [{ index, code: 'not-found', detail: 'There is no such photo, or you may not see it.' }];
  });
  const session = sessionHash(taste, sessionId);
  const person = personHash(taste, userId);
  const records = valid
    .filter(({ photoId }) => visible.has(photoId))
    .map((event) => toRecord(event, { person, session, now }));
  await takeInRecords(userId, taste, records, now);
  return { accepted: records.length, rejected };
}

/** The clickstream first: what the profile knows already is in it for certain, and is not delivered again. */
export async function takeInRecords(
  userId: string,
  taste: Taste,
  records: readonly InteractionRecord[],
  now: Date,
): Promise<void> {
  const known = new Set(taste.events.map(({ id }) => id));
  await deliver(records.filter(({ id }) => !known.has(id)));
  await remember(userId, taste, records, now);
}

async function visibleAmong(userId: string, events: readonly ClientEvent[]): Promise<Set<string>> {
  const photos = await findPhotos([...new Set(events.map(({ photoId }) => photoId))]);
  return new Set((await visibleTo(userId, photos)).map(({ id }) => id));
}

function toRecord(
  { eventId, at, ...event }: ClientEvent,
  { person, session, now }: { person: string; session: string; now: Date },
): InteractionRecord {
  const latest = now.getTime();
  return {
    kind: 'interaction',
    id: recordId(person, eventId),
    person,
    session,
    ...event,
    ...('value' in event && { value: rounded(event.value) }),
    at: Math.min(latest, Math.max(latest - MAX_AGE_MS, Date.parse(at))),
    receivedAt: latest,
  };
}

function detailOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join('/') ?? '';
  const detail = `${path === '' ? 'The event' : `/${path}`}: ${issue?.message ?? 'cannot be used'}`;
  // It may name fields as the client did, and where it is cut a letter of two units may be.
  return detail.slice(0, 200).toWellFormed();
}
