import { expect, it } from 'vitest';
import { objectsOf, putObject } from '../support/e2e/aws.ts';
import { aPerson, later } from '../support/e2e/person.ts';
import { aPicture, aSlot, declarationOf, type Handed, settled } from '../support/e2e/photos.ts';

it('a slot that gets no file expires after an hour; a file that comes after all revives it', async () => {
  const alice = await aPerson('alice');
  const [forgotten, late] = [await aPicture(), await aPicture()];
  const slot = await aSlot(alice, forgotten);
  const lateSlot = await aSlot(alice, late);
  await later(58, alice);
  expect((await settled(alice, slot.photo.id)).status).toBe('uploading');
  await later(3, alice);
  for (const { photo } of [slot, lateSlot]) {
    expect((await settled(alice, photo.id)).status).toBe('expired');
  }

  await putObject(lateSlot.upload.fields.key as string, late);
  expect(await settled(alice, lateSlot.photo.id)).toMatchObject({ status: 'ready', format: 'png' });
  expect(await objectsOf(lateSlot.photo.id)).toHaveLength(7);

  const { status, body } = await alice.post<Handed>('/photos', declarationOf(forgotten));
  expect(status).toBe(201);
  expect(body.photo.id).not.toBe(slot.photo.id);
});
