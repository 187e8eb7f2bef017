import { afterEach, expect, it, vi } from 'vitest';
import { objectsOf, putObject } from '../support/e2e/aws.ts';
import { aPerson, later } from '../support/e2e/person.ts';
import {
  aPicture,
  aSlot,
  declarationOf,
  type Handed,
  type PhotoView,
  postForm,
  settled,
} from '../support/e2e/photos.ts';
import { idsIn, toldOf } from '../support/e2e/sight.ts';
import { MINUTE_MS, stack } from '../support/e2e/stack.ts';

afterEach(() => stack.endFaults());

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

it('slots that are never used leave nothing behind, and others may be taken after the hour', async () => {
  const carol = await aPerson('carol');
  const declared: string[] = [];
  const declare = async () => {
    const answer = await carol.post<Handed>('/photos', declarationOf(await aPicture()));
    if (answer.status === 201) declared.push(answer.body.photo.id);
    return answer.status;
  };
  while (declared.length < 100) await Promise.all(Array.from({ length: 10 }, declare));
  expect(await declare()).toBe(429);
  await later(62, carol);
  expect(await idsIn(carol, '/me/photos?status=uploading')).toEqual([]);
  expect(await idsIn(carol, '/me/photos?status=expired&limit=100')).toHaveLength(100);
  expect(await declare()).toBe(201);
  for (const list of ['/feed', `/users/${carol.userId}/photos`]) expect(await idsIn(carol, list)).toEqual([]);
  for (const id of declared.slice(0, 3)) {
    expect(await objectsOf(id)).toEqual([]);
    expect(await toldOf(carol, id)).toEqual([]);
  }
});

it('a file that came in time keeps its slot, though its message comes when the hour is over', async () => {
  const alice = await aPerson('alice');
  const bytes = await aPicture();
  const { photo, upload } = await aSlot(alice, bytes);
  await later(10, alice);
  const told = { service: 'sqs', operation: 'SendMessage', caller: 'service:s3' };
  const [minMs, maxMs] = [55 * MINUTE_MS, 55 * MINUTE_MS];
  await stack.startFaults({ ...told, name: 'late', times: 1, effect: { kind: 'delay', minMs, maxMs } });
  expect((await postForm(upload, bytes)).status).toBe(204);
  // The message is under way all the time, so nothing is idle until it comes.
  for (let passed = 0; passed < 52; passed += 1) await stack.advance(MINUTE_MS);
  await alice.signInAgain();
  const statusNow = async () => (await alice.get<PhotoView>(`/photos/${photo.id}`)).body.status;
  await vi.waitFor(async () => expect(await statusNow()).toBe('processing'), { timeout: 20_000 });
  for (let passed = 0; passed < 4; passed += 1) await stack.advance(MINUTE_MS);
  expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', renditions: { length: 6 } });
  expect((await stack.endFaults()).get('late')).toBe(1);
  expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
});
