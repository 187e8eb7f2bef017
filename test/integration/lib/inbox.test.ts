import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityEvent } from '../../../lib/activity/event.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/activity/inbox.ts')),
    ...(await import('../../../lib/people/follow.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

/** A second that begins an hour ago: what is older than 90 days expires. */
const second = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000);
const at = (ms: number) => new Date(second.getTime() + ms).toISOString();

async function aReadyPhoto(ownerName = 'ana') {
  const owner = aCallerNamed(ownerName);
  const { photo } = await lib.createPhoto(owner, aDeclaration());
  await lib.finish(photo, {});
  return { owner, photo };
}

/** Tells `userId` that the photo was shared, at that time. */
function shared(photo: { id: string; ownerId: string }, userId: string, time: string) {
  const event: ActivityEvent = {
    id: `photo/${photo.id}/2`,
    type: 'photo.ready',
    version: 2,
    time,
    correlationId: 'correlation-1',
    actor: { id: photo.ownerId },
    subject: { kind: 'photo', id: photo.id, ownerId: photo.ownerId },
    data: { status: 'ready', visibility: 'public', inTrash: false },
  };
  return lib.updateInboxes({ event, userIds: [userId] });
}

describe('unread notifications', () => {
  it('are counted for somebody who has never read any', async () => {
    const { photo } = await aReadyPhoto();
    const ben = aCallerNamed('ben').userId;
    await shared(photo, ben, at(0));
    expect(await lib.countUnread(ben)).toBe(1);
  });

  it('are those after the time that was read, to the millisecond', async () => {
    const ben = aCallerNamed('ben').userId;
    for (const time of [at(0), at(1), at(1_000)]) {
      await shared((await aReadyPhoto()).photo, ben, time);
    }
    await lib.markRead(ben, at(0).replace('.000Z', 'Z'));
    expect(await lib.countUnread(ben)).toBe(2);
    const { items } = await lib.readInbox(ben, { limit: 10 });
    expect(items.map((item) => [item.at, item.read])).toEqual([
      [at(1_000), false],
      [at(1), false],
      [at(0), true],
    ]);
  });

  it('do not become fewer by reading up to an earlier time', async () => {
    const ben = aCallerNamed('ben').userId;
    await shared((await aReadyPhoto()).photo, ben, at(0));
    await lib.markRead(ben, at(0));
    await lib.markRead(ben, at(-1));
    expect(await lib.countUnread(ben)).toBe(0);
  });

  it('come after a time in the future was named: it means now', async () => {
    const ben = aCallerNamed('ben').userId;
    await lib.markRead(ben, '9999-12-31T23:59:59Z', second);
    await shared((await aReadyPhoto()).photo, ben, at(1));
    expect(await lib.countUnread(ben)).toBe(1);
  });

  it('do not count what the list keeps back: the photo has been hidden', async () => {
    const { photo } = await aReadyPhoto();
    const ben = aCallerNamed('ben').userId;
    await shared(photo, ben, at(0));
    expect(await lib.countUnread(ben)).toBe(1);
    await lib.editPhoto(photo, { visibility: 'private' }, undefined);
    expect((await lib.readInbox(ben, { limit: 10 })).items).toEqual([]);
    expect(await lib.countUnread(ben)).toBe(0);
  });

  it('count on beyond the newest hundred where some of these are kept back', async () => {
    const ben = aCallerNamed('ben').userId;
    const { photo: hidden } = await aReadyPhoto();
    for (let place = 0; place < 102; place++) await shared((await aReadyPhoto()).photo, ben, at(place));
    await shared(hidden, ben, at(200));
    expect(await lib.countUnread(ben)).toBe(100);
    await lib.editPhoto(hidden, { visibility: 'private' }, undefined);
    expect(await lib.countUnread(ben)).toBe(100);
    await lib.markRead(ben, at(3));
    expect(await lib.countUnread(ben)).toBe(98);
  });
});
