import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, PageRequest } from '../../../lib/table/read.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/activity/feed.ts')),
    ...(await import('../../../lib/activity/inbox.ts')),
    ...(await import('../../../lib/http/list.ts')),
    ...(await import('../../../lib/people/follow.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

/** A list that grows: `add` puts another entry into it, and answers how the list names it. */
interface Growing {
  add(): Promise<string>;
  read(request: PageRequest): Promise<Page<string>>;
}

const ids = async <Entry extends { id: string }>(reading: Promise<Page<Entry>>): Promise<Page<string>> => {
  const { items, next } = await reading;
  return { items: items.map(({ id }) => id), next };
};

async function aReadyPhoto(owner = aCallerNamed('ana')) {
  const { photo } = await lib.createPhoto(owner, aDeclaration());
  await lib.finish(photo, {});
  return photo;
}

async function tell(userId: string, ownerId: string, photoId: string): Promise<void> {
  const event = {
    id: `photo/${photoId}/2`,
    type: 'photo.ready' as const,
    version: 2,
    time: new Date().toISOString(),
    correlationId: 'correlation-1',
    actor: { id: ownerId },
    subject: { kind: 'photo' as const, id: photoId, ownerId },
    data: { status: 'ready', visibility: 'public', inTrash: false },
  };
  await Promise.all([
    lib.updateFeeds({ event, userIds: [userId] }),
    lib.updateInboxes({ event, userIds: [userId] }),
  ]);
}

const LISTS: Record<string, () => Growing> = {
  'the caller’s own photos': () => {
    const owner = aCallerNamed('ana');
    return {
      add: async () => (await lib.createPhoto(owner, aDeclaration())).photo.id,
      read: (request) => ids(lib.ownPhotos(owner.userId, undefined, request)),
    };
  },
  'a person’s photos': () => {
    const owner = aCallerNamed('ana');
    return {
      add: async () => (await aReadyPhoto(owner)).id,
      read: (request) => ids(lib.photosOf(owner.userId, undefined, request)),
    };
  },
  'the trash': () => {
    const owner = aCallerNamed('ana');
    return {
      add: async () => {
        const { photo } = await lib.createPhoto(owner, aDeclaration());
        await lib.trashPhoto(photo);
        return photo.id;
      },
      read: (request) => ids(lib.trashedPhotos(owner.userId, request)),
    };
  },
  'the home feed': () => {
    const owner = aCallerNamed('ana');
    const fan = randomUUID();
    return {
      add: async () => {
        await lib.follow(fan, owner.userId);
        const photo = await aReadyPhoto(owner);
        await tell(fan, owner.userId, photo.id);
        return photo.id;
      },
      read: (request) => ids(lib.readFeed(fan, request)),
    };
  },
  'the inbox': () => {
    const owner = aCallerNamed('ana');
    const fan = randomUUID();
    return {
      add: async () => {
        const photo = await aReadyPhoto(owner);
        await tell(fan, owner.userId, photo.id);
        return `photo-shared:${photo.id}`;
      },
      read: (request) => ids(lib.readInbox(fan, request)),
    };
  },
  followers: () => {
    const followee = randomUUID();
    return {
      add: async () => {
        const follower = randomUUID();
        await lib.follow(follower, followee);
        return follower;
      },
      read: (request) => lib.followersOf(followee, request),
    };
  },
};

describe.each(Object.entries(LISTS))('pages of %s', (_name, aList) => {
  it('hold everything that was there exactly once, and nothing twice that comes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(9),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(2), { maxLength: 6 }),
        async (there, limit, arrivals) => {
          const list = aList();
          const before: string[] = [];
          for (let n = 0; n < there; n++) before.push(await list.add());
          const seen: string[] = [];
          const meanwhile: string[] = [];
          let cursor: string | null | undefined;
          for (let turn = 0; cursor !== null; turn++) {
            const query = { limit, ...(cursor && { cursor }) };
            const read: Awaited<ReturnType<typeof lib.page<string>>> = await lib.page(
              { query, listing: 'list' },
              (request) => list.read(request),
            );
            expect(read.items.length).toBeLessThanOrEqual(limit);
            seen.push(...read.items);
            cursor = read.nextCursor;
            for (let n = 0; n < (arrivals[turn] ?? 0); n++) meanwhile.push(await list.add());
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => before.includes(id)).toSorted()).toEqual(before.toSorted());
          for (const id of seen) expect([...before, ...meanwhile]).toContain(id);
        },
      ),
      { numRuns: 6 },
    );
  });
});

it('a cursor of one list opens no other', async () => {
  const list = LISTS['the caller’s own photos']?.() as Growing;
  for (let n = 0; n < 3; n++) await list.add();
  const read = (request: PageRequest) => list.read(request);
  const { nextCursor } = await lib.page({ query: { limit: 1 }, listing: 'mine' }, read);
  const query = { limit: 1, cursor: String(nextCursor) };
  await expect(lib.page({ query, listing: 'yours' }, read)).rejects.toMatchObject({
    status: 400,
    code: 'cursor-invalid',
  });
});
