import { type Member, memberOf } from '../../scripts/demo/member.ts';
import type { RunningStack } from '../../test/support/stack.ts';
import { ReadyPhotos } from './ready.ts';

/** One photo's way from the last byte of its upload, times in milliseconds. */
export interface Way {
  /** From S3's answer to the upload until `ready` is in the table. */
  readonly total: number;
  /** Of that, until a thumbnailer begins: notification, queue, poll, and the photos before it. */
  readonly waiting: number;
  /** Of that, in the thumbnailer. */
  readonly working: number;
}

export interface Latency {
  readonly ways: readonly Way[];
  /** What the thumbnailer's calls took, in milliseconds a photo, all calls of a service added up. */
  readonly callsMs: { readonly dynamodb: number; readonly s3: number };
}

/** Owners that were made before. */
let owners = 0;

/**
 * Hands in `count` photos straight to S3, so many at the same time, and the next so many once those are ready.
 * Where there are fewer files than photos, they come again from other people: a person's second copy of a file is a
 * duplicate.
 */
export async function measure(
  stack: RunningStack,
  files: readonly Buffer[],
  count: number,
  atATime: number,
): Promise<Latency> {
  const members: Member[] = [];
  while (members.length * files.length < count) {
    members.push(await memberOf(stack.place, `sender${owners++}`));
  }
  const ready = await ReadyPhotos.of(stack);
  const uploadedAt = new Map<string, number>();
  const upload = async (index: number) => {
    const member = members[Math.floor(index / files.length)] as Member;
    const { id } = await member.uploadPhoto(files[index % files.length] as Buffer, `${index}`);
    uploadedAt.set(id, performance.timeOrigin + performance.now());
  };
  const last = (await stack.record()).at(-1)?.seq ?? 0;
  for (let from = 0; from < count; from += atATime) {
    const wave = Array.from({ length: Math.min(atATime, count - from) }, (_, index) => upload(from + index));
    await Promise.all(wave);
    await ready.waitFor(uploadedAt.keys());
    // What follows from a photo that is ready must not slow the next one down.
    await stack.idle();
  }
  await ready.close();
  const ways = Array.from(uploadedAt, ([id, from]) => {
    const { at, ms } = ready.get(id);
    return { total: at - from, waiting: at - ms - from, working: ms };
  });
  const calls = (await stack.record(last)).filter(({ principal }) => isThumbnailer(principal));
  const spentOn = (service: string) =>
    calls.filter((call) => call.service === service).reduce((sum, { ms }) => sum + ms, 0) / count;
  return { ways, callsMs: { dynamodb: spentOn('dynamodb'), s3: spentOn('s3') } };
}

function isThumbnailer(principal: Awaited<ReturnType<RunningStack['record']>>[number]['principal']): boolean {
  return principal.kind === 'function' && principal.name.endsWith('-makeRenditions');
}
