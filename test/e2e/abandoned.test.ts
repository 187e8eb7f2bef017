import { expect, it } from 'vitest';
import { objectsOf } from '../support/e2e/aws.ts';
import { people } from '../support/e2e/person.ts';
import { aPicture, aReadyPhoto, aSlot, handIn, postForm, settled } from '../support/e2e/photos.ts';
import { idsIn, toldOf } from '../support/e2e/sight.ts';

interface Me {
  readonly storage: { readonly used: number; readonly quota: number };
}

it('a file that comes by a form of an upload that was given up is kept nowhere and shown to nobody', async () => {
  const [alice, bert] = await people('alice', 'bert');
  expect((await bert.put(`/users/${alice.userId}/follow`)).status).toBe(204);
  const file = await aPicture();
  const { photo, upload } = await aSlot(alice, file);
  expect((await alice.delete(`/photos/${photo.id}/upload`)).status).toBe(204);
  expect((await postForm(upload, file)).status).toBe(204);

  expect(await settled(alice, photo.id)).toMatchObject({ status: 'expired', renditions: [] });
  expect(await objectsOf(photo.id)).toEqual([]);
  expect(await toldOf(alice, photo.id)).toEqual([]);
  // Another one is in the feed, so everything that is told of photos works.
  const { id } = await aReadyPhoto(alice);
  expect(await idsIn(bert, '/feed')).toEqual([id]);
});

it('what is kept is told, and a declared length that is a lie counts for nothing', async () => {
  const [alice] = await people('alice');
  const file = await aPicture();
  const { photo } = await aSlot(alice, file, { bytes: 1 });
  const used = async () => (await alice.get<Me>('/me')).body.storage.used;
  expect(await used()).toBe(1);
  const { id } = await handIn(alice, file);
  expect(id).not.toBe(photo.id);
  expect(await settled(alice, id)).toMatchObject({ status: 'ready', bytes: file.length });
  expect(await used()).toBe(1 + file.length);
});
