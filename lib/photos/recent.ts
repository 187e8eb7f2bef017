import * as z from 'zod';
import { collections, keys, RECENT_SHARDS } from '../table/keys.ts';
import { query } from '../table/read.ts';
import { put, remove } from '../table/write.ts';
import type { Photo } from './photo.ts';

/** How long a photo counts as new. */
const RECENT_DAYS = 30;
/** No more of one owner come before those of others, or whoever uploads hundreds crowds out everybody else's. */
const MOST_OF_AN_OWNER = 10;

const recentItem = z.object({
  sk: z.string(),
  ownerId: z.string(),
  tags: z.array(z.string()),
  createdAt: z.string(),
});

export interface RecentPhoto {
  readonly photoId: string;
  readonly ownerId: string;
  readonly tags: readonly string[];
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Whether a photo is one to recommend to people at all; who may see it is asked when it is shown. */
export function recommendable({ status, trashedAt, visibility }: Photo): boolean {
  return status === 'ready' && trashedAt === undefined && visibility !== 'private';
}

/** Puts a photo among the new ones of all, if it is public; a pointer that visibility is asked behind. */
export async function showAsRecent({ id, ...photo }: Photo, now: Date): Promise<void> {
  const ends = Date.parse(photo.createdAt) + RECENT_DAYS * 86_400_000;
  if (photo.visibility !== 'public' || ends <= now.getTime()) return forgetRecent(id);
  const { ownerId, tags, createdAt } = photo;
  const expiresAt = Math.floor(ends / 1_000);
  await put({ ...keys.recent(id), entity: 'recent', ownerId, tags, createdAt, expiresAt }, undefined, now);
}

export async function forgetRecent(photoId: string): Promise<void> {
  await remove(keys.recent(photoId));
}

/**
 * The newest public photos of all, newest first, `count` at most. What an owner has beyond ten comes after what others
 * have, as far as that is among the newest four times `count`.
 */
export async function recentPhotos(count: number): Promise<RecentPhoto[]> {
  const shards = await Promise.all(
    Array.from({ length: RECENT_SHARDS }, (_, shard) =>
      query('table', collections.recent(shard), { limit: count }, { newestFirst: true }),
    ),
  );
  const newest = shards
    .flatMap(({ items }) => items.map((item) => recentItem.parse(item)))
    .sort((a, b) => (a.sk < b.sk ? 1 : -1))
    .map(({ sk, ...rest }) => ({ photoId: sk, ...rest }));
  const counts = new Map<string, number>();
  const isWithin = ({ ownerId }: RecentPhoto) => {
    const own = (counts.get(ownerId) ?? 0) + 1;
    counts.set(ownerId, own);
    return own <= MOST_OF_AN_OWNER;
  };
  const parts = Map.groupBy(newest, isWithin);
  return [...(parts.get(true) ?? []), ...(parts.get(false) ?? [])].slice(0, count);
}
