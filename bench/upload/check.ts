import type { ActivityEvent } from '../../lib/activity/event.ts';
import type { Member, PhotoView } from '../../scripts/demo/member.ts';
import type { ReachedStack } from '../../test/support/stack.ts';
import { itemsIn, versionsIn } from '../crash/stored.ts';

/** What somebody's uploads were answered with. */
export interface HandedIn {
  readonly sender: Member;
  readonly ids: readonly string[];
}

interface Notice {
  readonly type: string;
  readonly photoId: string | null;
}

/**
 * Where photos are that were handed in: each must be once among its owner's photos and ready, once in the feeds of its
 * owner and of the guest who follows everybody, told once to each of them, announced once, and have one original
 * and the renditions that the table names, each in one version. What is otherwise, in sentences.
 */
export async function violationsOf(
  stack: ReachedStack,
  {
    guest,
    handedIn,
    announcements,
  }: {
    readonly guest: Member;
    readonly handedIn: readonly HandedIn[];
    readonly announcements: readonly ActivityEvent[];
  },
): Promise<string[]> {
  const all = handedIn.flatMap(({ ids }) => ids);
  const violations = [
    ...strays(all, await idsIn(guest, '/feed'), "in the guest's feed"),
    ...strays(all, await toldTo(guest, 'photo-shared'), "in the guest's inbox"),
    ...strays(all, ofOurs(all, announcements), 'announced as ready'),
    ...(await strayObjects(stack, all)),
  ];
  for (const { sender, ids } of handedIn) {
    const photos = await sender.all<PhotoView>('/me/photos');
    const ready = photos.filter(({ status }) => status === 'ready').map(({ id }) => id);
    violations.push(
      ...strays(ids, ready, `among the ready photos of ${sender.name}`),
      ...strays(ids, await idsIn(sender, '/feed'), `in the feed of ${sender.name}`),
      ...strays(ids, await toldTo(sender, 'photo-ready'), `in the inbox of ${sender.name}`),
    );
  }
  return violations;
}

/** Those that are not exactly once where each of them should be, and what is there besides. */
function strays(wanted: readonly string[], found: readonly string[], place: string): string[] {
  const times = new Map([...wanted, ...found].map((id) => [id, 0]));
  for (const id of found) times.set(id, (times.get(id) ?? 0) + 1);
  const expected = new Set(wanted);
  return [...times]
    .filter(([id, count]) => count !== (expected.has(id) ? 1 : 0))
    .map(([id, count]) => `photo ${id} is ${count} times ${place}${expected.has(id) ? '' : ', of nobody'}`);
}

async function idsIn(member: Member, path: string): Promise<string[]> {
  return (await member.all<PhotoView>(path)).map(({ id }) => id);
}

async function toldTo(member: Member, type: string): Promise<string[]> {
  const notices = await member.all<Notice>('/notifications');
  return notices.filter((notice) => notice.type === type).map(({ photoId }) => String(photoId));
}

function ofOurs(all: readonly string[], announcements: readonly ActivityEvent[]): string[] {
  const ours = new Set(all);
  return announcements.map(({ subject }) => subject.id).filter((id) => ours.has(id));
}

async function strayObjects(stack: ReachedStack, all: readonly string[]): Promise<string[]> {
  const stored = await versionsIn(stack);
  const items = new Map(
    (await itemsIn(stack)).filter(({ sk }) => sk === 'PHOTO').map((item) => [item.pk, item]),
  );
  return all.flatMap((id) => {
    const { originalKey = '', renditions = [] } = items.get(`PHOTO#${id}`) ?? {};
    const named = [originalKey, ...renditions.map(({ key }) => key)].sort().join();
    const there = (stored.get(id) ?? []).sort().join();
    if (renditions.length > 0 && there === named) return [];
    return [`photo ${id} names the objects ${named}, the bucket has ${there}`];
  });
}
