import { expect } from 'vitest';
import type * as z from 'zod';
import type { notificationView } from '../../../lib/activity/inbox.ts';
import type { Client, Person } from './person.ts';
import type { Listed, PhotoView } from './photos.ts';

export type Notification = z.infer<typeof notificationView>;

/** A person's notifications, newest first. */
export async function inboxOf(person: Person): Promise<Notification[]> {
  const { status, body } = await person.get<Listed<Notification>>('/notifications?limit=100');
  expect(status).toBe(200);
  return body.items;
}

/** What the inbox tells of a photo: the types of its notifications, newest first. */
export async function toldOf(person: Person, photoId: string): Promise<string[]> {
  const notifications = await inboxOf(person);
  return notifications.filter((each) => each.photoId === photoId).map(({ type }) => type);
}

export async function unreadOf(person: Person): Promise<number> {
  const { status, body } = await person.get<{ count: number }>('/notifications/unread-count');
  expect(status).toBe(200);
  return body.count;
}

/** The photos of a list, in its order. */
export async function idsIn(viewer: Client, path: string): Promise<string[]> {
  const { body } = await viewer.get<Partial<Listed<PhotoView>>>(path);
  return (body.items ?? []).map(({ id }) => id);
}

/** Where somebody meets a photo, place by place, with a blank between. Nobody in particular has no feed or inbox. */
export async function placesOf(viewer: Client, { id, owner }: PhotoView): Promise<string> {
  const statusOf = async (path: string) => (await viewer.get(path)).status;
  const shown = {
    photo: (await statusOf(`/photos/${id}`)) === 200,
    rendition: (await statusOf(`/photos/${id}/renditions/small`)) === 302,
    list: (await idsIn(viewer, `/users/${owner.id}/photos`)).includes(id),
    feed: (await idsIn(viewer, '/feed')).includes(id),
    inbox: (await notificationsAbout(viewer, id)).length > 0,
  };
  return Object.keys(shown)
    .filter((place) => shown[place as keyof typeof shown])
    .join(' ');
}

async function notificationsAbout(viewer: Client, id: string): Promise<Notification[]> {
  const { body } = await viewer.get<Partial<Listed<Notification>>>('/notifications');
  return (body.items ?? []).filter(({ photoId }) => photoId === id);
}
