import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/ids.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
    ...(await import('../../../lib/table/write.ts')),
    ...(await import('../../../lib/table/keys.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const start = new Date('2026-05-01T10:00:00.000Z');
const later = (ms: number) => new Date(start.getTime() + ms);
const ana = aCallerNamed('ana');

const upload = async (now = start) => (await lib.createPhoto(ana, aDeclaration(), now)).photo;
const FILE = Buffer.from('a photograph');
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');

/** One that S3 takes FILE for. */
const aSlot = async () =>
  (
    await lib.createPhoto(
      aCallerNamed('ben'),
      aDeclaration({ sha256: sha256Of(FILE), bytes: FILE.length }),
      start,
    )
  ).photo;

async function readyPhoto() {
  const photo = await upload();
  return (await lib.finish(photo, {}, start)) as typeof photo;
}

const statusOf = async (photoId: string) => (await lib.findPhoto(photoId))?.status;
const statusesOf = (...photos: readonly Photo[]) => Promise.all(photos.map(({ id }) => statusOf(id)));

/** Photo items that no version of this code can read lie in the same shards as good ones. */
const unreadable = (photoId: string, place: object) =>
  lib.put({ ...lib.keys.photo(photoId), entity: 'photo', id: photoId, status: 'from the future', ...place });

describe('settleOverdue', () => {
  it('expires a slot that got no file within an hour, and no other', async () => {
    const photo = await upload();
    await lib.settleOverdue(later(HOUR_MS - 1));
    expect(await statusOf(photo.id)).toBe('uploading');
    await lib.settleOverdue(later(HOUR_MS + 1));
    expect(await statusOf(photo.id)).toBe('expired');
  });

  it('loses no file of which no message tells, in time or after the hour', async () => {
    const [inTime, late, none] = [await aSlot(), await aSlot(), await aSlot()];
    await lib.storeOriginal(inTime, FILE);
    await lib.settleOverdue(later(HOUR_MS + 1));
    expect(await statusesOf(inTime, late, none)).toEqual(['processing', 'expired', 'expired']);
    await lib.storeOriginal(late, FILE);
    await lib.settleOverdue(later(8 * DAY_MS));
    expect(await statusesOf(inTime, late, none)).toEqual(['failed', 'processing', undefined]);
    await lib.settleOverdue(later(9 * DAY_MS));
    expect(await lib.retryFailed(later(9 * DAY_MS + 1))).toEqual(
      expect.arrayContaining([inTime.id, late.id]),
    );
  });

  it('purges an upload that was given up, though its file has come', async () => {
    const photo = await aSlot();
    await lib.abandon(photo, start);
    await lib.storeOriginal(photo, FILE);
    await lib.settleOverdue(later(8 * DAY_MS));
    expect(await statusOf(photo.id)).toBeUndefined();
  });

  it('purges what has lain in the trash for 30 days, and not before', async () => {
    const photo = await readyPhoto();
    await lib.trashPhoto(photo, start);
    await lib.settleOverdue(later(30 * DAY_MS - 1));
    expect(await statusOf(photo.id)).toBe('ready');
    await lib.settleOverdue(later(30 * DAY_MS + 1));
    expect(await statusOf(photo.id)).toBeUndefined();
  });

  it('keeps a trashed photo its 30 days although its file is announced and arrives meanwhile', async () => {
    const declared = aDeclaration();
    const { photo } = await lib.createPhoto(ana, declared, start);
    await lib.trashPhoto(photo, start);
    await lib.createPhoto(ana, declared, later(1_000));
    await lib.begin(photo, later(2_000));
    await lib.finish(photo, {}, later(3_000));
    await lib.settleOverdue(later(DAY_MS));
    expect(await statusOf(photo.id)).toBe('ready');
    await lib.settleOverdue(later(31 * DAY_MS));
    expect(await statusOf(photo.id)).toBeUndefined();
  });

  it('purges a photo whose file came through the API while it lay in the trash', async () => {
    const photo = await upload();
    await lib.trashPhoto(photo, start);
    await lib.receiveFile({ ...photo, sha256: sha256Of(FILE) }, FILE, later(1_000));
    expect(await statusOf(photo.id)).toBe('processing');
    await lib.settleOverdue(later(31 * DAY_MS));
    expect(await statusOf(photo.id)).toBeUndefined();
  });

  it('purges what was rejected after a week, in the trash only when its days there are over', async () => {
    const rejection = { code: 'corrupt-image' as const, detail: 'x' };
    const [forgotten, trashed] = [await upload(), await upload()];
    for (const photo of [forgotten, trashed]) await lib.reject(photo, { rejection }, start);
    await lib.trashPhoto((await lib.findPhoto(trashed.id)) as typeof trashed, start);
    await lib.settleOverdue(later(7 * DAY_MS - 1));
    expect(await statusOf(forgotten.id)).toBe('rejected');
    await lib.settleOverdue(later(7 * DAY_MS + 1));
    expect(await statusOf(forgotten.id)).toBeUndefined();
    expect(await statusOf(trashed.id)).toBe('rejected');
    await lib.settleOverdue(later(30 * DAY_MS + 1));
    expect(await statusOf(trashed.id)).toBeUndefined();
  });

  it('expires a restored photo that still waits for its file', async () => {
    const photo = await upload();
    await lib.trashPhoto(photo, start);
    await lib.restorePhoto(photo, later(DAY_MS));
    await lib.settleOverdue(later(DAY_MS + 2 * HOUR_MS));
    expect(await statusOf(photo.id)).toBe('expired');
  });

  it('fails a photo that is being worked on for ever', async () => {
    const photo = await upload();
    await lib.begin(photo, start);
    await lib.settleOverdue(later(DAY_MS));
    expect(await statusOf(photo.id)).toBe('failed');
    expect(await lib.retryFailed(later(DAY_MS + 1))).toContain(photo.id);
  });

  it('goes on past a photo that it cannot settle', async () => {
    const photos = await Promise.all(Array.from({ length: 24 }, () => upload()));
    await Promise.all(
      photos.map(({ id }) => {
        const bad = lib.newId(new Date(0));
        return unreadable(bad, { ...lib.dueAt(start.toISOString(), bad), ofSameTime: id });
      }),
    );
    const { slotsExpired, left } = await lib.settleOverdue(later(2 * HOUR_MS));
    expect({ slotsExpired, left }).toEqual({ slotsExpired: photos.length, left: 24 });
  });
});

describe('retryFailed', () => {
  it('finds a photo that failed in the trash and was restored', async () => {
    const photo = await upload();
    await lib.trashPhoto(photo, start);
    await lib.fail(photo, later(1_000));
    await lib.restorePhoto(photo, later(2_000));
    expect(await lib.retryFailed(later(3_000))).toContain(photo.id);
  });

  it('finds a failed photo that was trashed and restored', async () => {
    const photo = await upload();
    await lib.fail(photo, start);
    await lib.trashPhoto(photo, later(1_000));
    expect(await lib.retryFailed(later(2_000))).not.toContain(photo.id);
    await lib.restorePhoto(photo, later(3_000));
    expect(await lib.retryFailed(later(4_000))).toContain(photo.id);
  });
});
