import { AdminSetUserPasswordCommand, GetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSigningKey } from '../../../offline/issuer/keys.ts';
import { signIn as signInByName } from '../../../offline/issuer/people.ts';
import { forgeries, resign } from '../../support/forge.ts';
import { clientId, poolId, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';

let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer();
});
afterAll(() => stack.stop());

function place() {
  return { gateway: stack.endpoint, poolId, clientId, developer: stack.gateway.credentials.developer };
}

function me(AccessToken: string) {
  return stack.cognito.send(new GetUserCommand({ AccessToken }));
}

describe('signing in by name', () => {
  test('creates the person once', async () => {
    const first = await signIn(place(), 'alice');
    const second = await signIn(place(), 'alice');
    expect(second.userId).toBe(first.userId);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(decodeJwt(first.accessToken)).toMatchObject({
      sub: first.userId,
      username: 'alice',
      token_use: 'access',
    });
    expect(decodeJwt(first.idToken)).toMatchObject({ email: 'alice@example.com', email_verified: true });
  });

  test('tells when it had to replace a password', async () => {
    await signIn(place(), 'bea');
    const own = { UserPoolId: poolId, Username: 'bea', Password: 'a password of her own', Permanent: true };
    await stack.cognito.send(new AdminSetUserPasswordCommand(own));
    expect((await signInByName(place(), 'bea')).passwordReplaced).toBe(true);
    expect((await signInByName(place(), 'bea')).passwordReplaced).toBe(false);
  });

  test('two at once both get in', async () => {
    const [one, other] = await Promise.all([signIn(place(), 'carl'), signIn(place(), 'carl')]);
    expect(one.userId).toBe(other.userId);
  });
});

describe('a forged access token', () => {
  test('is refused whatever is wrong with it', async () => {
    const genuine = await signIn(place(), 'dora');
    const key = openSigningKey(stack.context.stateDir);
    await me(await resign(decodeJwt(genuine.accessToken), key));
    const accepted: string[] = [];
    for (const [what, token] of Object.entries(await forgeries(genuine, key))) {
      await me(token).then(
        () => accepted.push(what),
        () => {},
      );
    }
    expect(accepted).toEqual([]);
  });
});
