import { count } from '../observe.ts';
import { shardsOf } from '../table/keys.ts';
import { queryAll } from '../table/read.ts';
import { purgePhoto } from './manage.ts';
import { type Photo, toPhoto } from './photo.ts';
import { expire, retry } from './progress.ts';

/** Expires upload slots whose time is over and purges what has lain in the trash for its days. */
export async function settleOverdue(now = new Date()): Promise<{ expired: number; purged: number }> {
  const settled = { expired: 0, purged: 0 };
  for await (const photo of waiting('DUE', now)) {
    if (photo.trashedAt !== undefined) {
      await purgePhoto(photo);
      settled.purged += 1;
    } else if (await expire(photo, now)) {
      settled.expired += 1;
    }
  }
  count('SlotsExpired', settled.expired);
  count('PhotosPurged', settled.purged);
  return settled;
}

/** Puts every failed photo back to work; answers their ids. */
export async function retryFailed(now = new Date()): Promise<string[]> {
  const retried: string[] = [];
  for await (const photo of waiting('FAILED', now)) {
    if (await retry(photo, now)) retried.push(photo.id);
  }
  return retried;
}

async function* waiting(queue: 'DUE' | 'FAILED', now: Date): AsyncGenerator<Photo> {
  for (const shard of shardsOf(queue)) {
    for await (const item of queryAll('gsi2', shard, { range: { before: now.toISOString() } }))
      yield toPhoto(item);
  }
}
