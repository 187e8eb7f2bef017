import { count, logger } from '../observe.ts';
import { shardsOf } from '../table/keys.ts';
import { type Item, queryAll } from '../table/read.ts';
import { purgeOverdue } from './manage.ts';
import { type Photo, toPhoto } from './photo.ts';
import { expire, giveUp, retry } from './progress.ts';

/** What one round has done; `left` could not be settled and stays for the next. */
interface Settled {
  readonly expired: number;
  readonly failed: number;
  readonly purged: number;
  readonly left: number;
}

/**
 * Expires upload slots whose time is over, gives up work that does not end, and purges what has lain in the
 * trash for its days. May run any number of times and side by side: each photo's condition is its own.
 */
export async function settleOverdue(now = new Date()): Promise<Settled> {
  const done = { expired: 0, failed: 0, purged: 0 };
  const left = await eachWaiting('DUE', now, async (photo) => {
    const outcome = await settle(photo, now);
    if (outcome) done[outcome] += 1;
  });
  count('SlotsExpired', done.expired);
  count('PhotosGivenUp', done.failed);
  count('PhotosPurged', done.purged);
  count('PhotosUnsettled', left);
  return { ...done, left };
}

async function settle(photo: Photo, now: Date): Promise<'expired' | 'failed' | 'purged' | undefined> {
  if (photo.trashedAt !== undefined) return (await purgeOverdue(photo, now)) ? 'purged' : undefined;
  if (photo.status === 'uploading') return (await expire(photo, now)) && 'expired';
  if (photo.status === 'processing') return (await giveUp(photo, now)) && 'failed';
  return undefined;
}

/** Puts every failed photo back to work; answers their ids. */
export async function retryFailed(now = new Date()): Promise<string[]> {
  const retried: string[] = [];
  await eachWaiting('FAILED', now, async (photo) => {
    if (await retry(photo, now)) retried.push(photo.id);
  });
  return retried;
}

/** Acts on each photo that waits, and answers for how many that failed: one must not keep the others waiting. */
async function eachWaiting(
  queue: 'DUE' | 'FAILED',
  now: Date,
  act: (photo: Photo) => Promise<void>,
): Promise<number> {
  let left = 0;
  const actOn = async (item: Item) => {
    try {
      await act(toPhoto(item));
    } catch (error) {
      left += 1;
      logger.error('unsettled', { photoId: item.id, error });
    }
  };
  const range = { before: now.toISOString() };
  await Promise.all(
    shardsOf(queue).map(async (shard) => {
      for await (const item of queryAll('gsi2', shard, { range })) await actOn(item);
    }),
  );
  return left;
}
