import { expect, it } from 'vitest';
import { objectsOf } from '../support/e2e/aws.ts';
import { aPerson } from '../support/e2e/person.ts';
import { aReadyPhoto } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

it('a photo that is deleted for good leaves no objects', async () => {
  const alice = await aPerson('alice');
  const { id } = await aReadyPhoto(alice);
  expect(await objectsOf(id)).toHaveLength(7);
  await alice.delete(`/photos/${id}`);
  expect((await alice.delete(`/me/trash/${id}`)).status).toBe(204);
  await stack.idle();
  expect(await objectsOf(id)).toEqual([]);
});
