import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../lib/batches/batch.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { aPhotoItem } from '../../support/items.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/batches/batch.ts')),
    ...(await import('../../../lib/batches/create.ts')),
    ...(await import('../../../lib/batches/progress.ts')),
    ...(await import('../../../lib/batches/view.ts')),
    ...(await import('../../../lib/edits/edit.ts')),
    ...(await import('../../../lib/edits/manage.ts')),
    ...(await import('../../../lib/edits/progress.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/ids.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/write-many.ts')),
    createPhoto: (await import('../../../lib/photos/create.ts')).createPhoto,
    finishPhoto: (await import('../../../lib/photos/progress.ts')).finish,
    trashPhoto: (await import('../../../lib/photos/manage.ts')).trashPhoto,
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const ana = aCallerNamed('ana');
const steps = [{ filter: 'sepia', params: { amount: 1 } }];

async function aReadyPhoto() {
  const sha256 = createHash('sha256').update(randomUUID()).digest('base64');
  const { photo } = await lib.createPhoto(ana, aDeclaration({ sha256 }));
  return (await lib.finishPhoto(photo, { width: 40, height: 30 })) ?? photo;
}

async function aBatch(count: number) {
  const photos = await Promise.all(Array.from({ length: count }, aReadyPhoto));
  const batch = await lib.createBatch(ana, { photoIds: photos.map(({ id }) => id), steps });
  return { photos, batch };
}

const taskOf = ({ id }: Batch, page: number) => ({ batchId: id, page, correlationId: 'correlation-1' });
const countsOf = async ({ id }: Batch) => {
  const { counts } = await lib.presentBatch((await lib.findBatch(id)) as Batch);
  return counts;
};
const statusOf = async ({ id }: Batch) => (await lib.findBatch(id))?.status;

describe('a batch', () => {
  it('has its photos on pages of ten, in their order', async () => {
    const { photos, batch } = await aBatch(21);
    expect(batch).toMatchObject({ status: 'running', total: 21, pages: 3 });
    expect((await lib.entriesOf(batch.id)).map(({ photoId }) => photoId)).toEqual(photos.map(({ id }) => id));
  });

  it('takes a thousand photos', async () => {
    const photoIds = Array.from({ length: lib.MAX_PHOTOS }, () => lib.newId());
    const item = { ...aPhotoItem({ ownerId: ana.userId, status: 'ready' }), width: 40, height: 30 };
    await lib.putMany(photoIds.map((id) => ({ ...item, ...lib.keys.photo(id), id })));
    const batch = await lib.createBatch(ana, { photoIds, steps });
    expect(batch).toMatchObject({ total: 1_000, pages: 100 });
    expect((await lib.entriesOf(batch.id)).map(({ photoId }) => photoId)).toEqual(photoIds);
    await lib.openPage(taskOf(batch, 99));
    expect(await countsOf(batch)).toMatchObject({ total: 1_000, waiting: 990, running: 10 });
    const last = await lib.editsOf(photoIds.at(-1) ?? '', { limit: 10 });
    expect(last.items).toMatchObject([{ status: 'queued', batchId: batch.id }]);
  });

  it('asks for each edit once, however often its page is opened', async () => {
    const { photos, batch } = await aBatch(3);
    await Promise.all([lib.openPage(taskOf(batch, 0)), lib.openPage(taskOf(batch, 0))]);
    expect(await lib.openPage(taskOf(batch, 0))).toEqual({ pending: 3 });
    for (const { id } of photos) expect((await lib.editsOf(id, { limit: 10 })).items).toHaveLength(1);
    expect(await countsOf(batch)).toMatchObject({ total: 3, running: 3 });
  });

  it('counts what has become of its edits: done, failed or deleted', async () => {
    const { photos, batch } = await aBatch(3);
    await lib.openPage(taskOf(batch, 0));
    const edits = (await Promise.all(photos.map(({ id }) => lib.editsOf(id, { limit: 1 })))).map(
      ({ items }) => items[0],
    );
    const [done, failed, deleted] = edits.map((edit) => edit as NonNullable<typeof edit>);
    const result = { renditions: [], placeholder: { thumbhash: '', color: '' }, width: 1, height: 1 };
    if (!done || !failed || !deleted) throw new Error('expected three edits');
    await lib.begin(done, 'execution');
    await lib.finish(done, 'execution', result);
    await lib.fail(failed, { code: 'internal', detail: '' });
    expect(await lib.lookAtPage(taskOf(batch, 0))).toEqual({ pending: 1 });
    await lib.deleteEdit(deleted);
    expect(await lib.lookAtPage(taskOf(batch, 0))).toEqual({ pending: 0 });
    expect(await countsOf(batch)).toMatchObject({ done: 1, failed: 2, running: 0 });
    await lib.endBatch({ ...taskOf(batch, 0), status: 'done' });
    expect(await statusOf(batch)).toBe('done');
  });

  it('is no success while some of its photos have come to nothing', async () => {
    const { batch } = await aBatch(2);
    await lib.openPage(taskOf(batch, 0));
    await lib.endBatch({ ...taskOf(batch, 0), status: 'done' });
    expect(await statusOf(batch)).toBe('failed');
  });

  it('takes the edit that is there already for its own', async () => {
    const { photos, batch } = await aBatch(1);
    await lib.openPage(taskOf(batch, 0));
    const again = await lib.createBatch(ana, { photoIds: photos.map(({ id }) => id), steps });
    expect(await lib.openPage(taskOf(again, 0))).toEqual({ pending: 1 });
    expect((await lib.editsOf(photos[0]?.id ?? '', { limit: 10 })).items).toHaveLength(1);
  });

  it('that was cancelled asks for nothing more, and stays cancelled', async () => {
    const { batch } = await aBatch(2);
    await lib.cancelBatch(batch);
    expect(await lib.openPage(taskOf(batch, 0))).toEqual({ pending: 0 });
    await lib.endBatch({ ...taskOf(batch, 0), status: 'done' });
    expect(await statusOf(batch)).toBe('cancelled');
    expect(await lib.isCancelled(batch.id)).toBe(true);
  });

  it('is given up by the schedule after a day, and not before', async () => {
    const { batch } = await aBatch(1);
    const later = (hours: number) => new Date(Date.parse(batch.createdAt) + hours * 3_600_000);
    await lib.settleOverdue(later(23));
    expect(await statusOf(batch)).toBe('running');
    await lib.settleOverdue(later(25));
    expect(await statusOf(batch)).toBe('failed');
  });

  it('takes no photo of somebody else, and names each', async () => {
    const { photos } = await aBatch(2);
    const bert = aCallerNamed('bert');
    const asked = lib.createBatch(bert, { photoIds: photos.map(({ id }) => id), steps });
    await expect(asked).rejects.toMatchObject({
      status: 422,
      errors: [{ pointer: '/photoIds/0' }, { pointer: '/photoIds/1' }],
    });
  });
});
