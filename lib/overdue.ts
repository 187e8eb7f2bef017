import { toBatch } from './batches/batch.ts';
import { settleBatch } from './batches/progress.ts';
import { toEdit } from './edits/edit.ts';
import { settleEdit } from './edits/overdue.ts';
import { count, logger } from './observe.ts';
import { coarsenPage, toCoarsening } from './photos/coarsen.ts';
import { settlePhoto } from './photos/overdue.ts';
import { toPhoto } from './photos/photo.ts';
import { retry } from './photos/progress.ts';
import { shardsOf } from './table/keys.ts';
import { type Item, queryAll } from './table/read.ts';

/** What a round does to each kind of item that is due, and how it is counted. */
const SETTLERS = {
  photo: (item: Item, now: Date) => settlePhoto(toPhoto(item), now),
  edit: (item: Item, now: Date) => settleEdit(toEdit(item), now),
  batch: (item: Item, now: Date) => settleBatch(toBatch(item), now),
  coarsening: (item: Item, now: Date) => coarsenPage(toCoarsening(item), now),
} as const;

type Outcome = Exclude<Awaited<ReturnType<(typeof SETTLERS)[keyof typeof SETTLERS]>>, undefined>;

/** What one round has done; `left` could not be settled and stays for the next. */
type Settled = Readonly<Record<Outcome | 'left', number>>;

/**
 * Ends whatever did not end by itself, and deletes what was kept for a time. May run any number of times and
 * side by side: each item's condition is its own.
 */
export async function settleOverdue(now = new Date()): Promise<Settled> {
  const done: Record<Outcome, number> = {
    slotsExpired: 0,
    filesFound: 0,
    photosGivenUp: 0,
    photosPurged: 0,
    renditionsRemoved: 0,
    editsTimedOut: 0,
    editsSwept: 0,
    batchesGivenUp: 0,
    pagesCoarsened: 0,
  };
  const left = await eachWaiting('DUE', now, async (item) => {
    const outcome = await SETTLERS[item.entity as keyof typeof SETTLERS](item, now);
    if (outcome) done[outcome] += 1;
  });
  for (const [name, times] of Object.entries(done)) count(`${name[0]?.toUpperCase()}${name.slice(1)}`, times);
  count('Unsettled', left);
  return { ...done, left };
}

/** Puts every failed photo back to work; answers their ids. */
export async function retryFailed(now = new Date()): Promise<string[]> {
  const retried: string[] = [];
  await eachWaiting('FAILED', now, async (item) => {
    const photo = toPhoto(item);
    if (await retry(photo, now)) retried.push(photo.id);
  });
  return retried;
}

/** Acts on each item that waits, and answers for how many that failed: one must not keep the others waiting. */
async function eachWaiting(
  queue: 'DUE' | 'FAILED',
  now: Date,
  act: (item: Item) => Promise<void>,
): Promise<number> {
  let left = 0;
  const actOn = async (item: Item) => {
    try {
      await act(item);
    } catch (error) {
      left += 1;
      logger.error('unsettled', { entity: item.entity, id: item.id, error });
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
