import { createHash } from 'node:crypto';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Edit } from '../../../lib/edits/edit.ts';
import type { Step } from '../../../lib/images/filters/chain.ts';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aUniqueJpeg } from '../../support/photos.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/s3.ts')),
    ...(await import('../../../lib/edits/create.ts')),
    ...(await import('../../../lib/edits/due.ts')),
    ...(await import('../../../lib/edits/edit.ts')),
    ...(await import('../../../lib/edits/manage.ts')),
    ...(await import('../../../lib/edits/render.ts')),
    ...(await import('../../../lib/edits/tasks.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/make.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const ana = aCallerNamed('ana');
const BRIGHTER: Step[] = [{ filter: 'exposure', params: {} }];
const DARKER: Step[] = [{ filter: 'exposure', params: { stops: -1 } }];

async function aReadyPhoto(): Promise<Photo> {
  const bytes = await aUniqueJpeg();
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  const { photo } = await lib.createPhoto(ana, aDeclaration({ sha256, bytes: bytes.length }));
  await lib.storeOriginal(photo, bytes);
  await lib.makeRenditions({ photoId: photo.id, key: undefined, versionId: undefined });
  return (await lib.findPhoto(photo.id)) as Photo;
}

async function anEdit(photo?: Photo): Promise<{ photo: Photo; edit: Edit }> {
  const owner = photo ?? (await aReadyPhoto());
  return { photo: owner, edit: (await lib.createEdit(owner, BRIGHTER)).edit };
}

const taskOf = ({ photoId, id }: Edit, executionName = 'first') => ({
  photoId,
  editId: id,
  executionName,
  correlationId: 'correlation-1',
});

const failure = (name = 'States.Timeout') => ({ error: { Error: name } });

/** All three tasks, as one execution does them. */
async function make(edit: Edit, executionName = 'first'): Promise<void> {
  const task = taskOf(edit, executionName);
  await lib.checkEdit(task);
  await lib.publishEdit({ ...task, rendered: await lib.renderEdit(task) });
}

const latest = (edit: Edit) => lib.findEdit(edit);
const statusOf = async (edit: Edit) => (await latest(edit))?.status;

/** The keys of everything that was stored for a photo's edits, each version and delete marker once. */
async function editObjectsOf(photoId: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await stack.s3.send(
    new ListObjectVersionsCommand({ Bucket: stack.mediaBucket, Prefix: `renditions/${photoId}/` }),
  );
  const keys = [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key);
  return keys.filter((key) => key.split('/').length === 4).sort();
}

const keysOf = (edits: readonly (Edit | undefined)[]) =>
  [...new Set(edits.flatMap((edit) => edit?.renditions.map(({ key }) => key) ?? []))].sort();

const later = (seconds: number) => new Date(Date.now() + seconds * 1_000);

describe('an edit', () => {
  it('is done with renditions of its own, and leaves the photo as it is', async () => {
    const { photo, edit } = await anEdit();
    expect(edit.status).toBe('queued');
    await make(edit);
    const done = await latest(edit);
    expect(done).toMatchObject({ status: 'done', width: 40, height: 30, renditions: { length: 6 } });
    expect(await editObjectsOf(photo.id)).toEqual(keysOf([done]));
    expect(await lib.findPhoto(photo.id)).toEqual(photo);
  });

  it('asked for again is the same edit, however its steps are written down', async () => {
    const { photo, edit } = await anEdit();
    await expect(lib.createEdit(photo, BRIGHTER)).resolves.toMatchObject({ edit, duplicate: true });
    await make(edit);
    const [again, other] = await Promise.all([
      lib.createEdit(photo, BRIGHTER),
      lib.createEdit(photo, DARKER),
    ]);
    expect(again).toMatchObject({ edit: { id: edit.id, status: 'done' }, duplicate: true });
    expect(other).toMatchObject({ duplicate: false });
  });

  it('asked for many times at once is one', async () => {
    const photo = await aReadyPhoto();
    const asked = await Promise.all(Array.from({ length: 5 }, () => lib.createEdit(photo, BRIGHTER)));
    expect(new Set(asked.map(({ edit }) => edit.id)).size).toBe(1);
    expect(asked.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });

  it('is refused where the photo has a hundred, but for those that it has', async () => {
    const photo = await aReadyPhoto();
    const numbered = (place: number): Step[] => [{ filter: 'exposure', params: { stops: place / 100 } }];
    for (let place = 1; place <= 100; place++) await lib.createEdit(photo, numbered(place));
    const refused = lib.createEdit(photo, numbered(101));
    await expect(refused).rejects.toMatchObject({ status: 409, code: 'too-many-edits' });
    expect(await lib.createEdit(photo, numbered(7))).toMatchObject({ duplicate: true });
  });

  it('that failed or was deleted can be asked for anew', async () => {
    const { photo, edit } = await anEdit();
    await lib.failEdit({ ...taskOf(edit), ...failure() });
    const second = await anEdit(photo);
    expect(second.edit.id).not.toBe(edit.id);
    await make(second.edit);
    await lib.deleteEdit((await latest(second.edit)) as Edit);
    const third = await anEdit(photo);
    expect(third.edit.id).not.toBe(second.edit.id);
  });

  it.each([
    ['that is not ready', async (photo: Photo) => ({ ...photo, status: 'processing' as const })],
    [
      'that went to the trash since it was read',
      async (photo: Photo) => {
        await lib.trashPhoto(photo);
        return photo;
      },
    ],
  ])('is refused for a photo %s', async (_what, change) => {
    const photo = await change(await aReadyPhoto());
    await expect(lib.createEdit(photo, BRIGHTER)).rejects.toMatchObject({
      status: 409,
      code: 'photo-not-ready',
    });
  });

  it('that its photo is too small for is refused, naming the step', async () => {
    const photo = await aReadyPhoto();
    const crop = { filter: 'crop', params: { x: 0, y: 0, width: 0.001, height: 0.001 } };
    await expect(lib.createEdit(photo, [...BRIGHTER, crop])).rejects.toMatchObject({
      status: 422,
      errors: [{ pointer: '/steps/1', detail: expect.any(String) }],
    });
  });
});

describe('a second execution of the same edit', () => {
  it('finds nothing to do, and undoes nothing', async () => {
    const { photo, edit } = await anEdit();
    await lib.checkEdit(taskOf(edit));
    await expect(lib.checkEdit(taskOf(edit, 'second'))).rejects.toMatchObject({ name: 'NothingToDo' });
    await make(edit);
    await expect(lib.checkEdit(taskOf(edit, 'second'))).rejects.toMatchObject({ name: 'NothingToDo' });
    await lib.failEdit({ ...taskOf(edit, 'second'), ...failure() });
    expect(await statusOf(edit)).toBe('done');
    expect(await editObjectsOf(photo.id)).toEqual(keysOf([await latest(edit)]));
  });

  it('leaves one alone that is at work', async () => {
    const { photo, edit } = await anEdit();
    await lib.checkEdit(taskOf(edit));
    const rendered = await lib.renderEdit(taskOf(edit));
    await lib.failEdit({ ...taskOf(edit, 'second'), ...failure() });
    await lib.publishEdit({ ...taskOf(edit), rendered });
    expect(await statusOf(edit)).toBe('done');
    expect(await editObjectsOf(photo.id)).toHaveLength(6);
  });
});

describe('an edit that comes to nothing', () => {
  it.each([
    ['PhotoUnavailable', 'photo-unavailable'],
    ['BatchCancelled', 'cancelled'],
    ['ImageRejected', 'image-unreadable'],
    ['FilterRefused', 'not-applicable'],
    ['States.Timeout', 'timed-out'],
    ['TypeError', 'internal'],
  ])('for %s fails with %s and leaves no objects', async (error, code) => {
    const { photo, edit } = await anEdit();
    await lib.checkEdit(taskOf(edit));
    await lib.renderEdit(taskOf(edit));
    await lib.failEdit({ ...taskOf(edit), ...failure(error) });
    expect(await latest(edit)).toMatchObject({ status: 'failed', failure: { code } });
    expect(await editObjectsOf(photo.id)).toEqual([]);
  });

  it('because its photo went to the trash says so', async () => {
    const { photo, edit } = await anEdit();
    await lib.trashPhoto(photo);
    await expect(lib.checkEdit(taskOf(edit))).rejects.toMatchObject({ name: 'PhotoUnavailable' });
  });

  it.each([
    ['never started', 'queued', 'QUEUED_SECONDS'],
    ['never ended', 'running', 'RUNNING_SECONDS'],
  ] as const)(
    'because it %s is timed out by the schedule, and what came later is swept',
    async (_, status, limit) => {
      const { photo, edit } = await anEdit();
      if (status === 'running') await lib.checkEdit(taskOf(edit));
      await lib.settleOverdue(later(lib[limit] - 10));
      expect(await statusOf(edit)).toBe(status);
      await lib.settleOverdue(later(lib[limit] + 10));
      expect(await latest(edit)).toMatchObject({ status: 'failed', failure: { code: 'timed-out' } });
      await stack.s3.send(
        new PutObjectCommand({
          Bucket: stack.mediaBucket,
          Key: `renditions/${photo.id}/${edit.id}/late.webp`,
          Body: 'late',
        }),
      );
      await lib.settleOverdue(later(lib[limit] + lib.SWEPT_SECONDS + 20));
      expect(await editObjectsOf(photo.id)).toEqual([]);
      expect(await statusOf(edit)).toBe('failed');
    },
  );
});

describe('the current edit', () => {
  it('is what others see of the photo, until it is taken back', async () => {
    const { photo, edit } = await anEdit();
    await make(edit);
    const done = (await latest(edit)) as Edit;
    const edited = await lib.makeCurrent(photo, done);
    expect(lib.pictureOf(edited).renditions).toEqual(done.renditions);
    expect(edited.renditions).toEqual(photo.renditions);
    await lib.showUnedited(edited);
    const back = (await lib.findPhoto(photo.id)) as Photo;
    expect(lib.pictureOf(back).renditions).toEqual(photo.renditions);
    expect(back.currentEditId).toBeUndefined();
  });

  it('has to be done', async () => {
    const { photo, edit } = await anEdit();
    await expect(lib.makeCurrent(photo, edit)).rejects.toMatchObject({ status: 409, code: 'edit-not-done' });
  });

  it('cannot be deleted', async () => {
    const { photo, edit } = await anEdit();
    await make(edit);
    const done = (await latest(edit)) as Edit;
    await lib.makeCurrent(photo, done);
    await expect(lib.deleteEdit(done)).rejects.toMatchObject({ status: 409, code: 'edit-is-current' });
    expect(await statusOf(edit)).toBe('done');
  });
});

describe('a deleted edit', () => {
  it('takes its objects along, those too that are written later', async () => {
    const { photo, edit } = await anEdit();
    await lib.checkEdit(taskOf(edit));
    const rendered = await lib.renderEdit(taskOf(edit));
    await lib.deleteEdit((await latest(edit)) as Edit);
    await expect(lib.publishEdit({ ...taskOf(edit), rendered })).rejects.toMatchObject({ name: 'EditEnded' });
    await lib.failEdit({ ...taskOf(edit), ...failure('EditEnded') });
    expect(await editObjectsOf(photo.id)).toEqual([]);
    expect((await lib.editsOf(photo.id, { limit: 10 })).items).toEqual([]);
    await expect(lib.editOf(photo.id, edit.id)).rejects.toMatchObject({ status: 404 });
    await lib.settleOverdue(later(lib.SWEPT_SECONDS + 10));
    expect(await latest(edit)).toBeUndefined();
  });
});

/** What may happen to an edit, in any order and any number of times. */
const HAPPENINGS = ['check', 'render', 'publish', 'compensate', 'delete', 'time out', 'sweep'] as const;

it('ends done with its objects or otherwise without any, whatever happens in whatever order', async () => {
  const happening = fc.record({
    what: fc.constantFrom(...HAPPENINGS),
    by: fc.constantFrom('first', 'second'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 10 }), async (history) => {
      const { photo, edit } = await anEdit();
      let rendered: Awaited<ReturnType<typeof lib.renderEdit>> | undefined;
      const quietly = (work: Promise<unknown>) => work.catch(() => undefined);
      for (const { what, by } of history) {
        const task = taskOf(edit, by);
        if (what === 'check') await quietly(lib.checkEdit(task));
        if (what === 'render') rendered = (await quietly(lib.renderEdit(task))) as typeof rendered;
        if (what === 'publish' && rendered) await quietly(lib.publishEdit({ ...task, rendered }));
        if (what === 'compensate') await quietly(lib.failEdit({ ...task, ...failure() }));
        if (what === 'delete') await quietly(latest(edit).then((now) => now && lib.deleteEdit(now)));
        if (what === 'time out') await lib.settleOverdue(later(lib.QUEUED_SECONDS + 10));
        if (what === 'sweep') await lib.settleOverdue(later(lib.QUEUED_SECONDS + lib.SWEPT_SECONDS + 20));
      }
      for (const passed of [1, 2, 3]) await lib.settleOverdue(later(passed * 3 * 3_600));
      const ended = await latest(edit);
      expect([undefined, 'done', 'failed']).toContain(ended?.status);
      const expected = ended?.status === 'done' ? keysOf([ended]) : [];
      expect(await editObjectsOf(photo.id)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
}, 120_000);

it('ends the same wherever its tasks are killed, and tried again by their execution', async () => {
  const clients = [lib.s3, lib.dynamodb] as never;
  const first = await anEdit();
  const calls = await interrupted(clients, Number.POSITIVE_INFINITY, 'after', () => make(first.edit));
  expect(calls).toBeGreaterThan(8);
  for (const when of ['before', 'after'] as const) {
    for (let at = 0; at < calls; at++) {
      const { photo, edit } = await anEdit();
      await interrupted(clients, at, when, () => make(edit));
      await make(edit).catch(() => undefined);
      const done = await latest(edit);
      expect([at, when, done?.status, done?.version]).toEqual([at, when, 'done', 3]);
      expect(await editObjectsOf(photo.id)).toEqual(keysOf([done]));
    }
  }
}, 60_000);
