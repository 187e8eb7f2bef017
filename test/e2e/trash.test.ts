import { expect, it } from 'vitest';
import { ageInTrash, itemsOf, objectsOf } from '../support/e2e/aws.ts';
import { aPerson } from '../support/e2e/person.ts';
import { aReadyPhoto } from '../support/e2e/photos.ts';
import { idsIn } from '../support/e2e/sight.ts';
import { pass } from '../support/e2e/stack.ts';

it('keeps a photo for thirty days, and then nothing of it is left', async () => {
  const alice = await aPerson('alice');
  const { id } = await aReadyPhoto(alice);
  expect((await alice.delete(`/photos/${id}`)).status).toBe(204);
  await ageInTrash(id, 29);
  await pass(1);
  expect(await idsIn(alice, '/me/trash')).toEqual([id]);
  await ageInTrash(id, 1);
  await pass(1);
  expect(await idsIn(alice, '/me/trash')).toEqual([]);
  expect((await alice.get(`/photos/${id}`)).status).toBe(404);
  expect([await itemsOf(`PHOTO#${id}`), await objectsOf(id)]).toEqual([[], []]);
});
