import { beforeAll, expect, it } from 'vitest';
import { type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, download, type Listed, type PhotoView } from '../support/e2e/photos.ts';
import { inboxOf, unreadOf } from '../support/e2e/sight.ts';
import { stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
});

const markRead = (upTo: string | undefined, key: string) =>
  bert.post('/notifications/read', { upTo }, { 'idempotency-key': key });

it('is marked as read once for each key, also where the first try fails on the way', async () => {
  await aReadyPhoto(alice);
  const [newest] = await inboxOf(bert);
  const name = 'marking-fails';
  const effect = { kind: 'fail' };
  await stack.startFaults({ name, service: 'dynamodb', operation: 'UpdateItem', caller: 'activity', effect });
  const failed = await markRead(newest?.at, 'first');
  expect((await stack.endFaults()).get(name)).toBeGreaterThan(0);
  expect(failed.status).toBeGreaterThanOrEqual(500);
  expect(await unreadOf(bert)).toBe(1);

  const done = await markRead(newest?.at, 'first');
  const again = await markRead(newest?.at, 'first');
  expect([done.status, again.status]).toEqual([204, 204]);
  expect(done.headers.get('idempotency-replayed')).toBeNull();
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await unreadOf(bert)).toBe(0);
});

it('leads to pictures in the feed that can be fetched', async () => {
  const { id } = await aReadyPhoto(alice);
  const { body } = await bert.get<Listed<PhotoView>>('/feed');
  const photo = body.items.find((one) => one.id === id);
  const { status, body: bytes } = await download(photo?.renditions[0]?.url ?? '');
  expect([status, bytes.length > 50]).toEqual([200, true]);
});
