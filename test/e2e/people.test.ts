import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { objectsOf } from '../support/e2e/aws.ts';
import { anonymous, type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, download, type PhotoView } from '../support/e2e/photos.ts';
import { messagesIn, send } from '../support/e2e/queues.ts';
import { idsIn, inboxOf, placesOf, toldOf, unreadOf } from '../support/e2e/sight.ts';
import { stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
let carol: Person;
const newPeople = async () => {
  [alice, bert, carol] = await people('alice', 'bert', 'carol');
};

const changed = async (photo: PhotoView, visibility: string) => {
  const { status } = await alice.patch(`/photos/${photo.id}`, { visibility });
  expect(status).toBe(200);
  await stack.idle();
};

describe('following', () => {
  beforeEach(newPeople);

  const how = async (viewer: Person, { userId }: Person) =>
    (await viewer.get<{ viewer: object }>(`/users/${userId}`)).body.viewer;

  it('is seen from both sides, and ends', async () => {
    await bert.follow(alice);
    expect(await how(bert, alice)).toEqual({ following: true, followsMe: false });
    expect(await how(alice, bert)).toEqual({ following: false, followsMe: true });
    await bert.unfollow(alice);
    await bert.unfollow(alice);
    expect(await how(bert, alice)).toEqual({ following: false, followsMe: false });
  });

  it('tells who is followed, once, however often it begins', async () => {
    await bert.follow(alice);
    await bert.follow(alice);
    await bert.unfollow(alice);
    await bert.follow(alice);
    expect(await inboxOf(alice)).toEqual([
      {
        id: `follower-new:${bert.userId}`,
        type: 'follower-new',
        at: expect.any(String),
        read: false,
        actor: { id: bert.userId, handle: bert.userName, name: bert.userName },
        photoId: null,
      },
    ]);
  });

  it('fills the feed with what is there already, as far as it is for followers', async () => {
    const ids: string[] = [];
    for (const visibility of ['public', 'private', 'followers']) {
      ids.push((await aReadyPhoto(alice, { visibility })).id);
    }
    await bert.follow(alice);
    expect(await idsIn(bert, '/feed')).toEqual([ids[2], ids[0]]);
    expect((await inboxOf(bert)).length).toBe(0);
    await bert.unfollow(alice);
    expect(await idsIn(bert, '/feed')).toEqual([]);
  });

  it('oneself is refused', async () => {
    expect(await alice.put(`/users/${alice.userId}/follow`)).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ pointer: '/userId' }] },
    });
  });
});

describe('a photo that becomes ready', () => {
  beforeEach(async () => {
    await newPeople();
    await bert.follow(alice);
  });

  it('is announced to its owner and to each follower once', async () => {
    await carol.follow(alice);
    const { id } = await aReadyPhoto(alice);
    expect(await toldOf(alice, id)).toEqual(['photo-ready']);
    for (const follower of [bert, carol]) {
      expect((await inboxOf(follower)).filter(({ photoId }) => photoId === id)).toEqual([
        expect.objectContaining({
          type: 'photo-shared',
          actor: expect.objectContaining({ id: alice.userId }),
        }),
      ]);
      expect(await idsIn(follower, '/feed')).toEqual([id]);
    }
    expect(await idsIn(alice, '/feed')).toEqual([id]);
  });

  it('is announced once, whatever is delivered twice', async () => {
    const photo = await aReadyPhoto(alice);
    const state = async () => [await inboxOf(alice), await inboxOf(bert), await idsIn(bert, '/feed')];
    const before = await state();
    const event = {
      id: `photo/${photo.id}/${photo.version}`,
      type: 'photo.ready',
      version: photo.version,
      time: new Date().toISOString(),
      correlationId: randomUUID(),
      actor: { id: alice.userId },
      subject: { kind: 'photo', id: photo.id, ownerId: alice.userId },
      data: { status: 'ready', visibility: 'public', inTrash: false },
    };
    for (const queue of ['feed-queue', 'inbox-queue']) {
      for (const message of [event, event, { event, userIds: [bert.userId] }]) await send(queue, message);
    }
    await stack.idle();
    expect(await Promise.all(['feed-queue', 'inbox-queue'].map(messagesIn))).toEqual([0, 0]);
    expect(await state()).toEqual(before);
  });

  it('is nobody else’s business while it is private, and is shared once when it no longer is', async () => {
    const photo = await aReadyPhoto(alice, { visibility: 'private' });
    expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
    expect(await placesOf(bert, photo)).toBe('');
    for (const visibility of ['public', 'private', 'followers', 'public']) await changed(photo, visibility);
    expect(await toldOf(bert, photo.id)).toEqual(['photo-shared']);
    expect(await idsIn(bert, '/feed')).toEqual([photo.id]);
    expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
  });
});

describe('the inbox', () => {
  beforeEach(newPeople);

  it('counts what has not been read, and forgets it once it has', async () => {
    for (const follower of [bert, carol]) await follower.follow(alice);
    const photo = await aReadyPhoto(alice);
    const [newest, middle] = await inboxOf(alice);
    expect([newest?.type, await unreadOf(alice)]).toEqual(['photo-ready', 3]);
    const readUpTo = async (upTo: unknown) => (await alice.post('/notifications/read', { upTo })).status;
    expect(await readUpTo(middle?.at)).toBe(204);
    expect(await unreadOf(alice)).toBe(1);
    expect((await inboxOf(alice)).map(({ read }) => read)).toEqual([false, true, true]);
    expect(await readUpTo(newest?.at)).toBe(204);
    expect(await readUpTo(middle?.at)).toBe(204);
    expect([await unreadOf(alice), await unreadOf(bert)]).toEqual([0, 1]);
    expect(await readUpTo('yesterday')).toBe(422);
    await changed(photo, 'private');
    expect([await unreadOf(bert), await inboxOf(bert)]).toEqual([0, []]);
  });
});

/** One photo, step by step: each step begins where the one before has ended. */
describe('a photo on its way', () => {
  const EVERYWHERE = 'photo rendition list feed inbox';
  let owner: Person;
  let follower: Person;
  let stranger: Person;
  let photo: PhotoView;
  beforeAll(async () => {
    [owner, follower, stranger] = await people('dora', 'emil', 'fritz');
    await follower.follow(owner);
    photo = await aReadyPhoto(owner);
  });

  const patch = (visibility: string) => owner.patch(`/photos/${photo.id}`, { visibility });
  const steps: [what: string, change: () => Promise<unknown>, forFollower: string, forStranger: string][] = [
    ['public', async () => {}, EVERYWHERE, 'photo rendition list'],
    ['for followers', () => patch('followers'), EVERYWHERE, ''],
    ['private', () => patch('private'), '', ''],
    ['for followers again', () => patch('followers'), EVERYWHERE, ''],
    ['no longer followed', () => follower.unfollow(owner), '', ''],
    ['public', () => patch('public'), 'photo rendition list inbox', 'photo rendition list'],
    ['followed again', () => follower.follow(owner), EVERYWHERE, 'photo rendition list'],
    ['in the trash', () => owner.delete(`/photos/${photo.id}`), '', ''],
    ['restored', () => owner.post(`/photos/${photo.id}/restore`), EVERYWHERE, 'photo rendition list'],
  ];
  it.each(steps)('that is %s is seen by those it is for', async (_what, change, forFollower, forStranger) => {
    await change();
    await stack.idle();
    expect(await placesOf(follower, photo)).toBe(forFollower);
    expect(await placesOf(stranger, photo)).toBe(forStranger);
    expect(await placesOf(anonymous, photo)).toBe(forStranger);
    expect(await placesOf(owner, photo)).toMatch(/^photo rendition/);
  });

  it('told its follower of it once in all that', async () => {
    expect(await toldOf(follower, photo.id)).toEqual(['photo-shared']);
    expect(await toldOf(owner, photo.id)).toEqual(['photo-ready']);
  });

  it('lies in its owner’s trash, and in no list, until it is restored', async () => {
    await owner.delete(`/photos/${photo.id}`);
    expect(await idsIn(owner, '/me/trash')).toEqual([photo.id]);
    expect([await idsIn(owner, '/me/photos'), await idsIn(owner, '/feed')]).toEqual([[], []]);
    expect((await owner.post(`/photos/${photo.id}/restore`)).status).toBe(200);
    expect(await idsIn(owner, '/me/trash')).toEqual([]);
    expect([await idsIn(owner, '/me/photos'), await idsIn(owner, '/feed')]).toEqual([[photo.id], [photo.id]]);
    expect(await owner.post(`/photos/${photo.id}/restore`)).toMatchObject({
      status: 409,
      body: { code: 'not-in-trash' },
    });
  });

  it('is gone for good once it is deleted from the trash: objects, versions, URLs', async () => {
    expect(await owner.delete(`/me/trash/${photo.id}`)).toMatchObject({
      status: 409,
      body: { code: 'not-in-trash' },
    });
    expect(await objectsOf(photo.id)).toHaveLength(7);
    const url = photo.renditions[0]?.url ?? '';
    expect((await download(url)).status).toBe(200);
    await owner.delete(`/photos/${photo.id}`);
    expect((await owner.delete(`/me/trash/${photo.id}`)).status).toBe(204);
    await stack.idle();
    expect(await objectsOf(photo.id)).toEqual([]);
    // S3 tells only who may list a bucket that something isn't there, and whoever signed the URL may not.
    expect((await download(url)).status).toBe(403);
    for (const viewer of [owner, follower, stranger, anonymous]) {
      expect(await placesOf(viewer, photo)).toBe('');
    }
    expect(await idsIn(owner, '/me/trash')).toEqual([]);
    expect((await owner.delete(`/me/trash/${photo.id}`)).status).toBe(404);
  });
});
