import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aCaller, anApiEvent, aSignedInEvent } from '../../support/api-events.ts';

const issuer = String(process.env.COGNITO_ISSUER);
const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
const stranger = await generateKeyPair('RS256');
const keySet = () => Response.json({ keys: [{ ...jwk, kid: 'key-1', alg: 'RS256', use: 'sig' }] });
const jwk = await exportJWK(publicKey);

const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  sub: aCaller.userId,
  username: aCaller.username,
  client_id: aCaller.clientId,
  token_use: 'access',
  exp: Math.floor(Date.now() / 1_000) + 60,
  ...changes,
});
const signed = (changes: JWTPayload = {}, key = privateKey) =>
  new SignJWT(claims(changes)).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key);

let answerKeys: () => Response;

beforeEach(() => {
  answerKeys = keySet;
  vi.stubGlobal('fetch', async () => answerKeys());
  // The key set is kept by the module.
  vi.resetModules();
});

afterEach(() => vi.unstubAllGlobals());

async function callerOf(authorization: string | undefined) {
  const token = await import('../../../lib/http/token.ts');
  const headers = authorization === undefined ? {} : { authorization };
  return token.callerOf(anApiEvent({ headers }), 'optional');
}

describe('the caller of an optional route', () => {
  it('is who the access token says', async () => {
    const { userId, username } = aCaller;
    expect(await callerOf(`Bearer ${await signed()}`)).toEqual({ userId, username });
    expect(await callerOf(`bearer ${await signed()}`)).toEqual({ userId, username });
  });

  it('is nobody without a token', async () => {
    expect(await callerOf(undefined)).toBeUndefined();
  });

  const endless = { exp: undefined } as unknown as JWTPayload;
  const hmac = async () =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(Buffer.from(await exportSPKI(publicKey)));

  it.each<[string, () => Promise<string>]>([
    ['signed by somebody else', () => signed({}, stranger.privateKey)],
    ['not signed at all', async () => new UnsecuredJWT(claims()).encode()],
    ['signed with the public key as an HMAC', hmac],
    ['expired', () => signed({ exp: Math.floor(Date.now() / 1_000) - 1 })],
    ['without an end', () => signed(endless)],
    ['of another user pool', () => signed({ iss: `${issuer}x` })],
    ['of another application', () => signed({ client_id: 'another' })],
    ['an ID token', () => signed({ token_use: 'id', aud: aCaller.clientId })],
    ['of somebody whose id is none', () => signed({ sub: '../admin' })],
    ['no token', async () => 'x.y.z'],
    ['empty', async () => ''],
  ])('is refused with a token that is %s', async (_what, make) => {
    await expect(callerOf(`Bearer ${await make()}`)).rejects.toMatchObject({
      status: 401,
      code: 'unauthorized',
    });
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer a b'])('is refused with %j', async (authorization) => {
    await expect(callerOf(authorization)).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, () => Response]>([
    ['fails', () => new Response('busy', { status: 503 })],
    ['answers nonsense', () => Response.json({ keys: 'none' })],
  ])('is not told that their token is bad where the issuer %s', async (_what, answer) => {
    answerKeys = answer;
    const refusal = callerOf(`Bearer ${await signed()}`);
    await expect(refusal).rejects.toThrow();
    await expect(refusal).rejects.not.toMatchObject({ status: 401 });
  });
});

describe('the caller of a signed-in route', () => {
  it.each([
    ['an ID token', { token_use: 'id' }],
    ['the token of another application', { client_id: 'another' }],
    ['a token without a user id', { sub: undefined }],
  ])('is refused with %s that the authorizer let pass', async (_what, changes) => {
    const token = await import('../../../lib/http/token.ts');
    await expect(token.callerOf(aSignedInEvent({}, changes), 'signed-in')).rejects.toMatchObject({
      status: 401,
    });
  });
});
