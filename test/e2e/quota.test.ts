import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { keys } from '../../lib/table/keys.ts';
import { dynamodb, itemsOf, TABLE } from '../support/e2e/aws.ts';
import { aPerson } from '../support/e2e/person.ts';
import { aPicture, declarationOf, formOf, type Handed, settled } from '../support/e2e/photos.ts';

const QUOTA = 50_000_000_000;

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

function setUsed(userId: string, bytes: number) {
  return dynamodb.send(
    new UpdateCommand({
      TableName: TABLE,
      Key: keys.storage(userId),
      UpdateExpression: 'SET #bytes = :bytes',
      ExpressionAttributeNames: { '#bytes': 'bytes' },
      ExpressionAttributeValues: { ':bytes': bytes },
    }),
  );
}

async function used(userId: string): Promise<unknown> {
  const { pk, sk } = keys.storage(userId);
  return (await itemsOf(pk)).find((item) => item.sk === sk)?.bytes;
}
