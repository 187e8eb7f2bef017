import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSigningKey, type SigningKey } from '../../offline/issuer/keys.ts';
import { anonymous, aPerson, Client, later, type Person } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';
import { forgeries, resign } from '../support/forge.ts';

let alice: Person;
let photo: PhotoView;
let key: SigningKey;
let forged: Readonly<Record<string, string>>;
beforeAll(async () => {
  alice = await aPerson('alice');
  photo = await aReadyPhoto(alice);
  key = openSigningKey(stack.stateDir);
  forged = await forgeries(alice, key);
});

const bearing = (authorization: string) => new Client(() => ({ authorization }));

/** Routes that take nobody without a token, and those that take anybody; each with what it answers its caller. */
const signedIn = () =>
  [
    ['GET', '/me', 200],
    ['GET', '/me/photos', 200],
    ['GET', '/feed', 200],
    ['PATCH', `/photos/${photo.id}`, 200],
  ] as const;
const optional = () =>
  [
    ['GET', `/photos/${photo.id}`, 200],
    ['GET', `/photos/${photo.id}/renditions/small`, 302],
    ['GET', `/users/${alice.userId}`, 200],
    ['GET', `/users/${alice.userId}/photos`, 200],
  ] as const;

const statuses = (client: Client, routes: readonly (readonly [string, string, number])[]) =>
  Promise.all(
    routes.map(async ([method, path]) => {
      const body = method === 'PATCH' ? { caption: 'Changed' } : undefined;
      return (await client.send(method, path, body)).status;
    }),
  );
const expected = (routes: readonly (readonly [string, string, number])[]) =>
  routes.map(([, , status]) => status);

describe('a token', () => {
  it('that is genuine opens every route', async () => {
    expect(await statuses(alice, signedIn())).toEqual(expected(signedIn()));
    expect(await statuses(alice, optional())).toEqual(expected(optional()));
    const resigned = bearing(`Bearer ${await resign(decodeJwt(alice.accessToken), key)}`);
    expect(await statuses(resigned, [...signedIn(), ...optional()])).toEqual(
      expected([...signedIn(), ...optional()]),
    );
  });

  it('that is forged opens none', async () => {
    expect(Object.keys(forged).length).toBeGreaterThan(10);
    const routes = [...signedIn(), ...optional()];
    for (const [how, token] of Object.entries(forged)) {
      expect(await statuses(bearing(`Bearer ${token}`), routes), how).toEqual(routes.map(() => 401));
    }
  });

  it('in another form than Bearer opens none', async () => {
    for (const authorization of [`Basic ${alice.accessToken}`, 'Bearer', `Bearer  ${alice.accessToken} x`]) {
      expect(await statuses(bearing(authorization), optional()), authorization).toEqual([401, 401, 401, 401]);
      expect(await statuses(bearing(authorization), signedIn()), authorization).toEqual([401, 401, 401, 401]);
    }
  });

  it('that is bad is no reason to name more than that', async () => {
    const refused = await bearing(`Bearer ${alice.idToken}`).get(`/photos/${photo.id}`);
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    const gateway = await bearing('Bearer x.y.z').get('/me');
    expect(gateway).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
  });
});

describe('nobody in particular', () => {
  it('sees what is public and nothing else', async () => {
    expect(await statuses(anonymous, optional())).toEqual(expected(optional()));
    expect(await statuses(anonymous, signedIn())).toEqual([401, 401, 401, 401]);
    expect((await anonymous.post('/photos', {})).status).toBe(401);
  });

  it('becomes somebody by no header of the local servers', async () => {
    const override = JSON.stringify({ claims: decodeJwt(alice.accessToken), principalId: alice.userId });
    const impostor = new Client(() => ({
      'sls-offline-authorizer-override': override,
      'x-amzn-lambda-authorizer': override,
    }));
    expect(await statuses(impostor, signedIn())).toEqual([401, 401, 401, 401]);
    const hidden = await aReadyPhoto(alice, { visibility: 'private' });
    expect((await impostor.get(`/photos/${hidden.id}`)).status).toBe(404);
    expect((await impostor.get(`/photos/${photo.id}/original`)).status).toBe(403);
  });
});

it('a token ends after its hour', async () => {
  const held = bearing(`Bearer ${alice.accessToken}`);
  await later(61, alice);
  expect(await statuses(held, signedIn())).toEqual([401, 401, 401, 401]);
  expect(await statuses(held, optional())).toEqual([401, 401, 401, 401]);
  expect(await statuses(alice, signedIn())).toEqual(expected(signedIn()));
});
