import { expect, it } from 'vitest';
import { people } from '../support/e2e/person.ts';
import { aPicture, download, handIn, type Listed, type PhotoView } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

it('what the feed points to can be fetched: the function that signs it may read it', async () => {
  const [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
  const { id } = await handIn(alice, await aPicture());
  await stack.idle();
  const { body } = await bert.get<Listed<PhotoView>>('/feed');
  const shown = body.items.find((photo) => photo.id === id);
  expect(shown?.renditions.length).toBeGreaterThan(0);
  for (const { url } of shown?.renditions ?? []) expect((await download(url)).status).toBe(200);
});

it('reading notifications is done once for each Idempotency-Key', async () => {
  const [alice] = await people('alice');
  const upTo = new Date().toISOString();
  const read = () => alice.post('/notifications/read', { upTo }, { 'idempotency-key': 'once' });
  expect((await read()).status).toBe(204);
  const again = await read();
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([204, 'true']);
});
