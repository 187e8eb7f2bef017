import { createHash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Precision } from '../../../lib/images/place.ts';
import type { User } from '../../../lib/people/user.ts';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { aPhotoItem } from '../../support/items.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aPictureWith, aPlace } from '../../support/pictures/placed.ts';

const MINUTE_MS = 60_000;
const { gps, ...place } = aPlace();
const EXACT = { ...place, altitude: 35.7 };
const CITY = { latitude: 51.5, longitude: -0.1, altitude: null };

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/s3.ts')),
    ...(await import('../../../lib/ids.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/people/me.ts')),
    ...(await import('../../../lib/people/user.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
    ...(await import('../../../lib/photos/objects.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/read.ts')),
    ...(await import('../../../lib/table/write-many.ts')),
    makeRenditions: (await import('../../../functions/events/make-renditions.ts')).handler,
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const ana = () => lib.ensureUser(aCallerNamed('ana'));
const choose = async ({ id }: User, locationPrecision: Precision) =>
  lib.editMe(await lib.userNamed(id), { locationPrecision }, undefined);
const found = async (photoId: string) => (await lib.findPhoto(photoId)) as Photo;
const placeOf = async (photoId: string) => (await found(photoId)).exif?.gps;

/** Rounds of the schedule, a minute apart, until there is nothing left of the person's to go through. */
async function gonethrough({ id }: User, from = 3): Promise<void> {
  for (let minutes = from; await lib.get(lib.keys.coarsening(id)); minutes += 1) {
    expect(minutes).toBeLessThan(60);
    await lib.settleOverdue(new Date(Date.now() + minutes * MINUTE_MS));
  }
}

/** Photos as they lie in the table, every third one of them in the trash. */
async function photosOf({ id: ownerId }: User, count: number): Promise<string[]> {
  const items = Array.from({ length: count }, (_, i) => {
    const id = lib.newId();
    const exif = { ...{ takenAt: null, takenAtLocal: null, camera: null }, lens: null, exposure: null };
    const photo = aPhotoItem({ id, ownerId, exif: { ...exif, gps: EXACT } });
    const place = lib.listedUnder({ id, ownerId }, i % 3 === 2 ? 'trash' : 'photos');
    return {
      ...lib.keys.photo(id),
      ...photo,
      id,
      ...place,
      ...(i % 3 === 2 && { trashedAt: photo.createdAt }),
    };
  });
  await lib.putMany(items as never);
  return items.map(({ id }) => String(id));
}

describe('a coarser place for all', () => {
  it('reaches every photo, over pages, and leaves nothing to do', async () => {
    const owner = await ana();
    const ids = await photosOf(owner, 1_700);
    const stranger = await photosOf(await ana(), 1);
    await choose(owner, 'city');
    await gonethrough(owner);
    const places = (await lib.findPhotos(ids)).map(({ exif }) => exif?.gps);
    expect(places).toEqual(ids.map(() => CITY));
    expect(await placeOf(stranger[0] as string)).toEqual(EXACT);
  });

  it('waits until nobody is at work who has read the choice before', async () => {
    const owner = await ana();
    const [id = ''] = await photosOf(owner, 1);
    await choose(owner, 'none');
    await lib.settleOverdue(new Date(Date.now() + MINUTE_MS));
    expect(await placeOf(id)).toEqual(EXACT);
    await gonethrough(owner);
    expect(await placeOf(id)).toBeNull();
  });

  it.each(['before', 'after'] as const)('reaches them too, ended %s any call', async (when) => {
    for (let [at, calls] = [0, 1]; at < calls; at++) {
      const owner = await ana();
      const ids = await photosOf(owner, 3);
      await choose(owner, 'city');
      const round = () => lib.settleOverdue(new Date(Date.now() + 3 * MINUTE_MS));
      calls = await interrupted([lib.dynamodb] as never, at, when, round);
      await gonethrough(owner, 4);
      expect(await Promise.all(ids.map(placeOf))).toEqual([CITY, CITY, CITY]);
    }
  });

  it('reaches photos that are restored, thrown away or changed at any moment of it', async () => {
    let happened = true;
    for (let at = 0; happened; at++) {
      const owner = await ana();
      const ids = await photosOf(owner, 6);
      const [kept = '', thrown = '', restored = '', , , left = ''] = ids;
      await choose(owner, 'city');
      happened = false;
      const meanwhile = async () => {
        happened = true;
        await lib.trashPhoto(await found(thrown));
        await lib.restorePhoto(await found(restored));
        for (const id of [kept, left]) {
          await lib.editPhoto(await found(id), { caption: 'Meanwhile' }, undefined);
        }
      };
      await interrupted([lib.dynamodb] as never, at, meanwhile, () => gonethrough(owner));
      const places = await Promise.all(ids.map(placeOf));
      expect({ at, places }).toEqual({ at, places: ids.map(() => CITY) });
      if (happened) expect((await found(kept)).caption).toBe('Meanwhile');
    }
  });

  it('begins anew where a still coarser one is chosen at any moment of it', async () => {
    let happened = true;
    for (let at = 0; happened; at++) {
      const owner = await ana();
      const ids = await photosOf(owner, 3);
      await choose(owner, 'city');
      happened = false;
      const meanwhile = async () => {
        happened = true;
        await choose(owner, 'none');
      };
      await interrupted([lib.dynamodb] as never, at, meanwhile, () => gonethrough(owner));
      await gonethrough(owner);
      const expected = happened ? null : CITY;
      const places = await Promise.all(ids.map(placeOf));
      expect({ at, places }).toEqual({ at, places: [expected, expected, expected] });
    }
  });
});

describe('a photo that is being rendered', () => {
  const deliver = async (messages: SQSRecord[]) =>
    (await lib.makeRenditions({ Records: messages })).batchItemFailures.length;

  async function handedIn(owner: User) {
    const bytes = await aPictureWith({ gps });
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const caller = { userId: owner.id, username: owner.handle };
    const { photo } = await lib.createPhoto(caller, aDeclaration({ sha256, bytes: bytes.length }));
    await lib.storeOriginal(photo, bytes);
    return { id: photo.id, messages: await stack.takeMessages('UploadsQueue') };
  }

  it.each([
    ['all their photos', async (owner: User) => choose(owner, 'city')],
    [
      'it alone',
      async (_owner: User, id: string) =>
        lib.editPhoto(await found(id), { locationPrecision: 'city' }, undefined),
    ],
  ])('is kept as its owner chooses for %s at any moment of it', async (_who, chooses) => {
    let happened = true;
    for (let at = 0; happened; at++) {
      const owner = await ana();
      const { id, messages } = await handedIn(owner);
      happened = false;
      const meanwhile = async () => {
        happened = true;
        await chooses(owner, id);
      };
      await interrupted([lib.dynamodb, lib.s3] as never, at, meanwhile, () => deliver(messages));
      await gonethrough(owner);
      expect({ at, place: await placeOf(id) }).toEqual({ at, place: happened ? CITY : EXACT });
    }
  });
});
