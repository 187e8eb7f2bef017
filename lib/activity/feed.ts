import type * as z from 'zod';
import { env } from '../env.ts';
import { followedAmong } from '../people/follow.ts';
import { photosOf } from '../photos/manage.ts';
import { findPhotos, type Photo } from '../photos/photo.ts';
import { visibleTo } from '../photos/visibility.ts';
import { keys } from '../table/keys.ts';
import { type Page, type PageRequest, query } from '../table/read.ts';
import { putMany } from '../table/write-many.ts';
import type { ActivityEvent } from './event.ts';
import { fanOut, type fanOutMessage, sharesPhoto } from './fan-out.ts';

/** Nobody scrolls back further; what is older is found with its owner. */
const KEPT_DAYS = 90;
/** How many of a person's latest photos a new follower finds in their feed. */
const BACKFILLED = 30;

/**
 * Brings one fact into the home feeds it concerns. An entry is only a pointer, keyed by feed and photo:
 * writing it twice is writing it once, and what may be seen is asked when the feed is read.
 */
export async function updateFeeds(message: z.infer<typeof fanOutMessage>): Promise<void> {
  if ('userIds' in message) return addToFeeds(message.userIds, [entryFor(message.event)]);
  if (message.type === 'follow.created') return backfill(message);
  if (!sharesPhoto(message)) return;
  await addToFeeds([message.subject.ownerId], [entryFor(message)]);
  await fanOut(env.FEED_QUEUE_URL, message);
}

/** A person's home feed, newest photo first: what they and the people they follow now have shared with them. */
export async function readFeed(userId: string, request: PageRequest): Promise<Page<Photo>> {
  const { items, next } = await query('table', keys.feedEntry(userId, '').pk, request, { newestFirst: true });
  const photos = await findPhotos(items.map(({ sk }) => String(sk)));
  const visible = await visibleTo(userId, photos);
  const followed = await followedAmong(
    userId,
    visible.map(({ ownerId }) => ownerId),
  );
  const wanted = visible.filter(
    ({ ownerId, status, trashedAt }) =>
      (ownerId === userId || followed.has(ownerId)) && status === 'ready' && trashedAt === undefined,
  );
  return { items: wanted, next };
}

async function backfill({ actor, subject }: ActivityEvent): Promise<void> {
  const { items } = await photosOf(subject.ownerId, actor.id, { limit: BACKFILLED });
  const entries = items.map(({ id, createdAt }) => ({
    photoId: id,
    ownerId: subject.ownerId,
    since: createdAt,
  }));
  await addToFeeds([actor.id], entries);
}

interface Entry {
  readonly photoId: string;
  readonly ownerId: string;
  readonly since: string;
}

function entryFor({ subject, time }: ActivityEvent): Entry {
  return { photoId: subject.id, ownerId: subject.ownerId, since: time };
}

function addToFeeds(userIds: readonly string[], entries: readonly Entry[]): Promise<void> {
  return putMany(
    userIds.flatMap((userId) =>
      entries.map(({ photoId, ownerId, since }) => ({
        ...keys.feedEntry(userId, photoId),
        entity: 'feed',
        photoId,
        ownerId,
        expiresAt: Math.floor(Date.parse(since) / 1_000) + KEPT_DAYS * 86_400,
      })),
    ),
  );
}
