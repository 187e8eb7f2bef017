import { shardOf } from '../ids.ts';

/** The primary key of an item. */
export type Key = {
  readonly pk: string;
  readonly sk: string;
};

/** The key as one text, for maps and sets. */
export function nameOf({ pk, sk }: Key): string {
  return `${pk}\n${sk}`;
}

/** Where an item stands in `gsi1`, the index of collections. */
export type InCollection = {
  readonly gsi1pk: string;
  readonly gsi1sk: string;
};

/** Where an item stands in `gsi2`, the index of what somebody must act on later. */
export type Due = {
  readonly gsi2pk: string;
  readonly gsi2sk: string;
};

/** An index partition takes 1 000 writes a second; eight of them outlast any upload rate a Lambda account has. */
export const DUE_SHARDS = 8;

/** As many as the newest photos of all are spread over. */
export const RECENT_SHARDS = 4;

export const keys = {
  photo: (photoId: string): Key => ({ pk: `PHOTO#${photoId}`, sk: 'PHOTO' }),
  edit: (photoId: string, editId: string): Key => ({ pk: `PHOTO#${photoId}`, sk: `EDIT#${editId}` }),
  recipe: (photoId: string, recipe: string): Key => ({ pk: `PHOTO#${photoId}`, sk: `RECIPE#${recipe}` }),
  batch: (batchId: string): Key => ({ pk: `BATCH#${batchId}`, sk: 'BATCH' }),
  batchPage: (batchId: string, page: number): Key => ({
    pk: `BATCH#${batchId}`,
    sk: `PAGE#${String(page).padStart(3, '0')}`,
  }),
  hash: (ownerId: string, sha256: string): Key => ({ pk: `USER#${ownerId}`, sk: `HASH#${sha256}` }),
  user: (userId: string): Key => ({ pk: `USER#${userId}`, sk: 'PROFILE' }),
  handle: (handle: string): Key => ({ pk: `HANDLE#${handle}`, sk: 'HANDLE' }),
  follow: (followerId: string, followeeId: string): Key => ({
    pk: `USER#${followerId}`,
    sk: `FOLLOWS#${followeeId}`,
  }),
  taste: (userId: string): Key => ({ pk: `USER#${userId}`, sk: 'TASTE' }),
  lastList: (userId: string, surface: string): Key => ({ pk: `USER#${userId}`, sk: `LAST#${surface}` }),
  storage: (userId: string): Key => ({ pk: `USER#${userId}`, sk: 'STORAGE' }),
  budget: (userId: string, day: string): Key => ({ pk: `USER#${userId}`, sk: `BUDGET#${day}` }),
  coarsening: (userId: string): Key => ({ pk: `USER#${userId}`, sk: 'COARSENING' }),
  like: (userId: string, photoId: string): Key => ({ pk: `USER#${userId}`, sk: `LIKES#${photoId}` }),
  /** A partition of its own for each: it takes a thousand writes a second. */
  counter: (photoId: string, name: string, shard: number): Key => ({
    pk: `COUNT#${photoId}#${shard}`,
    sk: name,
  }),
  recent: (photoId: string): Key => ({
    pk: collections.recent(shardOf(photoId, RECENT_SHARDS)),
    sk: photoId,
  }),
  trending: (): Key => ({ pk: 'TRENDING', sk: 'TRENDING' }),
  feedEntry: (userId: string, photoId: string): Key => ({ pk: `FEED#${userId}`, sk: photoId }),
  notification: (userId: string, type: string, subjectId: string): Key => ({
    pk: `INBOX#${userId}`,
    sk: `${type}#${subjectId}`,
  }),
  inboxState: (userId: string): Key => ({ pk: `USER#${userId}`, sk: 'INBOX' }),
  idempotency: (userId: string, route: string, key: string): Key => ({
    pk: `IDEMPOTENCY#${userId}`,
    sk: `${route}#${key}`,
  }),
};

export const collections = {
  photosOf: (ownerId: string) => `OWNER#${ownerId}`,
  trashOf: (ownerId: string) => `TRASH#${ownerId}`,
  followersOf: (userId: string) => `FOLLOWERS#${userId}`,
  recent: (shard: number) => `RECENT#${shard}`,
  likersOf: (photoId: string) => `LIKERS#${photoId}`,
  inboxOf: (userId: string) => `INBOX#${userId}`,
};

/** Work that must be done at a time: slots that expire, work that is given up, what is purged or swept away. */
export function dueAt(time: string, id: string): Due {
  return { gsi2pk: `DUE#${shardOf(id, DUE_SHARDS)}`, gsi2sk: `${time}#${id}` };
}

/** The attributes that take an item out of `gsi2`. */
export const NOT_DUE = { gsi2pk: undefined, gsi2sk: undefined } as const;

/** Photos that failed for our own fault and wait for an operator. */
export function failedAt(time: string, photoId: string): Due {
  return { gsi2pk: `FAILED#${shardOf(photoId, DUE_SHARDS)}`, gsi2sk: `${time}#${photoId}` };
}

export function shardsOf(queue: 'DUE' | 'FAILED'): string[] {
  return Array.from({ length: DUE_SHARDS }, (_, shard) => `${queue}#${shard}`);
}
