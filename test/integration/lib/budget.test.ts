import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../lib/http/call.ts';
import { newId } from '../../../lib/ids.ts';
import { readExif } from '../../../lib/images/exif.ts';
import type { Step } from '../../../lib/images/filters/chain.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

const PICTURES = 5;

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/batches/create.ts')),
    ...(await import('../../../lib/edits/create.ts')),
    ...(await import('../../../lib/people/budget.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  process.env.DAILY_PICTURES = String(PICTURES);
  lib = await importLib();
});

afterAll(() => stack.stop());

const evening = new Date('2035-05-01T23:59:30.000Z');
const nextDay = new Date('2035-05-02T00:00:00.000Z');
const spent = expect.objectContaining({ status: 429, code: 'daily-limit', headers: { 'retry-after': '30' } });
const steps: Step[] = [{ filter: 'exposure', params: {} }];

const create = async (caller: Caller, now = evening) =>
  (await lib.createPhoto(caller, aDeclaration(), now)).photo;

async function aPhoto(caller: Caller) {
  const photo = await create(caller, new Date('2035-04-30T12:00:00.000Z'));
  const exif = { ...readExif(undefined), gps: { latitude: 52.52, longitude: 13.4, altitude: null } };
  await lib.finish(photo, { exif, width: 40, height: 30 });
  return (await lib.findPhoto(photo.id)) ?? photo;
}

describe('the pictures of a day', () => {
  it('are never more than allowed, however many are asked for at once, and begin anew at midnight', async () => {
    const [ana, ben] = [aCallerNamed('ana'), aCallerNamed('ben')];
    const asked = await Promise.allSettled(Array.from({ length: PICTURES + 3 }, () => create(ana)));
    const refused = asked.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toEqual([spent, spent, spent]);
    await expect(create(ben)).resolves.toMatchObject({ status: 'uploading' });
    await expect(create(ana, nextDay)).resolves.toMatchObject({ status: 'uploading' });
  });

  it('are not used by the same file again', async () => {
    const ana = aCallerNamed('ana');
    const declared = aDeclaration();
    for (let times = 0; times <= PICTURES; times++) await lib.createPhoto(ana, declared, evening);
    await expect(create(ana)).resolves.toMatchObject({ status: 'uploading' });
  });

  it('are used by edits, batches and places that are read anew, of which none is done without', async () => {
    const ana = aCallerNamed('ana');
    const photo = await aPhoto(ana);
    await lib.editPhoto(photo, { locationPrecision: 'none' }, undefined, evening);
    await lib.spend(ana.userId, PICTURES - 1, evening);
    const batch = { photoIds: [photo.id, (await aPhoto(ana)).id], steps };
    await expect(lib.createBatch(ana, batch, evening)).rejects.toEqual(spent);
    const { edit } = await lib.createEdit(photo, steps, undefined, evening);
    expect(edit.status).toBe('queued');

    const finer = (now: Date) => lib.editPhoto(photo, { locationPrecision: 'exact' }, undefined, now);
    await expect(finer(evening)).rejects.toEqual(spent);
    expect(await lib.findPhoto(photo.id)).toMatchObject({ locationPrecision: 'none' });
    const other: Step[] = [{ filter: 'exposure', params: { stops: 1 } }];
    await expect(lib.createEdit(photo, other, undefined, evening)).rejects.toEqual(spent);
    await expect(lib.createEdit(photo, other, newId(evening), evening)).resolves.toMatchObject({
      duplicate: false,
    });
    expect(await finer(nextDay)).toMatchObject({
      locationPrecision: 'exact',
      outdatedAt: expect.any(String),
    });
  });
});
