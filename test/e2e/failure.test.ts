import { randomUUID } from 'node:crypto';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { itemsOf, MEDIA_BUCKET, objectsOf, putObject, sqs } from '../support/e2e/aws.ts';
import { crowdOut, redrive } from '../support/e2e/failing.ts';
import { type Person, people } from '../support/e2e/person.ts';
import {
  aPicture,
  aSlot,
  declarationOf,
  download,
  handIn,
  type PhotoView,
  postForm,
  settled,
} from '../support/e2e/photos.ts';
import { send } from '../support/e2e/queues.ts';
import { callerOf, type RecordedCall } from '../support/e2e/record.ts';
import { idsIn, inboxOf, placesOf, toldOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
});

/** A message that nobody is done with is hidden for six minutes. */
async function nextTry() {
  await pass(6);
  await stack.advance(1_000);
  await stack.idle();
}

/** The calls in which make-renditions did something with an object of a photo. */
async function madeCalls(photoId: string, operation: string): Promise<RecordedCall[]> {
  const calls = (await stack.record()).filter((call) => callerOf(call) === 'makeRenditions');
  return calls.filter(
    (call) =>
      call.operation === operation && call.needs.some(({ resource }) => resource.includes(`/${photoId}/`)),
  );
}

const triesOf = async (photoId: string) => (await madeCalls(photoId, 'GetObject')).length;
const statusOf = async ({ id }: PhotoView) => (await settled(alice, id)).status;

/** Three photos, step by step: each step begins where the one before has ended. */
describe('photos that cannot be finished, through no fault of their files', () => {
  const aFailingPhoto = async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes, { contentType: 'image/png' });
    const relieve = await crowdOut(photo.id);
    expect((await postForm(upload, bytes)).status).toBe(204);
    return { photo, bytes, relieve };
  };
  type Failing = Awaited<ReturnType<typeof aFailingPhoto>>;
  let mended: Failing;
  let hopeless: Failing;
  let repeated: Failing;
  let again: PhotoView;
  beforeAll(async () => {
    mended = await aFailingPhoto();
    hopeless = await aFailingPhoto();
    repeated = await aFailingPhoto();
  });

  it('are tried three times, then failed, and their owner is told once', async () => {
    const { photo } = mended;
    for (const tries of [1, 2, 3]) {
      expect(await settled(alice, photo.id)).toMatchObject({ status: 'processing', renditions: [] });
      expect(await triesOf(photo.id)).toBe(tries);
      expect(await toldOf(alice, photo.id)).toEqual([]);
      await nextTry();
    }
    for (const each of [mended, hopeless, repeated]) {
      expect(await settled(alice, each.photo.id)).toMatchObject({ status: 'failed', renditions: [] });
      expect(await toldOf(alice, each.photo.id)).toEqual(['photo-failed']);
      expect(await triesOf(each.photo.id)).toBe(3);
      expect(await placesOf(bert, each.photo)).toBe('');
    }
    expect(await idsIn(alice, '/me/photos?status=failed')).toContain(repeated.photo.id);
  });

  it('may be handed in anew', async () => {
    again = await handIn(alice, repeated.bytes);
    expect(again.id).not.toBe(repeated.photo.id);
    expect(await statusOf(again)).toBe('ready');
  });

  it('are put back to work by a redrive, but for those in the trash', async () => {
    await alice.delete(`/photos/${repeated.photo.id}`);
    await mended.relieve();
    const printed = await redrive();
    for (const { photo } of [mended, hopeless]) expect(printed).toContain(`\n  ${photo.id}\n`);
    expect(printed).not.toContain(repeated.photo.id);
    expect(await statusOf(repeated.photo)).toBe('failed');
    expect(await statusOf(hopeless.photo)).toBe('processing');
  });

  it('are ready then, as if nothing had been', async () => {
    const ready = await settled(alice, mended.photo.id);
    expect(ready).toMatchObject({ status: 'ready', format: 'png', renditions: { length: 6 } });
    for (const { url } of ready.renditions) expect((await download(url)).status).toBe(200);
    expect(await objectsOf(ready.id)).toHaveLength(7);
    expect(await toldOf(alice, ready.id)).toEqual(['photo-ready', 'photo-failed']);
    expect(await placesOf(bert, ready)).toBe('photo rendition list feed inbox');
  });

  it('fail again where the cause is still there, and nobody hears of it twice', async () => {
    for (let tries = 0; tries < 3; tries++) await nextTry();
    expect(await statusOf(hopeless.photo)).toBe('failed');
    expect(await toldOf(alice, hopeless.photo.id)).toEqual(['photo-failed']);
    await hopeless.relieve();
    expect(await redrive()).toContain(hopeless.photo.id);
    expect(await statusOf(hopeless.photo)).toBe('ready');
  });

  it('are gone when they are deleted, and take nothing else along', async () => {
    await alice.delete(`/me/trash/${repeated.photo.id}`);
    await stack.idle();
    expect(await objectsOf(repeated.photo.id)).toEqual([]);
    expect(await itemsOf(`PHOTO#${repeated.photo.id}`)).toEqual([]);
    expect(await objectsOf(again.id)).toHaveLength(7);
    expect((await alice.post('/photos', declarationOf(repeated.bytes))).body).toMatchObject({
      photo: { id: again.id, status: 'ready' },
      duplicate: true,
    });
  });
});

it('a redrive brings back what SNS could not deliver to another queue, too', async () => {
  const [carol] = await people('carol');
  const followed = {
    id: `follow/${carol.userId}/${alice.userId}/1`,
    type: 'follow.created',
    version: 1,
    time: new Date().toISOString(),
    correlationId: randomUUID(),
    actor: { id: carol.userId },
    subject: { kind: 'person', id: alice.userId, ownerId: alice.userId },
    data: {},
  };
  await send('inbox-dead-letter-queue', followed);
  expect(await redrive()).toContain('1 dead letters go back to the inbox queue');
  expect((await inboxOf(alice)).map(({ id }) => id)).toContain(`follower-new:${carol.userId}`);
});

it('a redrive looks at the dead letters of every queue but those of uploads, which are failed photos', async () => {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const queues = QueueUrls.flatMap((url) => /afterparty-local-(\w+)-dead-letter-queue$/.exec(url)?.[1] ?? []);
  const printed = await redrive();
  for (const queue of queues) if (queue !== 'uploads') expect(printed).toContain(`the ${queue} queue`);
  expect(queues.length).toBeGreaterThan(5);
});

describe('a photo that is deleted', () => {
  const purge = async ({ id }: PhotoView) => {
    expect((await alice.delete(`/photos/${id}`)).status).toBe(204);
    expect((await alice.delete(`/me/trash/${id}`)).status).toBe(204);
  };
  const expectNothingOf = async (photo: PhotoView) => {
    expect(await objectsOf(photo.id)).toEqual([]);
    expect(await itemsOf(`PHOTO#${photo.id}`)).toEqual([]);
    for (const person of [alice, bert]) expect(await placesOf(person, photo)).toBe('');
    expect(await idsIn(alice, '/me/photos')).not.toContain(photo.id);
    expect(await idsIn(alice, '/me/trash')).toEqual([]);
  };

  it('while it is rendered does not come back, and leaves no objects', async () => {
    // It takes long enough to be deleted meanwhile: 64 megapixels in some 200 KB.
    const size = { width: 8_000, height: 8_000 };
    const large = await sharp({ create: { ...size, channels: 3, background: '#336699' } })
      .png()
      .toBuffer();
    const photo = await handIn(alice, large);
    await vi.waitFor(async () => expect(await triesOf(photo.id)).toBe(1), { timeout: 30_000, interval: 5 });
    await purge(photo);
    const purged = (await stack.record()).at(-1)?.seq ?? 0;
    await stack.idle();
    const stored = await madeCalls(photo.id, 'PutObject');
    expect(stored.filter(({ seq }) => seq > purged).length).toBeGreaterThan(0);
    await expectNothingOf(photo);
  });

  it('before its file comes takes the file along', async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes);
    await purge(photo);
    await stack.idle();
    expect((await postForm(upload, bytes)).status).toBe(204);
    await stack.idle();
    await expectNothingOf(photo);
    expect((await alice.post('/photos', declarationOf(bytes))).status).toBe(201);
  });

  it('at once leaves nothing either', async () => {
    const photos = await Promise.all([1, 2, 3].map(async () => handIn(alice, await aPicture())));
    await Promise.all(photos.map(purge));
    await stack.idle();
    for (const photo of photos) await expectNothingOf(photo);
  });
});

it('a photo that goes to the trash while it is rendered is ready when it comes back', async () => {
  const photo = await handIn(alice, await aPicture());
  await alice.delete(`/photos/${photo.id}`);
  expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', trashedAt: expect.any(String) });
  expect(await placesOf(bert, photo)).toBe('');
  expect((await alice.post<PhotoView>(`/photos/${photo.id}/restore`)).body.renditions).toHaveLength(6);
  await stack.idle();
  expect(await placesOf(bert, photo)).toContain('photo rendition list feed');
});

it('a photo whose file is missing fails, and is ready as soon as the file is back', async () => {
  // A token lives for an hour, of which more than half has passed above.
  await alice.signInAgain();
  const bytes = await aPicture();
  const { photo, upload } = await aSlot(alice, bytes);
  const key = upload.fields.key as string;
  const record = { eventName: 'ObjectCreated:Post', s3: { bucket: { name: MEDIA_BUCKET }, object: { key } } };
  await send('uploads-queue', { Records: [record] });
  for (let tries = 0; tries < 3; tries++) await nextTry();
  expect((await settled(alice, photo.id)).status).toBe('failed');
  await putObject(key, bytes);
  expect((await settled(alice, photo.id)).status).toBe('ready');
  expect(await toldOf(alice, photo.id)).toEqual(['photo-ready', 'photo-failed']);
});
