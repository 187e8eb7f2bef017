import { expect, it } from 'vitest';
import { people } from '../support/e2e/person.ts';
import { aReadyPhoto, type Listed, type PhotoView } from '../support/e2e/photos.ts';

it('a photo is in the feeds of its owner and of who follows them', async () => {
  const [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
  const { id } = await aReadyPhoto(alice);
  for (const person of [alice, bert]) {
    const { body } = await person.get<Listed<PhotoView>>('/feed');
    expect(body.items.map((photo) => photo.id)).toEqual([id]);
  }
});
