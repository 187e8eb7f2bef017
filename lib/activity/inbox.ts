import * as z from 'zod';
import { failureSchema } from '../edits/edit.ts';
import { env } from '../env.ts';
import { idSchema, userIdSchema } from '../ids.ts';
import { peopleById, personView } from '../people/user.ts';
import { findPhotos, rejectionSchema } from '../photos/photo.ts';
import { visibleTo } from '../photos/visibility.ts';
import { absent, anyOf, before } from '../table/condition.ts';
import { collections, keys } from '../table/keys.ts';
import { get, type Item, type Page, type PageRequest, query } from '../table/read.ts';
import { put, unlessRefused, update } from '../table/write.ts';
import type { ActivityEvent } from './event.ts';
import { fanOut, type fanOutMessage, sharesPhoto } from './fan-out.ts';

export const NOTIFICATION_TYPES = [
  'photo-ready',
  'photo-rejected',
  'photo-failed',
  'photo-shared',
  'follower-new',
  'edit-done',
  'edit-failed',
  'batch-done',
  'batch-failed',
] as const;

type NotificationType = (typeof NOTIFICATION_TYPES)[number];

const notificationItem = z.object({
  userId: userIdSchema,
  type: z.enum(NOTIFICATION_TYPES),
  subjectId: z.string(),
  /** Whose doing it was; `actorId` says which part of the system wrote the item. */
  fromId: z.string(),
  at: z.string(),
  rejection: rejectionSchema.optional(),
  /** The photo of an edit. */
  photoId: idSchema.optional(),
  failure: failureSchema.optional(),
});

type StoredNotification = z.infer<typeof notificationItem>;

/** A notification as the API shows it. */
export const notificationView = z
  .object({
    id: z.string(),
    type: z.enum(NOTIFICATION_TYPES),
    at: z.iso.datetime(),
    read: z.boolean(),
    actor: personView.nullable().meta({ description: 'Null where it was nobody, as when a photo failed.' }),
    photoId: idSchema.nullable(),
    editId: idSchema.optional(),
    batchId: idSchema.optional(),
    rejection: rejectionSchema.optional(),
    failure: failureSchema.optional(),
  })
  .meta({ id: 'Notification' });

export const unreadView = z.object({
  count: z.number().int().max(100).meta({ description: 'Counted up to 100.' }),
});

export const readRequest = z.strictObject({
  upTo: z.iso.datetime().meta({ description: 'The `at` of the newest notification that was read.' }),
});

const EDIT_NOTIFICATIONS: Partial<Record<ActivityEvent['type'], NotificationType>> = {
  'edit.done': 'edit-done',
  'edit.failed': 'edit-failed',
  'batch.done': 'batch-done',
  'batch.failed': 'batch-failed',
};

const KEPT_DAYS = 90;
/** Conditional writes under way at once; one after another, 500 would take seconds. */
const WRITES_AT_ONCE = 25;
/** The count beyond which clients show "99+". */
const COUNTED_UP_TO = 100;
/** Somebody who hid hundreds of photos must not make each count read the whole inbox. */
const COUNTED_PAGES = 5;

/** Tells the people whom one fact concerns, each once: the key of a notification is what it tells. */
export async function updateInboxes(message: z.infer<typeof fanOutMessage>): Promise<void> {
  if ('userIds' in message) return tell(message.userIds, 'photo-shared', message.event);
  const { type, subject } = message;
  if (type === 'follow.created') return tell([subject.ownerId], 'follower-new', message);
  if (type === 'photo.rejected') return tell([subject.ownerId], 'photo-rejected', message);
  if (type === 'photo.failed') return tell([subject.ownerId], 'photo-failed', message);
  const about = EDIT_NOTIFICATIONS[type];
  // The owner of a batch hears of the whole.
  if (about && message.data.batchId === undefined) return tell([subject.ownerId], about, message);
  if (type === 'photo.ready') await tell([subject.ownerId], 'photo-ready', message);
  if (sharesPhoto(message)) await fanOut(env.INBOX_QUEUE_URL, message);
}

async function tell(userIds: readonly string[], type: NotificationType, event: ActivityEvent): Promise<void> {
  for (let from = 0; from < userIds.length; from += WRITES_AT_ONCE) {
    await Promise.all(
      userIds.slice(from, from + WRITES_AT_ONCE).map((userId) => tellOne(userId, type, event)),
    );
  }
}

async function tellOne(userId: string, type: NotificationType, event: ActivityEvent): Promise<void> {
  const { subject, actor, time, data } = event;
  const subjectId = type === 'follower-new' ? actor.id : subject.id;
  const notification = {
    ...{ userId, type, subjectId, at: time },
    fromId: type === 'photo-shared' ? subject.ownerId : actor.id,
    ...(type === 'photo-rejected' && { rejection: data.rejection }),
    ...(subject.kind === 'edit' && { photoId: data.photoId, failure: data.failure }),
  };
  const expiresAt = Math.floor(Date.parse(time) / 1_000) + KEPT_DAYS * 86_400;
  const place = { gsi1pk: collections.inboxOf(userId), gsi1sk: `${time}#${type}#${subjectId}` };
  const item = { ...keys.notification(userId, type, subjectId), ...place, ...notification, expiresAt };
  await unlessRefused(put({ ...item, entity: 'notification' }, absent()));
}

/** A person's notifications, newest first; those about photos that they may no longer see are left out. */
export async function readInbox(userId: string, request: PageRequest) {
  const readUpTo = await readUpToOf(userId);
  const { items, next } = await query('gsi1', collections.inboxOf(userId), request, { newestFirst: true });
  const visible = await visibleOf(userId, items);
  const people = await peopleById(visible.map(({ fromId }) => fromId).filter(isUserId));
  const views = visible.map((notification) => {
    const { type, subjectId, fromId, at, rejection, failure } = notification;
    return {
      id: `${type}:${subjectId}`,
      type,
      at,
      read: at <= readUpTo,
      actor: people.get(fromId) ?? null,
      photoId: photoIdOf(notification) ?? null,
      ...(type.startsWith('edit-') && { editId: subjectId }),
      ...(type.startsWith('batch-') && { batchId: subjectId }),
      ...(rejection && { rejection }),
      ...(failure && { failure }),
    };
  });
  return { items: views, next } satisfies Page<z.infer<typeof notificationView>>;
}

/**
 * How many notifications have not been read, those left out of the list not counted: 100 at most, and none
 * beyond the newest 500.
 */
export async function countUnread(userId: string): Promise<number> {
  const readUpTo = await readUpToOf(userId);
  let unread = 0;
  let from: string | undefined;
  for (let page = 0; page < COUNTED_PAGES && unread < COUNTED_UP_TO; page++) {
    const { items, next } = await query(
      'gsi1',
      collections.inboxOf(userId),
      { limit: COUNTED_UP_TO, from },
      // A tilde comes after everything that may follow the time in a sort key.
      { newestFirst: true, ...(readUpTo !== '' && { range: { after: `${readUpTo}~` } }) },
    );
    unread += (await visibleOf(userId, items)).length;
    if (next === undefined) break;
    from = next;
  }
  return Math.min(unread, COUNTED_UP_TO);
}

/**
 * Marks everything up to a time as read; an earlier time than before changes nothing, and nobody has read what
 * is yet to come.
 */
export async function markRead(userId: string, upTo: string, now = new Date()): Promise<void> {
  const readUpTo = new Date(Math.min(Date.parse(upTo), now.getTime())).toISOString();
  const state = { entity: 'inbox', readUpTo };
  const isLater = anyOf(absent(), before('readUpTo', readUpTo));
  await unlessRefused(update(keys.inboxState(userId), state, isLater));
}

async function readUpToOf(userId: string): Promise<string> {
  const state: Item | undefined = await get(keys.inboxState(userId));
  return typeof state?.readUpTo === 'string' ? state.readUpTo : '';
}

/** The notifications without those about photos that their reader may no longer see. */
async function visibleOf(userId: string, items: readonly Item[]) {
  const notifications = items.map((item) => notificationItem.parse(item));
  const photoIds = notifications.map(photoIdOf).filter((id) => id !== undefined);
  const photos = await visibleTo(userId, await findPhotos(photoIds));
  const seen = new Set(photos.map(({ id }) => id));
  return notifications.filter((notification) => {
    const photoId = photoIdOf(notification);
    return photoId === undefined || seen.has(photoId);
  });
}

/** The photo that a notification is about, if any. */
function photoIdOf({ type, subjectId, photoId }: StoredNotification): string | undefined {
  return type.startsWith('photo-') ? subjectId : photoId;
}

function isUserId(id: string): boolean {
  return userIdSchema.safeParse(id).success;
}
