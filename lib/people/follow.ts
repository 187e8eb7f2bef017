import * as z from 'zod';
import { userIdSchema } from '../ids.ts';
import { invalidField } from '../problem.ts';
import { absent } from '../table/condition.ts';
import { collections, keys } from '../table/keys.ts';
import { getMany, type Page, type PageRequest, query } from '../table/read.ts';
import { put, remove, unlessRefused } from '../table/write.ts';

const followItem = z.object({ followerId: userIdSchema, followeeId: userIdSchema, createdAt: z.string() });

/** Follows a person; following twice changes nothing. 422 for oneself. */
export async function follow(followerId: string, followeeId: string, now = new Date()): Promise<void> {
  if (followerId === followeeId)
    throw invalidField('/userId', 'Expected another person; you cannot follow yourself.');
  const edge = { followerId, followeeId, createdAt: now.toISOString() };
  const position = { gsi1pk: collections.followersOf(followeeId), gsi1sk: followerId };
  const item = { ...keys.follow(followerId, followeeId), ...position, entity: 'follow', ...edge };
  await unlessRefused(put(item, absent(), now));
}

/** Stops following; not following anyway is fine. */
export async function unfollow(followerId: string, followeeId: string): Promise<void> {
  await remove(keys.follow(followerId, followeeId));
}

/** Which of these people `followerId` follows. */
export async function followedAmong(followerId: string, userIds: readonly string[]): Promise<Set<string>> {
  const distinct = [...new Set(userIds)].filter((userId) => userId !== followerId);
  const edges = await getMany(distinct.map((userId) => keys.follow(followerId, userId)));
  return new Set(distinct.filter((_, index) => edges[index] !== undefined));
}

/** How a viewer stands to a person; nobody in particular stands in no relation. */
export async function viewerOf(viewer: { readonly userId: string } | undefined, userId: string) {
  if (!viewer) return { following: false, followsMe: false };
  const [following, followsMe] = await getMany([
    keys.follow(viewer.userId, userId),
    keys.follow(userId, viewer.userId),
  ]);
  return { following: following !== undefined, followsMe: followsMe !== undefined };
}

/** The ids of a person's followers, a page at a time. */
export async function followersOf(userId: string, request: PageRequest): Promise<Page<string>> {
  const { items, next } = await query('gsi1', collections.followersOf(userId), request);
  return { items: items.map((item) => followItem.parse(item).followerId), next };
}
