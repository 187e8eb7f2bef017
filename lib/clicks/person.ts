import { createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { backOff } from '../aws/back-off.ts';
import { eventWeight } from '../recommendations/interactions.ts';
import { PROFILE_LENGTH, type Profile } from '../recommendations/profile.ts';
import { absent, is } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get } from '../table/read.ts';
import { ConditionFailed, put, update } from '../table/write.ts';

/** Photos that somebody dismissed stay away longer than their other doings are remembered. */
const DISMISSED_LENGTH = 200;
/** Times that a profile is written which others write at the same time. */
const ATTEMPTS = 10;

const eventItem = z.object({
  id: z.string(),
  photoId: z.string(),
  type: z.string(),
  at: z.number(),
  value: z.number().optional(),
});

export type RememberedEvent = z.infer<typeof eventItem>;

/** What recommendations know of a person, as the table keeps it. */
const tasteItem = z.object({
  /** What the clickstream knows the person by is a hash with it; without it nobody can tell whose that was. */
  key: z.string(),
  version: z.number().int(),
  /** The newest first. */
  events: z.array(eventItem),
  dismissed: z.array(z.string()),
  destroyedAt: z.string().optional(),
});

export type Taste = z.infer<typeof tasteItem>;

/** The person's taste, made with a new key where there is none; undefined for somebody who was forgotten. */
export async function tasteOf(userId: string, now = new Date()): Promise<Taste | undefined> {
  const known = await findTaste(userId);
  if (known) return living(known);
  const taste = { key: randomBytes(32).toString('base64url'), events: [], dismissed: [] };
  try {
    await put({ ...keys.taste(userId), entity: 'taste', ...taste }, absent(), now);
    return { ...taste, version: 1 };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return living(tasteItem.parse(error.item));
  }
}

/** The person's taste if there is one; also one that was destroyed. */
export async function findTaste(userId: string): Promise<Taste | undefined> {
  const item = await get(keys.taste(userId));
  return item && tasteItem.parse(item);
}

function living(taste: Taste): Taste | undefined {
  return taste.destroyedAt === undefined ? taste : undefined;
}

/** What the clickstream knows a person by: 128 bits of an HMAC under their own key. */
export function personHash({ key }: Pick<Taste, 'key'>, userId: string): string {
  return keyed(key, `person\n${userId}`);
}

/** The same for one of their sessions. */
export function sessionHash({ key }: Pick<Taste, 'key'>, sessionId: string): string {
  return keyed(key, `session\n${sessionId}`);
}

function keyed(key: string, text: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest('base64url').slice(0, 22);
}

/**
 * Adds what somebody did to their live profile: an event with a known id changes nothing, what says nothing of
 * taste is left out, and the newest hundred stay. One write, which is done again where another came between;
 * none for somebody who was forgotten meanwhile.
 *
 * @param taste as it was read; the one that is written is read again only after a conflict
 */
export async function remember(
  userId: string,
  taste: Taste,
  events: readonly RememberedEvent[],
  now = new Date(),
): Promise<void> {
  let known: Taste | undefined = taste;
  for (let attempt = 1; known; attempt += 1) {
    const next: Taste = withEvents(known, events);
    if (next === known) return;
    const { events: newest, dismissed } = next;
    try {
      await update(keys.taste(userId), { events: newest, dismissed }, is('version', known.version), now);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || !error.item || attempt === ATTEMPTS) throw error;
      known = living(tasteItem.parse(error.item));
      await backOff(attempt);
    }
  }
}

/** The taste with these events in it; the very same taste where they add nothing. */
export function withEvents(taste: Taste, events: readonly RememberedEvent[]): Taste {
  const known = new Set(taste.events.map(({ id }) => id));
  const added = events
    .filter(({ id, type, value }) => !known.has(id) && (type === 'unlike' || eventWeight(type, value) !== 0))
    // Records of the clickstream come with more, which the profile must not know.
    .map(({ id, photoId, type, at, value }) => ({
      ...{ id, photoId, type, at },
      ...(value !== undefined && { value }),
    }));
  if (added.length === 0) return taste;
  const dismissed = added
    .filter(({ type, value }) => eventWeight(type, value) < 0)
    .map(({ photoId }) => photoId);
  const all = [...new Map([...taste.events, ...added].map((event) => [event.id, event])).values()];
  return {
    ...taste,
    events: all.sort((a, b) => b.at - a.at).slice(0, PROFILE_LENGTH),
    dismissed: [...new Set([...dismissed.reverse(), ...taste.dismissed])].slice(0, DISMISSED_LENGTH),
  };
}

/** The taste as the model reads it: a like that was taken back is none. */
export function profileOf({ events }: Pick<Taste, 'events'>): Profile {
  const unliked = new Map<string, number>();
  for (const { type, photoId, at } of events) {
    if (type === 'unlike') unliked.set(photoId, Math.max(at, unliked.get(photoId) ?? 0));
  }
  return events
    .filter(({ type, photoId, at }) => type !== 'like' || at > (unliked.get(photoId) ?? -1))
    .map(({ photoId, type, at, value }) => ({ photoId, type, at, ...(value !== undefined && { value }) }));
}
