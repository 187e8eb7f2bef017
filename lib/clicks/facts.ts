import type { ActivityEvent } from '../activity/event.ts';
import { findPhoto } from '../photos/photo.ts';
import { forgetRecent, recommendable, showAsRecent } from '../photos/recent.ts';
import { type InteractionRecord, recordId } from './click.ts';
import { deliver } from './deliver.ts';
import { takeInRecords } from './intake.ts';
import { personHash, sessionHash, type Taste, tasteOf } from './person.ts';

/** What happens in the table by itself counts as one session of each person's. */
const SESSION = 'table';

/**
 * Tells the clickstream one fact: a like or its end, who began to follow whom, or what there is to recommend. What
 * concerns somebody who was forgotten is left out. The same fact told twice is one, by its id.
 */
export async function recordFact(event: ActivityEvent, now = new Date()): Promise<void> {
  switch (event.type) {
    case 'like.created':
      return recordInteraction(event, 'like', now);
    case 'like.deleted':
      return recordInteraction(event, 'unlike', now);
    case 'follow.created':
      return recordFollow(event, now);
    default:
      return recordPhoto(event, now);
  }
}

async function recordInteraction(
  event: ActivityEvent,
  type: InteractionRecord['type'],
  now: Date,
): Promise<void> {
  const { id: userId } = event.actor;
  const taste = await tasteOf(userId, now);
  if (taste) await takeInRecords(userId, taste, [interaction(event, taste, userId, type, now)], now);
}

function interaction(
  { id, subject, time }: ActivityEvent,
  taste: Taste,
  userId: string,
  type: InteractionRecord['type'],
  now: Date,
): InteractionRecord {
  const person = personHash(taste, userId);
  return {
    kind: 'interaction',
    id: recordId(person, `${id}/${type}`),
    person,
    session: sessionHash(taste, SESSION),
    type,
    photoId: subject.id,
    at: Date.parse(time),
    receivedAt: now.getTime(),
  };
}

async function recordFollow({ id, actor, subject, time }: ActivityEvent, now: Date): Promise<void> {
  const [follower, followee] = await Promise.all([tasteOf(actor.id, now), tasteOf(subject.id, now)]);
  if (!follower || !followee) return;
  const person = personHash(follower, actor.id);
  const times = { at: Date.parse(time), receivedAt: now.getTime() };
  const owner = personHash(followee, subject.id);
  await deliver([{ kind: 'follow', id: recordId(person, id), person, owner, ...times }]);
}

/** A photo as it is now, which may be newer than the fact: its version tells. */
async function recordPhoto(event: ActivityEvent, now: Date): Promise<void> {
  const { id: photoId, ownerId } = event.subject;
  const [photo, taste] = await Promise.all([findPhoto(photoId), tasteOf(ownerId, now)]);
  const gone = !photo || !recommendable(photo);
  await (gone ? forgetRecent(photoId) : showAsRecent(photo, now));
  const version = photo?.version ?? event.version;
  const owner = taste && personHash(taste, ownerId);
  await deliver([
    {
      kind: 'photo',
      id: recordId(photoId, `${version}`),
      photoId,
      ...(owner !== undefined && { owner }),
      tags: gone ? [] : photo.tags,
      createdAt: photo ? Date.parse(photo.createdAt) : 0,
      version,
      gone,
      receivedAt: now.getTime(),
    },
    ...(taste && event.type === 'photo.ready' ? [interaction(event, taste, ownerId, 'upload', now)] : []),
  ]);
}
