import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSigningKey } from '../../../offline/issuer/keys.ts';
import { clientId, poolId, startIssuer, type TestIssuer, testPassword } from '../../support/issuer.ts';

const HOUR_MS = 3_600_000;
let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer();
});
afterAll(() => stack.stop());

async function signIn(USERNAME: string, issuer = stack) {
  const { AuthenticationResult } = await issuer.cognito.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: testPassword },
    }),
  );
  const { AccessToken = '', IdToken = '', RefreshToken = '' } = AuthenticationResult ?? {};
  return { AccessToken, IdToken, RefreshToken };
}

async function refresh(REFRESH_TOKEN: string, issuer = stack) {
  const { AuthenticationResult } = await issuer.cognito.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN },
    }),
  );
  return AuthenticationResult;
}

function me(AccessToken: string, issuer = stack) {
  return issuer.cognito.send(new GetUserCommand({ AccessToken }));
}

describe('tokens', () => {
  test('an access token lives an hour of the stack and a refresh token makes new ones of the same sign-in', async () => {
    await stack.createPerson('alice');
    const { AccessToken, RefreshToken } = await signIn('alice');
    const before = decodeJwt(AccessToken);
    await stack.clock.advance(HOUR_MS - 2000);
    await me(AccessToken);
    await stack.clock.advance(3000);
    await expect(me(AccessToken)).rejects.toThrow('Access Token has expired');
    const jwks = createRemoteJWKSet(new URL(`${stack.endpoint}/${poolId}/.well-known/jwks.json`));
    const now = { currentDate: new Date(stack.clock.now()) };
    await expect(jwtVerify(AccessToken, jwks, now)).rejects.toThrow(errors.JWTExpired);

    const refreshed = await refresh(RefreshToken);
    expect(refreshed?.RefreshToken).toBeUndefined();
    const after = decodeJwt(refreshed?.AccessToken ?? '');
    expect(after).toMatchObject({
      origin_jti: before.origin_jti,
      auth_time: before.auth_time,
      sub: before.sub,
    });
    expect(after.jti).not.toBe(before.jti);
    expect(after.iat).toBeGreaterThanOrEqual((before.exp ?? 0) - 1);
    await me(refreshed?.AccessToken ?? '');
  });

  test('a refresh token lives thirty days', async () => {
    await stack.createPerson('bea');
    const { RefreshToken } = await signIn('bea');
    await stack.clock.advance(30 * 24 * HOUR_MS);
    await expect(refresh(RefreshToken)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Refresh Token has expired',
    });
  });

  test('revoking ends one sign-in, signing out everywhere ends all', async () => {
    await stack.createPerson('cleo');
    const [phone, laptop] = [await signIn('cleo'), await signIn('cleo')];
    await stack.cognito.send(new RevokeTokenCommand({ ClientId: clientId, Token: phone.RefreshToken }));
    await expect(refresh(phone.RefreshToken)).rejects.toThrow('Refresh Token has been revoked');
    await expect(me(phone.AccessToken)).rejects.toThrow('Access Token has been revoked');
    await me(laptop.AccessToken);
    await stack.cognito.send(new GlobalSignOutCommand({ AccessToken: laptop.AccessToken }));
    await expect(refresh(laptop.RefreshToken)).rejects.toThrow('Refresh Token has been revoked');
    await expect(me(laptop.AccessToken)).rejects.toThrow('Access Token has been revoked');
    await me((await signIn('cleo')).AccessToken);
  });

  test.each([
    ['an ID token', (tokens: { IdToken: string }) => tokens.IdToken],
    ['a refresh token', (tokens: { RefreshToken: string }) => tokens.RefreshToken],
    [
      'a token whose signature was changed',
      (tokens: { AccessToken: string }) => `${tokens.AccessToken.slice(0, -4)}AAAA`,
    ],
    ['no token', () => 'hello'],
  ])('%s is no access token', async (_case, pick) => {
    await stack.createPerson(`dan-${_case.length}`);
    const tokens = await signIn(`dan-${_case.length}`);
    await expect(me(pick(tokens))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Invalid Access Token',
    });
  });

  test('refuses to refresh or revoke what is no refresh token', async () => {
    await stack.createPerson('eve');
    const { AccessToken, RefreshToken } = await signIn('eve');
    const [originJti = ''] = RefreshToken.split('.');
    await expect(refresh('hello')).rejects.toThrow('Invalid Refresh Token');
    await expect(refresh(`${originJti}.guessed`)).rejects.toThrow('Invalid Refresh Token');
    await expect(
      stack.cognito.send(new RevokeTokenCommand({ ClientId: clientId, Token: AccessToken })),
    ).rejects.toMatchObject({ name: 'UnsupportedTokenTypeException' });
  });

  test('carry the groups, and end with the user', async () => {
    await stack.createPerson('mara');
    const asked = { UserPoolId: poolId, Username: 'mara' };
    await stack.cognito.send(new AdminAddUserToGroupCommand({ ...asked, GroupName: 'moderators' }));
    await expect(
      stack.cognito.send(new AdminAddUserToGroupCommand({ ...asked, GroupName: 'nobody' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const tokens = await signIn('mara');
    expect(decodeJwt(tokens.AccessToken)['cognito:groups']).toEqual(['moderators']);
    expect(decodeJwt(tokens.IdToken)['cognito:groups']).toEqual(['moderators']);
    await stack.cognito.send(new AdminDeleteUserCommand(asked));
    await expect(me(tokens.AccessToken)).rejects.toMatchObject({ name: 'UserNotFoundException' });
    await expect(refresh(tokens.RefreshToken)).rejects.toThrow('Invalid Refresh Token');
  });
});

describe('a restart', () => {
  test('keeps people, their ids, their sign-ins and the key; state is its owner’s alone', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-issuer-'));
    const first = await startIssuer(undefined, { stateDir });
    await first.createPerson('alice');
    const tokens = await signIn('alice', first);
    const revoked = await signIn('alice', first);
    await first.cognito.send(new RevokeTokenCommand({ ClientId: clientId, Token: revoked.RefreshToken }));
    const { port } = first.gateway;
    await first.stop();

    const second = await startIssuer(undefined, { stateDir, port });
    await me(tokens.AccessToken, second);
    const refreshed = await refresh(tokens.RefreshToken, second);
    expect(decodeJwt(refreshed?.AccessToken ?? '').sub).toBe(decodeJwt(tokens.AccessToken).sub);
    await expect(refresh(revoked.RefreshToken, second)).rejects.toThrow('Refresh Token has been revoked');
    await expect(signIn('alice', second)).resolves.toBeDefined();
    await second.createPerson('bruno');
    const bruno = await second.cognito.send(
      new AdminGetUserCommand({ UserPoolId: poolId, Username: 'bruno' }),
    );
    expect(bruno.UserAttributes?.[0]?.Value).not.toBe(decodeJwt(tokens.AccessToken).sub);

    const jwks = await fetch(`${second.endpoint}/${poolId}/.well-known/jwks.json`);
    expect(await jwks.json()).toEqual({ keys: [openSigningKey(stateDir).publicJwk] });
    const folder = join(stateDir, 'cognito-idp');
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'signing-key.pem')).mode & 0o077).toBe(0);
    const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8');
    expect(journal).not.toContain(testPassword);
    expect(journal).not.toContain(tokens.RefreshToken.split('.')[1]);
    await second.stop();
    await rm(stateDir, { recursive: true });
  });
});
