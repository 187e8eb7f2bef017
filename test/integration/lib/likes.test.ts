import { randomUUID } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aPhotoItem } from '../../support/items.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/activity/facts.ts')),
    ...(await import('../../../lib/photos/likes.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/view.ts')),
    ...(await import('../../../lib/correlation.ts')),
    ...(await import('../../../lib/edits/remove.ts')),
    ...(await import('../../../lib/ids.ts')),
    ...(await import('../../../lib/table/read.ts')),
    ...(await import('../../../lib/table/write.ts')),
    ...(await import('../../../lib/table/keys.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

async function aPhoto(): Promise<Photo> {
  const item = aPhotoItem({ id: lib.newId() });
  await lib.put(item as never);
  return lib.toPhoto(item);
}

const likesOf = async (viewerId: string | undefined, { id }: Photo) =>
  (await lib.likesOf(viewerId, [id])).get(id);

it('counts each person once, however often and at the same time they like', async () => {
  const photo = await aPhoto();
  const people = Array.from({ length: 12 }, () => randomUUID());
  await Promise.all([...people, ...people, ...people].map((userId) => lib.like(userId, photo)));
  expect(await likesOf(people[0], photo)).toEqual({ count: 12, liked: true });
  expect(await likesOf(randomUUID(), photo)).toEqual({ count: 12, liked: false });
  expect(await likesOf(undefined, photo)).toEqual({ count: 12, liked: false });
});

it('takes back what was given, once, and nothing that was not', async () => {
  const photo = await aPhoto();
  const [ana, bob] = [randomUUID(), randomUUID()];
  await lib.like(ana, photo);
  await Promise.all([lib.unlike(ana, photo.id), lib.unlike(ana, photo.id), lib.unlike(bob, photo.id)]);
  expect(await likesOf(ana, photo)).toEqual({ count: 0, liked: false });
  await lib.like(ana, photo);
  expect(await likesOf(ana, photo)).toEqual({ count: 1, liked: true });
});

it('keeps nothing where likes are counted of who gave or took one', async () => {
  const photo = await aPhoto();
  const ana = randomUUID();
  for (const verb of [() => lib.like(ana, photo), () => lib.unlike(ana, photo.id)]) {
    await lib.correlated({ correlationId: 'request-of-ana', actorId: ana }, verb);
    const counters = await lib.getMany(
      [0, 1, 2, 3].map((shard) => lib.keys.counter(photo.id, 'likes', shard)),
    );
    const [counted] = counters.filter((item) => item !== undefined);
    expect(Object.keys(counted ?? {}).sort()).toEqual([
      'entity',
      'pk',
      'sk',
      'total',
      'updatedAt',
      'version',
    ]);
  }
});

it('does not like a photo that is deleted at that moment', async () => {
  const photo = await aPhoto();
  await lib.remove(lib.keys.photo(photo.id));
  await expect(lib.like(randomUUID(), photo)).rejects.toMatchObject({ status: 404 });
  expect(await likesOf(undefined, photo)).toEqual({ count: 0, liked: false });
});

it('shows likes with every photo of a list, each its own', async () => {
  const photos = await Promise.all([aPhoto(), aPhoto(), aPhoto()]);
  const ana = randomUUID();
  await lib.like(ana, photos[1] as Photo);
  const views = await lib.presentPhotos(ana, photos);
  expect(views.map(({ counts, viewer }) => [counts.likes, viewer.liked])).toEqual([
    [0, false],
    [1, true],
    [0, false],
  ]);
});

it('removes likes and their count with the photo', async () => {
  const photo = await aPhoto();
  const ana = randomUUID();
  await lib.like(ana, photo);
  await lib.removeLikesOf(photo.id);
  expect(await likesOf(ana, photo)).toEqual({ count: 0, liked: false });
});

it('is a fact that names the liker, the photo and its owner, and another one each time', async () => {
  await stack.takeRecords();
  const photo = await aPhoto();
  const ana = randomUUID();
  await lib.like(ana, photo, new Date('2026-11-26T10:00:00Z'));
  await lib.unlike(ana, photo.id);
  await lib.like(ana, photo, new Date('2026-11-26T11:00:00Z'));
  const facts = (await stack.takeRecords()).flatMap(({ dynamodb }) => {
    const image = (side: unknown) => (side ? unmarshall(side as never) : undefined);
    const fact = lib.factOf({
      before: image(dynamodb?.OldImage),
      after: image(dynamodb?.NewImage),
      at: new Date(),
    });
    return fact?.type.startsWith('like.') ? [fact] : [];
  });
  expect(facts.map(({ type }) => type)).toEqual(['like.created', 'like.deleted', 'like.created']);
  expect(new Set(facts.map(({ id }) => id)).size).toBe(3);
  expect(facts[0]).toMatchObject({
    actor: { id: ana },
    subject: { kind: 'photo', id: photo.id, ownerId: photo.ownerId },
  });
});
