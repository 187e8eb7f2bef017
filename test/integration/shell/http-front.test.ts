import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgeries } from '../../support/forge.ts';
import { startFixtureFront } from '../../support/front.ts';

let fixture: Awaited<ReturnType<typeof startFixtureFront>>;
beforeAll(async () => {
  fixture = await startFixtureFront();
});
afterAll(() => fixture.stop());

const call = (path: string, init: RequestInit = {}) => fetch(fixture.baseUrl + path, init);
const signed = (token: string, path = '/signed') =>
  call(path, { headers: { authorization: `Bearer ${token}` } });

// biome-ignore lint/suspicious/noExplicitAny: tests look into what came back
const json = async (response: Response): Promise<any> => response.json();

describe('tokens', () => {
  it('of the issuer are admitted, and their claims arrive as strings', async () => {
    const response = await signed(await fixture.accessToken());
    expect(response.status).toBe(200);
    const { authorizer } = (await json(response)).requestContext;
    expect(authorizer).toEqual({
      jwt: {
        claims: expect.objectContaining({
          client_id: fixture.clientId,
          token_use: 'access',
          exp: expect.stringMatching(/^\d{10}$/),
        }),
        scopes: null,
      },
    });
  });

  it('may come without the word Bearer', async () => {
    const response = await call('/signed', { headers: { authorization: await fixture.accessToken() } });
    expect(response.status).toBe(200);
  });

  it('that are forged are refused, all but the ID token, which only the function can tell', async () => {
    const genuine = { accessToken: await fixture.accessToken(), idToken: await fixture.idToken() };
    const statuses: Record<string, number> = {};
    for (const [name, token] of Object.entries(await forgeries(genuine, fixture.key as never))) {
      const response = await signed(token);
      statuses[name] = response.status;
      if (response.status === 401) {
        expect(await json(response)).toEqual({ message: 'Unauthorized' });
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer scope="" error="invalid_token"/);
      }
    }
    expect(statuses).toEqual({
      ...Object.fromEntries(Object.keys(statuses).map((name) => [name, 401])),
      'an ID token': 200,
    });
    expect(Object.keys(statuses).length).toBeGreaterThan(10);
  });

  it('of an ID token carry lists in brackets', async () => {
    const { requestContext } = await json(await signed(await fixture.idToken()));
    expect(requestContext.authorizer.jwt.claims['cognito:groups']).toBe('[a b]');
  });

  it('that are missing are 401 with the challenge alone', async () => {
    const response = await call('/signed');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await json(response)).toEqual({ message: 'Unauthorized' });
  });

  it('need one of the scopes of the route', async () => {
    const without = await signed(await fixture.accessToken(), '/scoped');
    expect(without.status).toBe(403);
    expect(await json(without)).toEqual({ message: 'Forbidden' });
    const granted = await signed(await fixture.accessToken({ scope: 'photos/write' }), '/scoped');
    expect((await json(granted)).requestContext.authorizer.jwt.scopes).toEqual(['photos/write']);
  });

  it("can't be replaced by serverless-offline's override header", async () => {
    const override = JSON.stringify({ jwt: { claims: { sub: 'someone else' } } });
    const refused = await call('/signed', { headers: { 'sls-offline-authorizer-override': override } });
    expect(refused.status).toBe(401);
    const open = await call('/open', {
      method: 'POST',
      headers: { 'sls-offline-authorizer-override': override },
    });
    expect(JSON.stringify(await json(open))).not.toContain('someone else');
  });

  it('expire on the clock of the stack', async () => {
    const token = await fixture.accessToken();
    await fixture.clock.advance(2 * 3600_000);
    expect((await signed(token)).status).toBe(401);
  });
});

describe('bodies', () => {
  it('of images arrive byte for byte under their own type', async () => {
    const bytes = randomBytes(1024 * 1024);
    for (const type of [
      'image/jpeg',
      'image/png',
      'image/webp',
      'image/heic',
      'image/avif',
      'multipart/form-data; boundary=x',
    ]) {
      const event = await json(
        await call('/open', { method: 'POST', headers: { 'content-type': type }, body: bytes }),
      );
      expect(event.isBase64Encoded).toBe(true);
      expect(event.headers['content-type']).toBe(type);
      expect(Buffer.from(event.body, 'base64').equals(bytes)).toBe(true);
    }
  });

  it('pass up to what fits into an event of 6 MB as base64, and are 413 above', async () => {
    const post = (bytes: number) =>
      call('/open', {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg', 'x-do': 'answer' },
        body: Buffer.alloc(bytes),
      });
    expect((await post(4_690_000)).status).toBe(201);
    for (const bytes of [4_720_000, 9_000_000, 20_000_000]) {
      const response = await post(bytes);
      expect(response.status).toBe(413);
      expect(await json(response)).toEqual({ message: 'Request Entity Too Large' });
    }
  });
});

describe('answers', () => {
  it('carry what the function says, with repeated cookies', async () => {
    const response = await call('/open', { method: 'POST', headers: { 'x-do': 'answer' } });
    expect(response.status).toBe(201);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
    expect(await response.text()).toBe('made');
  });

  it.each([
    [
      'a function that fails',
      '/open',
      { method: 'POST', headers: { 'x-do': 'fail' } },
      500,
      'Internal Server Error',
    ],
    [
      'a function that answers with a header that is none',
      '/open',
      { method: 'POST', headers: { 'x-do': 'answer badly' } },
      500,
      'Internal Server Error',
    ],
    [
      'a function that is too slow',
      '/open',
      { method: 'POST', headers: { 'x-do': 'wait' } },
      503,
      'Service Unavailable',
    ],
    ['an unknown route', '/nowhere', {}, 404, 'Not Found'],
    [
      'an unknown route with a body that is no JSON',
      '/nowhere',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
      404,
      'Not Found',
    ],
    ['another method', '/open', {}, 404, 'Not Found'],
    ['a slash too many', '/open/', { method: 'POST' }, 404, 'Not Found'],
    ['a cookie that is no cookie', '/nowhere', { headers: { cookie: '{"a":"b' } }, 404, 'Not Found'],
  ])('to %s are as of API Gateway', async (_what, path, init, status, message) => {
    const response = await call(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await json(response)).toEqual({ message });
  });

  it('to a HEAD of a GET route are 404', async () => {
    expect((await call('/signed', { method: 'HEAD' })).status).toBe(404);
  });

  it('to a path that is no valid encoding are 404', async () => {
    const status = await new Promise((resolve) => {
      request(`${fixture.baseUrl}/%zz`, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(404);
  });
});

describe('browsers', () => {
  const origin = 'https://app.example';

  it('get their preflight answered without a function or a token', async () => {
    const response = await call('/signed', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
  });

  it('may read answers and errors alike', async () => {
    for (const path of ['/open', '/signed', '/nowhere']) {
      const response = await call(path, { method: 'POST', headers: { origin } });
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-expose-headers')).toBe('etag');
    }
  });

  it('from elsewhere are told nothing', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' };
    const response = await call('/signed', { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});
