import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { type Key, keys } from '../../lib/table/keys.ts';
import { dynamodb, itemsOf, TABLE } from '../support/e2e/aws.ts';
import { aPerson } from '../support/e2e/person.ts';
import { aPicture, declarationOf, formOf, type Handed, settled } from '../support/e2e/photos.ts';
import { aPictureWith, aPlace } from '../support/pictures/placed.ts';

const QUOTA = 50_000_000_000;
const DAILY_PICTURES = 10_000;

it('a person whose 50 GB are used is told so by every way in, and makes room by deleting', async () => {
  const alice = await aPerson('alice');
  const [kept, refused] = [await aPicture(), await aPicture()];
  const { body } = await alice.post<Handed>('/photos', formOf(kept));
  await settled(alice, body.photo.id);
  await setUsed(alice.userId, QUOTA - 100);

  const ways = [declarationOf(refused), declarationOf(refused, { multipart: true }), formOf(refused)];
  for (const way of ways) {
    const answer = await alice.post('/photos', way);
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'quota-exceeded', used: QUOTA - 100, quota: QUOTA, asked: refused.length },
    });
  }
  expect((await alice.get<{ items: unknown[] }>('/me/photos')).body.items).toHaveLength(1);

  expect((await alice.delete(`/photos/${body.photo.id}`)).status).toBe(204);
  expect((await alice.post('/photos', formOf(refused))).status).toBe(403);
  expect((await alice.delete(`/me/trash/${body.photo.id}`)).status).toBe(204);
  await expect.poll(() => used(alice.userId)).toBe(QUOTA - 100 - kept.length);
  await setUsed(alice.userId, QUOTA - refused.length);
  expect((await alice.post('/photos', formOf(refused))).status).toBe(202);
});

it('a person whose pictures of the day are used up is told when the next day begins, and nothing is done', async () => {
  const bert = await aPerson('bert');
  const [kept, refused] = [await aPictureWith({ gps: aPlace().gps }), await aPicture()];
  const { body } = await bert.post<Handed>('/photos', formOf(kept));
  const { id } = await settled(bert, body.photo.id);
  await bert.patch(`/photos/${id}`, { locationPrecision: 'none' });
  const today = new Date((await bert.get('/me')).headers.get('date') ?? '').toISOString().slice(0, 10);
  await setCounted(keys.budget(bert.userId, today), 'pictures', DAILY_PICTURES);

  const steps = [{ filter: 'nordic' }];
  const asked = [
    ...[declarationOf(refused), declarationOf(refused, { multipart: true }), formOf(refused)].map((way) =>
      bert.post('/photos', way),
    ),
    bert.post(`/photos/${id}/edits`, { steps }),
    bert.post('/batches', { photoIds: [id], steps }),
    bert.patch(`/photos/${id}`, { locationPrecision: 'exact' }),
  ];
  for (const answer of await Promise.all(asked)) {
    expect(answer).toMatchObject({ status: 429, body: { code: 'daily-limit' } });
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
  }
  expect((await bert.get<{ items: unknown[] }>('/me/photos')).body.items).toHaveLength(1);
  expect((await bert.get<{ items: unknown[] }>(`/photos/${id}/edits`)).body.items).toEqual([]);
  expect((await bert.get(`/photos/${id}`)).body).toMatchObject({ locationPrecision: 'none' });
  expect((await bert.post('/photos', formOf(kept))).status).toBe(200);
});

function setUsed(userId: string, bytes: number) {
  return setCounted(keys.storage(userId), 'bytes', bytes);
}

function setCounted(key: Key, attribute: string, value: number) {
  return dynamodb.send(
    new UpdateCommand({
      TableName: TABLE,
      Key: key,
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
}

async function used(userId: string): Promise<unknown> {
  const { pk, sk } = keys.storage(userId);
  return (await itemsOf(pk)).find((item) => item.sk === sk)?.bytes;
}
