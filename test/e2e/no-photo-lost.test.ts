import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenTo } from '../../bench/upload/announced.ts';
import { violationsOf } from '../../bench/upload/check.ts';
import { type Member, memberOf } from '../../scripts/demo/member.ts';
import { objectsOf } from '../support/e2e/aws.ts';
import { endedAtEachCall } from '../support/e2e/ended.ts';
import { type Person, people } from '../support/e2e/person.ts';
import { aPicture, aSlot, type PhotoView, postForm, settled, type Upload } from '../support/e2e/photos.ts';
import { messagesIn, send } from '../support/e2e/queues.ts';
import { idsIn, toldOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';

const THUMBNAILER = 'makeRenditions';
/** A message that a worker died with is hidden for six minutes. */
const HIDDEN_MINUTES = 7;
/** One original and six renditions. */
const OBJECTS = 7;

let alice: Person;
beforeAll(async () => {
  [alice] = await people('alice');
});

beforeEach(() => alice.signInAgain());
afterEach(() => stack.endFaults());

/** The beginning of a PNG, each time another. */
const aBrokenPicture = async () => Buffer.concat([(await aPicture()).subarray(0, 60), randomBytes(8)]);

let worlds = 0;

/** Somebody who hands photos in, and a guest who follows; the answer says what became of them otherwise than once. */
async function newWorld() {
  worlds += 1;
  const name = `lost${worlds}.${Date.now()}`;
  const [guest, sender] = await Promise.all([
    memberOf(stack.place, `guest.${name}`),
    memberOf(stack.place, `sender.${name}`),
  ]);
  await guest.follow(sender);
  await stack.idle();
  const announced = await listenTo(stack, 'photo.ready');
  const ids: string[] = [];
  return {
    ids,
    sendOne: async () => ids.push(await sentStraight(sender)),
    violations: async () =>
      violationsOf(stack, { guest, handedIn: [{ sender, ids }], announcements: await announced() }),
  };
}

/** Sends a photo to S3 itself, so that all work is the thumbnailer's. */
async function sentStraight(sender: Member): Promise<string> {
  return (await sender.uploadPhoto(await aPicture(), '')).id;
}

async function expectWhole(ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await objectsOf(id)).toHaveLength(OBJECTS);
}

describe('a thumbnailer whose worker is ended from outside at each of its calls', () => {
  it('makes every photo ready, with one set of renditions, told and announced once', async () => {
    const world = await newWorld();
    await endedAtEachCall(THUMBNAILER, world.sendOne);
    expect(world.ids.length).toBeGreaterThan(20);
    await pass(HIDDEN_MINUTES);
    expect(await world.violations()).toEqual([]);
    await expectWhole(world.ids);
  }, 240_000);

  it('rejects every photo that cannot be one, and tells its owner once', async () => {
    const ids: string[] = [];
    await endedAtEachCall(THUMBNAILER, async () => {
      const broken = await aBrokenPicture();
      const { photo, upload } = await aSlot(alice, broken, { contentType: 'image/png' });
      ids.push(photo.id);
      expect((await postForm(upload, broken)).status).toBe(204);
      await stack.idle();
    });
    await pass(HIDDEN_MINUTES);
    for (const id of ids) {
      expect(await settled(alice, id)).toMatchObject({
        status: 'rejected',
        rejection: { code: 'corrupt-image' },
      });
      expect(await toldOf(alice, id)).toEqual(['photo-rejected']);
      expect(await objectsOf(id)).toHaveLength(1);
    }
  }, 240_000);
});

describe('a photo is neither lost nor made twice', () => {
  const told = { service: 'sqs', operation: 'SendMessage', caller: 'service:s3' };
  const received = { service: 'sqs', operation: 'ReceiveMessage', caller: THUMBNAILER };
  const throttled = { caller: THUMBNAILER, times: 40, effect: { kind: 'throttle' } };

  it.each<[string, object[]]>([
    ['every message comes twice', [{ ...told, effect: { kind: 'duplicate' } }]],
    ['messages that were received are delivered again', [{ ...received, effect: { kind: 'redelivered' } }]],
    [
      'messages come late and in any order',
      [
        { ...told, effect: { kind: 'delay', maxMs: 2_000 } },
        { ...received, effect: { kind: 'unordered' } },
      ],
    ],
    ['S3 asks to slow down', [{ ...throttled, service: 's3' }]],
    ['the table is throttled', [{ ...throttled, service: 'dynamodb' }]],
    [
      'answers of S3 are lost',
      [{ service: 's3', caller: THUMBNAILER, probability: 0.4, effect: { kind: 'drop' } }],
    ],
  ])('when %s', async (_, faults) => {
    const world = await newWorld();
    await stack.startFaults(...faults.map((fault, at) => ({ name: `${at}`, ...fault })));
    await Promise.all(Array.from({ length: 8 }, world.sendOne));
    await stack.idle();
    const met = await stack.endFaults();
    for (const at of faults.keys()) expect(met.get(`${at}`)).toBeGreaterThan(0);
    await pass(HIDDEN_MINUTES);
    expect(await world.violations()).toEqual([]);
    await expectWhole(world.ids);
  });
});

describe('a message of a file', () => {
  /** As S3 sends it. */
  const arrival = (upload: Upload) => ({
    Records: [{ eventName: 'ObjectCreated:Post', s3: { object: { key: upload.fields.key } } }],
  });

  it('that comes again when the photo is ready changes nothing', async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes);
    await postForm(upload, bytes);
    const ready = await settled(alice, photo.id);
    await send('uploads-queue', arrival(upload));
    expect((await settled(alice, photo.id)).version).toBe(ready.version);
    expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
    expect(await objectsOf(photo.id)).toHaveLength(OBJECTS);
  });

  it('that comes when the photo has been deleted for good brings nothing back', async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes);
    await postForm(upload, bytes);
    await settled(alice, photo.id);
    await alice.delete(`/photos/${photo.id}`);
    expect((await alice.delete(`/me/trash/${photo.id}`)).status).toBe(204);
    await stack.idle();
    await send('uploads-queue', arrival(upload));
    await stack.idle();
    expect(await objectsOf(photo.id)).toEqual([]);
    expect((await alice.get(`/photos/${photo.id}`)).status).toBe(404);
  });

  it('that comes before its file fails nothing: the file is taken when it is there', async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes);
    await send('uploads-queue', arrival(upload));
    await stack.idle();
    expect((await postForm(upload, bytes)).status).toBe(204);
    await settled(alice, photo.id);
    await pass(HIDDEN_MINUTES);
    expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', renditions: { length: 6 } });
    expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
  });

  it('among poison is seen to at once; what nobody understands goes to the dead letters alone', async () => {
    const before = await messagesIn('uploads-dead-letter-queue');
    const sent: PhotoView[] = [];
    for (const bytes of [
      await aBrokenPicture(),
      await aPicture(),
      await aBrokenPicture(),
      await aPicture(),
    ]) {
      await send('uploads-queue', { nobody: 'understands this' });
      const { photo, upload } = await aSlot(alice, bytes);
      await postForm(upload, bytes);
      sent.push(photo);
    }
    const statuses = await Promise.all(sent.map(async ({ id }) => (await settled(alice, id)).status));
    expect(statuses).toEqual(['rejected', 'ready', 'rejected', 'ready']);
    expect(await messagesIn('uploads-queue')).toBe(4);
    for (let tries = 0; tries < 3; tries += 1) await pass(HIDDEN_MINUTES);
    expect(await messagesIn('uploads-queue')).toBe(0);
    expect((await messagesIn('uploads-dead-letter-queue')) - before).toBe(4);
    expect(await idsIn(alice, '/me/photos?status=processing')).toEqual([]);
  });
});
