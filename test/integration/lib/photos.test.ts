import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Declared } from '../../../lib/photos/create.ts';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/due.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/read.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const start = new Date('2026-05-01T10:00:00.000Z');
const hours = (count: number) => new Date(start.getTime() + count * 3_600_000);

async function aPhoto(caller = aCallerNamed('ana'), declared = aDeclaration()) {
  const { photo } = await lib.createPhoto(caller, declared, start);
  return { caller, declared, photo };
}

async function aTrashedPhoto() {
  const made = await aPhoto();
  await lib.finish(made.photo, {});
  await lib.trashPhoto(made.photo, start);
  return { ...made, photo: (await lib.findPhoto(made.photo.id)) as Photo };
}

describe('createPhoto', () => {
  it('makes one photo of the same bytes, however many requests come together', async () => {
    const caller = aCallerNamed('ana');
    const declared = aDeclaration();
    const handed = await Promise.all(Array.from({ length: 8 }, () => lib.createPhoto(caller, declared)));
    expect(new Set(handed.map(({ photo }) => photo.id)).size).toBe(1);
    expect(handed.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect((await lib.ownPhotos(caller.userId, undefined, { limit: 100 })).items).toHaveLength(1);
  });

  it('does not ask who else has the same bytes', async () => {
    const { declared, photo } = await aPhoto();
    const other = await lib.createPhoto(aCallerNamed('ben'), declared);
    expect(other.duplicate).toBe(false);
    expect(other.photo.id).not.toBe(photo.id);
  });

  it.each<[string, (photo: Photo) => Promise<unknown>]>([
    ['rejected', (photo) => lib.reject(photo, { rejection: { code: 'corrupt-image', detail: 'x' } })],
    ['failed', (photo) => lib.fail(photo)],
    ['expired', (photo) => lib.expire(photo, hours(2))],
  ])('makes a new photo where the old one is %s', async (status, end) => {
    const { caller, declared, photo } = await aPhoto();
    await end(photo);
    expect((await lib.findPhoto(photo.id))?.status).toBe(status);
    const again = await lib.createPhoto(caller, declared, start);
    expect(again.duplicate).toBe(false);
    expect((await lib.createPhoto(caller, declared, start)).photo.id).toBe(again.photo.id);
  });

  it('takes over what is said when a file is declared again, and nothing that is not', async () => {
    const said: Partial<Declared> = {
      caption: 'One',
      tags: ['sea'],
      visibility: 'private',
      locationPrecision: 'city',
    };
    const { caller, declared, photo } = await aPhoto(aCallerNamed('ana'), aDeclaration(said));
    expect(photo).toMatchObject(said);
    const { caption: _c, tags: _t, visibility: _v, locationPrecision: _l, ...bare } = declared;
    const resumed = await lib.createPhoto(caller, bare, start);
    expect(resumed).toMatchObject({ duplicate: true, photo: { id: photo.id, ...said } });
    const other = await lib.createPhoto(caller, { ...bare, caption: '', visibility: 'followers' }, start);
    expect(other.photo).toMatchObject({ ...said, caption: '', visibility: 'followers' });
    await lib.finish(photo, {});
    await lib.createPhoto(caller, { ...bare, visibility: 'public' }, start);
    expect(await lib.findPhoto(photo.id)).toMatchObject({ status: 'ready', visibility: 'followers' });
  });

  it('keeps what was said of a file that did not come in time, unless it is said anew', async () => {
    const said: Partial<Declared> = { caption: 'One', visibility: 'private', locationPrecision: 'none' };
    const { caller, declared, photo } = await aPhoto(aCallerNamed('ana'), aDeclaration(said));
    await lib.expire(photo, hours(2));
    const { contentType, bytes, sha256 } = declared;
    const bare = { contentType, bytes, sha256 };
    const next = await lib.createPhoto(caller, { ...bare, caption: 'Two' }, hours(3));
    expect(next).toMatchObject({ duplicate: false, photo: { ...said, caption: 'Two' } });
    await lib.finish(next.photo, {});
    await lib.trashPhoto((await lib.findPhoto(next.photo.id)) as Photo);
    await lib.purgePhoto((await lib.findPhoto(next.photo.id)) as Photo);
    expect((await lib.createPhoto(caller, bare, hours(4))).photo).toMatchObject({ visibility: 'public' });
  });

  it('makes a new photo where the old one waits for another length, which no file of this hash has', async () => {
    const { caller, declared, photo } = await aPhoto();
    const again = await lib.createPhoto(caller, { ...declared, bytes: declared.bytes + 1 }, start);
    expect(again).toMatchObject({ duplicate: false, photo: { bytes: declared.bytes + 1 } });
    expect(again.photo.id).not.toBe(photo.id);
  });

  it('finds the photo in the trash, and none once it is deleted for good', async () => {
    const { caller, declared, photo } = await aTrashedPhoto();
    const found = await lib.createPhoto(caller, declared);
    expect(found).toMatchObject({ duplicate: true, photo: { id: photo.id, trashedAt: start.toISOString() } });
    await lib.purgePhoto(photo);
    expect(await lib.createPhoto(caller, declared)).toMatchObject({ duplicate: false });
  });

  it('never shows or takes what a declaration says about others', async () => {
    const { caller, photo } = await aPhoto();
    expect(photo.ownerId).toBe(caller.userId);
    expect(photo.originalKey).toMatch(/^originals\/[0-9A-Z]{26}\/[\w-]{22}$/);
    expect(photo).toMatchObject({ status: 'uploading', verified: false, version: 1 });
  });
});

describe('purgePhoto', () => {
  it('leaves the claim on the same bytes to a newer photo', async () => {
    const { caller, declared, photo } = await aPhoto();
    await lib.fail(photo);
    const newer = await lib.createPhoto(caller, declared);
    await lib.trashPhoto(photo);
    await lib.purgePhoto(photo);
    expect(await lib.findPhoto(photo.id)).toBeUndefined();
    expect((await lib.createPhoto(caller, declared)).photo.id).toBe(newer.photo.id);
  });

  it.each([false, true])('refuses what is not in the trash (its claim with another: %s)', async (other) => {
    const { caller, declared, photo } = await aPhoto();
    await lib.fail(photo);
    if (other) await lib.createPhoto(caller, declared);
    await expect(lib.purgePhoto(photo)).rejects.toMatchObject({ status: 409, code: 'not-in-trash' });
    expect(await lib.findPhoto(photo.id)).toBeDefined();
  });

  it('may be asked again', async () => {
    const { photo } = await aTrashedPhoto();
    await lib.purgePhoto(photo);
    await lib.purgePhoto(photo);
    expect(await lib.findPhoto(photo.id)).toBeUndefined();
  });
});

describe('purgeOverdue', () => {
  it('spares a photo that was restored, and one that was restored and trashed anew', async () => {
    const { photo } = await aTrashedPhoto();
    const month = hours(31 * 24);
    await lib.restorePhoto(photo, month);
    expect(await lib.purgeOverdue(photo, month)).toBe(false);
    await lib.trashPhoto(photo, month);
    expect(await lib.purgeOverdue(photo, month)).toBe(false);
    expect(await lib.findPhoto(photo.id)).toBeDefined();
  });
});

describe('editPhoto', () => {
  it('says which version stands in the way', async () => {
    const { photo } = await aPhoto();
    await lib.editPhoto(photo, { caption: 'a' }, 1);
    await expect(lib.editPhoto(photo, { caption: 'b' }, 1)).rejects.toMatchObject({
      status: 412,
      message: 'If-Match named version 1, but the photo is at 2.',
    });
  });

  it('lets one of many edits of the same version through', async () => {
    const { photo } = await aPhoto();
    const edits = Array.from({ length: 6 }, (_, n) => lib.editPhoto(photo, { caption: `${n}` }, 1));
    const outcomes = await Promise.allSettled(edits);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not bring back what is gone', async () => {
    const { photo } = await aTrashedPhoto();
    await lib.purgePhoto(photo);
    await expect(lib.editPhoto(photo, { caption: 'b' }, undefined)).rejects.toMatchObject({ status: 404 });
    await expect(lib.restorePhoto(photo)).rejects.toMatchObject({ code: 'not-in-trash' });
    await lib.trashPhoto(photo);
    expect(await lib.findPhoto(photo.id)).toBeUndefined();
  });
});

describe('a photo', () => {
  const STEPS = {
    announce: (_photo: Photo, _now: Date, again: () => Promise<unknown>) => again(),
    begin: (photo: Photo, now: Date) => lib.begin(photo, now),
    finish: (photo: Photo, now: Date) => lib.finish(photo, {}, now),
    reject: (photo: Photo, now: Date) =>
      lib.reject(photo, { rejection: { code: 'corrupt-image', detail: 'x' } }, now),
    fail: (photo: Photo, now: Date) => lib.fail(photo, now),
    abandon: (photo: Photo, now: Date) => lib.abandon(photo, now),
    retry: (photo: Photo, now: Date) => lib.retry(photo, now),
    hide: (photo: Photo, now: Date) => lib.editPhoto(photo, { visibility: 'private' }, undefined, now),
    trash: (photo: Photo, now: Date) => lib.trashPhoto(photo, now),
    restore: (photo: Photo, now: Date) => lib.restorePhoto(photo, now),
    purge: (photo: Photo) => lib.purgePhoto(photo),
    settle: (_photo: Photo, now: Date) => lib.settleOverdue(now),
  };
  const step = fc.record({
    name: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
    // How far back the copy is that the step goes by, and how much later it comes.
    stale: fc.nat(3),
    hoursLater: fc.constantFrom(0, 1, 2, 7, 24 * 31),
  });

  it('stands where its status and the trash say, and stays gone, whatever comes from whoever knows how little', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { caller, declared, photo } = await aPhoto();
        const known = [photo];
        let [passed, gone] = [0, false];
        for (const { name, stale, hoursLater } of steps) {
          passed += hoursLater;
          const seen = known.at(-1 - stale) ?? photo;
          const again = () => lib.createPhoto(caller, declared, hours(passed));
          await STEPS[name](seen, hours(passed), again).catch(expectProblem);
          const item = await lib.get(lib.keys.photo(photo.id));
          if (!item) gone = true;
          if (!item) continue;
          expect(gone).toBe(false);
          const now = lib.toPhoto(item);
          expect(now.version).toBeGreaterThanOrEqual(known.at(-1)?.version ?? 0);
          expect(placeOf(item)).toEqual(expectedPlace(now));
          known.push(now);
        }
      }),
      { numRuns: 25 },
    );
  });

  /** Where the photo is listed, what it waits for, and, in the trash, when it is purged. */
  function placeOf({ gsi1pk, gsi2pk, gsi2sk, trashedAt }: Record<string, unknown>) {
    const [listed, waits] = [gsi1pk, gsi2pk].map((partition) => String(partition).split('#')[0]);
    return { listed, waits, ...(trashedAt !== undefined && { purged: gsi2sk }) };
  }

  function expectedPlace({ id, status, trashedAt }: Photo) {
    const waits =
      { uploading: 'DUE', processing: 'DUE', rejected: 'DUE', expired: 'DUE', failed: 'FAILED' }[
        status as 'failed'
      ] ?? 'undefined';
    if (trashedAt === undefined) return { listed: 'OWNER', waits };
    const end = new Date(Date.parse(trashedAt) + lib.TRASH_SECONDS * 1_000).toISOString();
    return { listed: 'TRASH', waits: 'DUE', purged: `${end}#${id}` };
  }
});

function expectProblem(error: unknown): void {
  if ((error as Error).name !== 'Problem') throw error;
}
