import { createHmac } from 'node:crypto';
import {
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRIME } from '../../../offline/issuer/srp.ts';
import {
  clientId,
  issuerStack,
  poolId,
  startIssuer,
  type TestIssuer,
  testPassword,
} from '../../support/issuer.ts';
import { type SrpChallenge, srpClient, srpTimestamp } from '../../support/srp-client.ts';

let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer();
  await stack.createPerson('alice');
});
afterAll(() => stack.stop());

async function begin(USERNAME: string, SRP_A: string, more: Record<string, string> = {}) {
  const { ChallengeName, ChallengeParameters } = await stack.cognito.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME, SRP_A, ...more },
    }),
  );
  expect(ChallengeName).toBe('PASSWORD_VERIFIER');
  return ChallengeParameters as unknown as SrpChallenge & { USERNAME: string };
}

function respond(
  USERNAME: string,
  challenge: SrpChallenge,
  signature: string,
  more: Record<string, string> = {},
) {
  return stack.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: clientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: {
        USERNAME,
        PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP: timestamp,
        ...more,
      },
    }),
  );
}

const timestamp = srpTimestamp(Date.UTC(2026, 10, 2, 9, 5, 7));

describe('USER_SRP_AUTH', () => {
  test('signs in whoever knows the password, which never travels', async () => {
    const client = srpClient(poolId, testPassword);
    const challenge = await begin('alice', client.SRP_A);
    const answer = await respond('alice', challenge, client.sign(challenge, timestamp));
    expect(decodeJwt(answer.AuthenticationResult?.AccessToken ?? '').username).toBe('alice');
    expect(answer.AuthenticationResult?.RefreshToken).toEqual(expect.any(String));
  });

  test('refuses whoever does not', async () => {
    const client = srpClient(poolId, 'a wrong password');
    const challenge = await begin('alice', client.SRP_A);
    await expect(respond('alice', challenge, client.sign(challenge, timestamp))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    });
  });

  test('a proof counts for its own time, its own challenge, and once', async () => {
    const client = srpClient(poolId, testPassword);
    const challenge = await begin('alice', client.SRP_A);
    const other = srpTimestamp(Date.UTC(2026, 10, 2, 9, 5, 8));
    await expect(respond('alice', challenge, client.sign(challenge, other))).rejects.toThrow('Incorrect');
    await expect(respond('alice', challenge, client.sign(challenge, timestamp))).rejects.toThrow(
      'Invalid session',
    );
    const next = await begin('alice', client.SRP_A);
    await expect(respond('alice', next, client.sign(challenge, timestamp))).rejects.toThrow('Incorrect');
  });

  test('a challenge waits three minutes', async () => {
    const client = srpClient(poolId, testPassword);
    const challenge = await begin('alice', client.SRP_A);
    await stack.clock.advance(3 * 60_000);
    await expect(respond('alice', challenge, client.sign(challenge, timestamp))).rejects.toThrow(
      'Invalid session',
    );
  });

  test.each([
    ['zero', '0'],
    ['the prime', PRIME.toString(16)],
    ['twice the prime', (2n * PRIME).toString(16)],
    ['no number', 'xyz'],
  ])('refuses %s as the public number: the key would be known without the password', async (_case, SRP_A) => {
    await expect(begin('alice', SRP_A)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('a name that nobody has is played along with, the same salt each time, and refused at the end', async () => {
    const client = srpClient(poolId, testPassword);
    const [first, second] = [await begin('nobody', client.SRP_A), await begin('nobody', client.SRP_A)];
    const real = await begin('alice', client.SRP_A);
    expect(Object.keys(first).sort()).toEqual(Object.keys(real).sort());
    expect(first.SALT).toBe(second.SALT);
    expect(first.SRP_B).not.toBe(second.SRP_B);
    expect(first.SALT).toHaveLength(real.SALT.length);
    expect(first.USER_ID_FOR_SRP).toBe('nobody');
    await expect(respond('nobody', first, client.sign(first, timestamp))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    });
  });
});

describe('a client with a secret', () => {
  let confidential: TestIssuer;
  beforeAll(async () => {
    confidential = await startIssuer(issuerStack({}, { GenerateSecret: true }));
    await confidential.createPerson('alice');
  });
  afterAll(() => confidential.stop());

  test('proves it with every call', async () => {
    const { UserPoolClient } = await confidential.cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: clientId }),
    );
    const hash = createHmac('sha256', UserPoolClient?.ClientSecret ?? '')
      .update(`alice${clientId}`)
      .digest('base64');
    const signIn = (more: Record<string, string>) =>
      confidential.cognito.send(
        new InitiateAuthCommand({
          ClientId: clientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: 'alice', PASSWORD: testPassword, ...more },
        }),
      );
    await expect(signIn({})).rejects.toThrow('SECRET_HASH was not received');
    await expect(signIn({ SECRET_HASH: 'bm9wZQ==' })).rejects.toThrow('Unable to verify secret hash');
    const { AuthenticationResult } = await signIn({ SECRET_HASH: hash });
    const refreshed = await confidential.cognito.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: AuthenticationResult?.RefreshToken ?? '', SECRET_HASH: hash },
      }),
    );
    expect(refreshed.AuthenticationResult?.AccessToken).toEqual(expect.any(String));
  });
});
