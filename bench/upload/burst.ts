import { randomBytes } from 'node:crypto';
import { type Member, memberOf } from '../../scripts/demo/member.ts';
import type { ReachedStack } from '../../test/support/stack.ts';
import { queuesThatHold } from '../crash/stored.ts';
import { listenTo } from './announced.ts';
import { type HandedIn, violationsOf } from './check.ts';
import { ReadyPhotos } from './ready.ts';

export interface Burst {
  readonly senders: number;
  /** When the first request was made, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** From the first request until the last file had been taken, and until everything had been done about it; in ms. */
  readonly handedInMs: number;
  readonly doneMs: number;
  /** Every broken promise, in a sentence. */
  readonly violations: readonly string[];
}

/** How many photos of a person may wait for their files (lib/photos/storage.ts): nobody announces more at once. */
const PHOTOS_A_PERSON = 100;
const FEWEST_SENDERS = 4;
/** Connections that a browser opens to one server. */
const UPLOADS_AT_ONCE = 6;

/**
 * Hands in all files, each another, straight to S3 and as fast as they are taken, by several people whom a guest
 * follows; waits until everything that follows has been done, and looks whether each photo is everywhere where it
 * should be, once.
 *
 * @param stack one that logs at level INFO
 * @throws Error where a file is refused, or no photo becomes ready for two minutes
 */
export async function burst(stack: ReachedStack, files: readonly Buffer[]): Promise<Burst> {
  const count = Math.max(FEWEST_SENDERS, Math.ceil(files.length / PHOTOS_A_PERSON));
  const name = `burst.${randomBytes(4).toString('hex')}`;
  const guest = await memberOf(stack.place, `guest.${name}`);
  const senders: Member[] = [];
  for (let index = 0; index < count; index++) {
    const sender = await memberOf(stack.place, `sender${index}.${name}`);
    await guest.follow(sender);
    senders.push(sender);
  }
  await stack.idle();
  const held = await queuesThatHold(stack);
  const announced = await listenTo(stack, 'photo.ready');
  const ready = await ReadyPhotos.of(stack);

  const startedAt = performance.now();
  const shares = senders.map((_, index) => files.filter((_, at) => at % count === index));
  const handedIn = await Promise.all(
    senders.map(async (sender, index) => ({ sender, ids: await handInAll(sender, shares[index] ?? []) })),
  );
  const handedInMs = performance.now() - startedAt;
  await ready.waitFor(handedIn.flatMap(({ ids }) => ids));
  await stack.idle();
  const doneMs = performance.now() - startedAt;
  await ready.close();

  const announcements = await announced();
  const left = (await queuesThatHold(stack)).filter((line) => !held.includes(line));
  const violations = await violationsOf(stack, { guest, handedIn, announcements });
  return { senders: count, startedAt, handedInMs, doneMs, violations: [...violations, ...left] };
}

async function handInAll(sender: Member, files: readonly Buffer[]): Promise<HandedIn['ids']> {
  const ids: string[] = [];
  const waiting = [...files.entries()];
  const connection = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, bytes] = next;
      ids.push((await sender.uploadPhoto(bytes, `Photo ${index}`)).id);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, connection));
  return ids;
}
