import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../lib/http/call.ts';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

const QUOTA = 100_000;
const DAY_MS = 86_400_000;

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
    ...(await import('../../../lib/photos/upload.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/read.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  process.env.UPLOAD_QUOTA_BYTES = String(QUOTA);
  lib = await importLib();
});

afterAll(() => stack.stop());

const start = new Date('2026-05-01T10:00:00.000Z');
const later = new Date('2026-05-01T12:00:00.000Z');
const unreadable = { rejection: { code: 'corrupt-image' as const, detail: 'x' } };

const create = async (caller: Caller, bytes = 1_000) =>
  (await lib.createPhoto(caller, aDeclaration({ bytes }), start)).photo;

/** As many at once as there are lengths; how many were refused, and why. */
async function createAll(caller: Caller, lengths: readonly number[]) {
  const asked = await Promise.allSettled(lengths.map((bytes) => create(caller, bytes)));
  const refused = asked.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  return { created: asked.length - refused.length, refused };
}

async function countedOf({ userId }: Caller) {
  const { bytes = 0, waiting = 0 } = (await lib.get(lib.keys.storage(userId))) ?? {};
  return { bytes, waiting };
}

/** What should be counted: the sums over the person's photos as they are. */
async function summedOf({ userId }: Caller) {
  const page = { limit: 1_000 };
  const [listed, trashed] = [
    await lib.ownPhotos(userId, undefined, page),
    await lib.trashedPhotos(userId, page),
  ];
  const photos = [...listed.items, ...trashed.items];
  const held = photos.filter(
    ({ status, rejection }) => status !== 'expired' && rejection?.code !== 'quota-exceeded',
  );
  return {
    bytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
    waiting: photos.filter(({ status }) => status === 'uploading').length,
  };
}

describe('what one person may keep', () => {
  it('is never exceeded, however many requests come together', async () => {
    const ana = aCallerNamed('ana');
    const { created, refused } = await createAll(ana, Array(14).fill(10_000));
    expect(created).toBe(10);
    expect(refused).toHaveLength(4);
    for (const problem of refused) {
      expect(problem).toMatchObject({
        status: 403,
        code: 'quota-exceeded',
        members: { used: QUOTA, quota: QUOTA, asked: 10_000 },
      });
    }
    expect(await countedOf(ana)).toEqual({ bytes: QUOTA, waiting: 10 });
  });

  it('leaves others theirs, and takes the last byte', async () => {
    const [ana, ben] = [aCallerNamed('ana'), aCallerNamed('ben')];
    await create(ana, QUOTA);
    await expect(create(ana, 1)).rejects.toMatchObject({ code: 'quota-exceeded' });
    await expect(create(ben, QUOTA)).resolves.toMatchObject({ status: 'uploading' });
  });

  it('refuses a file that would never fit', async () => {
    const ana = aCallerNamed('ana');
    await expect(create(ana, QUOTA + 1)).rejects.toMatchObject({
      code: 'quota-exceeded',
      members: { used: 0, asked: QUOTA + 1 },
    });
    expect(await countedOf(ana)).toEqual({ bytes: 0, waiting: 0 });
  });

  it('does not count the same bytes again', async () => {
    const ana = aCallerNamed('ana');
    const declared = aDeclaration({ bytes: QUOTA });
    const handed = await Promise.all(Array.from({ length: 5 }, () => lib.createPhoto(ana, declared, start)));
    expect(new Set(handed.map(({ photo }) => photo.id)).size).toBe(1);
    expect(await countedOf(ana)).toEqual({ bytes: QUOTA, waiting: 1 });
  });

  it.each<[string, (photo: Photo) => Promise<unknown>]>([
    ['expires', (photo) => lib.expire(photo, later)],
    ['is given up', (photo) => lib.abortUpload(photo, start)],
    ['goes to the trash before its file has come', (photo) => lib.trashPhoto(photo)],
    [
      'is deleted for good',
      async (photo) => {
        await lib.finish(photo, {});
        await lib.trashPhoto(photo);
        await lib.purgePhoto(photo);
        await lib.purgePhoto(photo);
      },
    ],
    [
      'is rejected and not wanted',
      async (photo) => {
        await lib.reject(photo, unreadable);
        await lib.trashPhoto(photo);
        await lib.purgePhoto(photo);
      },
    ],
    [
      'is rejected and forgotten for a week',
      async (photo) => {
        await lib.reject(photo, unreadable, start);
        await lib.settleOverdue(new Date(start.getTime() + 7 * DAY_MS + 1));
      },
    ],
  ])('is given back when a photo %s', async (_what, end) => {
    const ana = aCallerNamed('ana');
    await end(await create(ana, QUOTA));
    expect(await countedOf(ana)).toEqual({ bytes: 0, waiting: 0 });
    await expect(create(ana, QUOTA)).resolves.toMatchObject({ status: 'uploading' });
  });

  it('counts a file that cannot be shown as long as it is there', async () => {
    const ana = aCallerNamed('ana');
    await lib.reject(await create(ana, QUOTA), unreadable);
    expect(await countedOf(ana)).toEqual({ bytes: QUOTA, waiting: 0 });
    await expect(create(ana, 1)).rejects.toMatchObject({ code: 'quota-exceeded' });
  });

  it.each<[string, (photo: Photo) => Promise<unknown>]>([
    ['is looked at', (photo) => lib.begin(photo, later)],
    ['turns out good', (photo) => lib.finish(photo, {}, later)],
    ['turns out bad', (photo) => lib.reject(photo, unreadable, later)],
  ])(
    'has no room for a file that comes after others took the bytes of its slot, as it %s',
    async (_what, arrive) => {
      const ana = aCallerNamed('ana');
      const photo = await create(ana, 5_000);
      await lib.expire(photo, later);
      await create(ana, QUOTA - 4_999);
      await arrive(photo);
      expect(await lib.findPhoto(photo.id)).toMatchObject({
        status: 'rejected',
        rejection: { code: 'quota-exceeded', detail: expect.stringContaining('5000 bytes') },
      });
      expect(await countedOf(ana)).toEqual({ bytes: QUOTA - 4_999, waiting: 1 });
    },
  );

  it('is taken again by a file that comes after its slot has expired', async () => {
    const ana = aCallerNamed('ana');
    const photo = await create(ana, 5_000);
    await lib.expire(photo, later);
    await lib.begin(photo, later);
    expect(await countedOf(ana)).toEqual({ bytes: 5_000, waiting: 0 });
  });
});

describe('how many files one person may announce', () => {
  it('is 100 at once, and one more as soon as one has arrived', async () => {
    const ana = aCallerNamed('ana');
    // Waves, as a busy machine does not take a hundred new connections within the second that the client gives it.
    const waves = [];
    for (const size of [35, 35, 35]) waves.push(await createAll(ana, Array(size).fill(1)));
    const created = waves.reduce((sum, wave) => sum + wave.created, 0);
    const refused = waves.flatMap((wave) => wave.refused);
    expect(created).toBe(100);
    expect(refused).toHaveLength(5);
    for (const problem of refused) {
      expect(problem).toMatchObject({
        status: 429,
        code: 'too-many-uploads',
        headers: { 'retry-after': '60' },
      });
    }
    const { items } = await lib.ownPhotos(ana.userId, ['uploading'], { limit: 1 });
    await lib.begin(items[0] as Photo);
    await expect(create(ana, 1)).resolves.toMatchObject({ status: 'uploading' });
    await expect(create(ana, 1)).rejects.toMatchObject({ code: 'too-many-uploads' });
  });
});

describe('what is counted', () => {
  const STEPS: Readonly<Record<string, (photo: Photo) => Promise<unknown>>> = {
    begin: (photo) => lib.begin(photo),
    finish: (photo) => lib.finish(photo, {}),
    reject: (photo) => lib.reject(photo, unreadable),
    fail: (photo) => lib.fail(photo),
    retry: (photo) => lib.retry(photo),
    expire: (photo) => lib.expire(photo, later),
    abort: (photo) => lib.abortUpload(photo, start),
    trash: (photo) => lib.trashPhoto(photo),
    restore: (photo) => lib.restorePhoto(photo),
    purge: (photo) => lib.purgePhoto(photo),
  };
  const step = fc.record({ name: fc.constantFrom(...Object.keys(STEPS)), of: fc.nat(2) });
  const round = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: QUOTA / 2 }), { maxLength: 3 }),
    steps: fc.array(step, { maxLength: 8 }),
  });

  it('is the sum over the photos and never above the quota, whatever happens to them side by side', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        const ana = aCallerNamed('ana');
        const known: Photo[] = [];
        for (const { lengths, steps } of rounds) {
          const created = lengths.map(async (bytes) => void known.push(await create(ana, bytes)));
          const done = steps.flatMap(({ name, of }) => {
            // As it was created, so that each step has to find out what has become of it.
            const photo = known.at(-1 - of);
            return photo ? [STEPS[name]?.(photo)] : [];
          });
          for (const outcome of await Promise.allSettled([...created, ...done])) {
            if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'Problem' });
          }
          const counted = await countedOf(ana);
          expect(counted).toEqual(await summedOf(ana));
          expect(counted.bytes).toBeLessThanOrEqual(QUOTA);
        }
      }),
      { numRuns: 30 },
    );
  });
});
