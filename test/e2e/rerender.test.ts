import { HeadObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { itemsOf, MEDIA_BUCKET, objectsOf, s3 } from '../support/e2e/aws.ts';
import { outdate, rerender } from '../support/e2e/outdated.ts';
import { type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, download, type PhotoView } from '../support/e2e/photos.ts';
import { foundIn, promisedOf } from '../support/e2e/renditions.ts';
import { placesOf, toldOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
});

const photoOf = async ({ id }: PhotoView) => (await alice.get<PhotoView>(`/photos/${id}`)).body;
const itemOf = async ({ id }: PhotoView) => (await itemsOf(`PHOTO#${id}`))[0] as Record<string, unknown>;
const keysOf = async (photo: PhotoView) =>
  ((await itemOf(photo)).renditions as { key: string }[]).map(({ key }) => key);

it('every stored rendition says what it was made of, and how', async () => {
  const photo = await aReadyPhoto(alice);
  const { sha256 } = await itemOf(photo);
  const recipes = new Set<unknown>();
  for (const Key of await keysOf(photo)) {
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: MEDIA_BUCKET, Key }));
    expect(Metadata).toEqual({
      'source-sha256': sha256,
      'recipe-sha256': expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      libraries: `sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}`,
    });
    recipes.add(Metadata?.['recipe-sha256']);
  }
  expect(recipes.size).toBe(6);
});

/** Step by step: each begins where the one before has ended. */
describe('photos whose recipe has changed', () => {
  let changed: PhotoView[];
  let trashed: PhotoView;
  let current: PhotoView;
  let before: PhotoView[];
  let wanted: string[][];
  const everybody = () => [...changed, trashed, current];

  beforeAll(async () => {
    changed = [await aReadyPhoto(alice), await aReadyPhoto(alice)];
    [trashed, current] = [await aReadyPhoto(alice), await aReadyPhoto(alice)];
    wanted = [];
    for (const { id } of [...changed, trashed]) wanted.push(await outdate(id));
    await alice.delete(`/photos/${trashed.id}`);
    await stack.idle();
    before = await Promise.all(everybody().map(photoOf));
  });

  it('are told, and stay as they are, where nothing is to be done yet', async () => {
    const printed = await rerender('--dry-run');
    for (const { id } of [...changed, trashed]) expect(printed).toContain(`  ${id}\n`);
    expect(printed).toMatch(/\d+ photos would be rendered again/);
    expect(printed).not.toContain(current.id);
    await stack.idle();
    expect(await Promise.all(everybody().map(async (each) => (await photoOf(each)).version))).toEqual(
      before.map(({ version }) => version),
    );
  });

  it('are rendered again, and are ready all the while', async () => {
    const printed = await rerender();
    for (const { id } of [...changed, trashed]) expect(printed).toContain(`  ${id}\n`);
    expect(printed).not.toContain(current.id);
    const seen = new Set<string>();
    for (const photo of changed) {
      let now = await photoOf(photo);
      while (now.renditions.some(({ id }, i) => id === before[changed.indexOf(photo)]?.renditions[i]?.id)) {
        seen.add(now.status);
        for (const { url } of now.renditions) expect((await download(url)).status).toBe(200);
        now = await photoOf(photo);
      }
      seen.add(now.status);
    }
    expect([...seen]).toEqual(['ready']);
    await stack.idle();
    for (const [i, photo] of [...changed, trashed].entries()) expect(await keysOf(photo)).toEqual(wanted[i]);
    for (const photo of changed) {
      const now = await photoOf(photo);
      expect(await foundIn(now)).toMatchObject(promisedOf(now as { width: number; height: number }));
    }
  });

  it('are not announced to anybody a second time', async () => {
    for (const photo of changed) {
      expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
      expect(await toldOf(bert, photo.id)).toEqual(['photo-shared']);
      expect(await placesOf(bert, await photoOf(photo))).toBe('photo rendition list feed inbox');
    }
    expect((await photoOf(current)).version).toBe(before.at(-1)?.version);
  });

  it('are left alone when they are asked for again, and told where they come too soon', async () => {
    const [again] = changed as [PhotoView];
    const { version } = await photoOf(again);
    expect(await rerender()).not.toContain(again.id);
    expect((await photoOf(again)).version).toBe(version);
    await outdate(again.id);
    const printed = await rerender();
    expect(printed).not.toContain(again.id);
    expect(printed).toMatch(/[1-9]\d* more were a few minutes ago/);
    await pass(22);
    expect(await rerender()).toContain(again.id);
    await stack.idle();
    expect(await keysOf(again)).toEqual(wanted[0]);
  });

  it('keep what they showed for as long as its URLs work, and no longer', async () => {
    await pass(22);
    for (const photo of changed) {
      const now = await photoOf(photo);
      const keys = await keysOf(photo);
      expect((await objectsOf(photo.id)).filter((key) => key.startsWith('renditions/')).sort()).toEqual(
        [...new Set(keys)].sort(),
      );
      expect(await itemOf(photo)).not.toHaveProperty('superseded');
      for (const { url } of now.renditions) expect((await download(url)).status).toBe(200);
    }
  });

  it('in the trash are swept after they are restored', async () => {
    expect((await alice.post(`/photos/${trashed.id}/restore`)).status).toBe(200);
    await pass(1);
    expect(await itemOf(trashed)).not.toHaveProperty('superseded');
    expect(await keysOf(trashed)).toEqual(wanted[2]);
  });
});
