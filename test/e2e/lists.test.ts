import { expect, it } from 'vitest';
import { aPerson } from '../support/e2e/person.ts';

it.each(['0', '101', 'x'])('a limit of %s is 422', async (limit) => {
  const alice = await aPerson('alice');
  expect(await alice.get(`/me/photos?limit=${limit}`)).toMatchObject({
    status: 422,
    body: { code: 'invalid-request', errors: [{ pointer: '/limit' }] },
  });
});
