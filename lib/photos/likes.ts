import { shardOf } from '../ids.ts';
import { notFound } from '../problem.ts';
import { absent, present } from '../table/condition.ts';
import { collections, keys } from '../table/keys.ts';
import { getMany, queryAll } from '../table/read.ts';
import { ConditionFailed, remove, transact, unlessRefused } from '../table/write.ts';
import type { Photo } from './photo.ts';

/** Items that the likes of a photo are counted in; each takes some hundred a second. */
const COUNTER_SHARDS = 4;
const SHARDS = Array.from({ length: COUNTER_SHARDS }, (_, shard) => shard);

/** Likes a photo; liking twice changes nothing. 404 where it is deleted at that moment. */
export async function like(userId: string, { id, ownerId }: Photo, now = new Date()): Promise<void> {
  const createdAt = now.toISOString();
  const position = { gsi1pk: collections.likersOf(id), gsi1sk: userId };
  const edge = { ...keys.like(userId, id), ...position, entity: 'like', userId, photoId: id, ownerId };
  try {
    await transact(
      [
        { put: { ...edge, createdAt }, when: absent() },
        counting(userId, id, 1),
        { check: keys.photo(id), when: present() },
      ],
      now,
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index !== 0) throw notFound('photo');
  }
}

/** Takes a like back; not having liked the photo is fine. */
export async function unlike(userId: string, photoId: string, now = new Date()): Promise<void> {
  const edge = { delete: keys.like(userId, photoId), when: present() };
  await unlessRefused(transact([edge, counting(userId, photoId, -1)], now));
}

/** A like and its end are counted in the same place. */
function counting(userId: string, photoId: string, by: 1 | -1) {
  const shard = shardOf(userId, COUNTER_SHARDS);
  return {
    update: keys.counter(photoId, 'likes', shard),
    set: { entity: 'counter' },
    add: { total: by },
    isAnonymous: true,
  } as const;
}

/** How many like each photo, and whether the viewer does. */
export async function likesOf(
  viewerId: string | undefined,
  photoIds: readonly string[],
): Promise<Map<string, { count: number; liked: boolean }>> {
  const wanted = photoIds.map((id) => [
    ...SHARDS.map((shard) => keys.counter(id, 'likes', shard)),
    ...(viewerId === undefined ? [] : [keys.like(viewerId, id)]),
  ]);
  const found = await getMany(wanted.flat());
  const each = wanted[0]?.length ?? 0;
  return new Map(
    photoIds.map((id, index) => {
      const items = found.slice(index * each, (index + 1) * each);
      const totals = items.slice(0, COUNTER_SHARDS).map((item) => Number(item?.total ?? 0));
      const count = totals.reduce((sum, total) => sum + total, 0);
      return [id, { count, liked: items[COUNTER_SHARDS] !== undefined }];
    }),
  );
}

/** Removes the likes of a photo that is gone, and what they were counted in. */
export async function removeLikesOf(photoId: string): Promise<void> {
  for await (const { userId } of queryAll('gsi1', collections.likersOf(photoId))) {
    await remove(keys.like(String(userId), photoId));
  }
  await Promise.all(SHARDS.map((shard) => remove(keys.counter(photoId, 'likes', shard))));
}
