import {
  ConfirmSignUpCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientId, poolId, startIssuer, type TestIssuer } from '../../support/issuer.ts';

const password = 'correct horse battery';
let issuer: string;
let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer();
  issuer = `${stack.endpoint}/${poolId}`;
});
afterAll(() => stack.stop());

function signUp(Username: string, Password = password) {
  return stack.cognito.send(
    new SignUpCommand({
      ClientId: clientId,
      Username,
      Password,
      UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
    }),
  );
}

function confirm(Username: string, ConfirmationCode: string) {
  return stack.cognito.send(new ConfirmSignUpCommand({ ClientId: clientId, Username, ConfirmationCode }));
}

function signIn(USERNAME: string, PASSWORD = password) {
  const AuthParameters = { USERNAME, PASSWORD };
  return stack.cognito.send(
    new InitiateAuthCommand({ ClientId: clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters }),
  );
}

describe('signing up', () => {
  test('leads over the code to tokens that verify against the served key set', async () => {
    const { UserConfirmed, UserSub, CodeDeliveryDetails } = await signUp('alice');
    expect(UserConfirmed).toBe(false);
    expect(CodeDeliveryDetails).toEqual({
      Destination: 'a***@e***',
      DeliveryMedium: 'EMAIL',
      AttributeName: 'email',
    });
    await confirm('alice', await stack.code('alice'));

    const { AuthenticationResult } = await signIn('alice');
    expect(AuthenticationResult).toMatchObject({ TokenType: 'Bearer', ExpiresIn: 3600 });
    expect(AuthenticationResult?.RefreshToken).toEqual(expect.any(String));

    const jwks = createRemoteJWKSet(new URL(`${stack.endpoint}/${poolId}/.well-known/jwks.json`));
    const access = await jwtVerify(AuthenticationResult?.AccessToken ?? '', jwks, { issuer });
    expect(access.payload).toEqual({
      sub: UserSub,
      iss: issuer,
      client_id: clientId,
      origin_jti: expect.any(String),
      event_id: expect.any(String),
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: access.payload.iat,
      iat: expect.any(Number),
      exp: (access.payload.iat ?? 0) + 3600,
      jti: expect.any(String),
      username: 'alice',
    });
    const id = await jwtVerify(AuthenticationResult?.IdToken ?? '', jwks, { issuer, audience: clientId });
    expect(id.payload).toMatchObject({
      sub: UserSub,
      token_use: 'id',
      'cognito:username': 'alice',
      email: 'alice@example.com',
      email_verified: true,
      origin_jti: access.payload.origin_jti,
    });
    expect(id.payload.jti).not.toBe(access.payload.jti);
    expect(access.protectedHeader).toEqual({ alg: 'RS256', kid: expect.any(String) });

    const me = await stack.cognito.send(
      new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }),
    );
    expect(me.Username).toBe('alice');
    expect(me.UserAttributes).toEqual([
      { Name: 'sub', Value: UserSub },
      { Name: 'email', Value: 'alice@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]);
  });

  test('asks for the right code, and a new code replaces the old one', async () => {
    await signUp('bruno');
    const first = await stack.code('bruno');
    await expect(confirm('bruno', first === '000000' ? '000001' : '000000')).rejects.toMatchObject({
      name: 'CodeMismatchException',
    });
    await stack.cognito.send(new ResendConfirmationCodeCommand({ ClientId: clientId, Username: 'bruno' }));
    const second = await stack.code('bruno');
    if (second !== first) await expect(confirm('bruno', first)).rejects.toThrow('Invalid verification code');
    await confirm('bruno', second);
    await expect(confirm('bruno', second)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'User cannot be confirmed. Current status is CONFIRMED',
    });
  });

  test('a code counts for a day', async () => {
    await signUp('carla');
    const code = await stack.code('carla');
    await stack.clock.advance(24 * 3_600_000);
    await expect(confirm('carla', code)).rejects.toMatchObject({ name: 'ExpiredCodeException' });
  });

  test('before the confirmation a right password is told apart from a wrong one', async () => {
    await signUp('dora');
    await expect(signIn('dora')).rejects.toMatchObject({ name: 'UserNotConfirmedException' });
    await expect(signIn('dora', 'not her password')).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
  });

  test('a name is taken once, whatever its capitals', async () => {
    await signUp('emil');
    await expect(signUp('Emil')).rejects.toMatchObject({ name: 'UsernameExistsException' });
  });

  test.each([
    ['a short password', { Password: 'short' }, 'InvalidPasswordException', /not long enough/],
    ['no email', { UserAttributes: [] }, 'InvalidParameterException', /email: The attribute is required/],
    [
      'an email that is none',
      { UserAttributes: [{ Name: 'email', Value: 'nowhere' }] },
      'InvalidParameterException',
      /Invalid email/,
    ],
    [
      'an attribute that only Cognito writes',
      { UserAttributes: [{ Name: 'email_verified', Value: 'true' }] },
      'NotAuthorizedException',
      /unauthorized attribute/,
    ],
    [
      'an attribute that the pool does not have',
      { UserAttributes: [{ Name: 'custom:shoe', Value: '43' }] },
      'InvalidParameterException',
      /custom:shoe/,
    ],
    ['a name with a space', { Username: 'two words' }, 'InvalidParameterException', /username/],
    [
      'a client that is not there',
      { ClientId: 'nobody' },
      'ResourceNotFoundException',
      /nobody does not exist/,
    ],
  ])('refuses %s', async (_case, change, name, message) => {
    const asked = new SignUpCommand({
      ClientId: clientId,
      Username: 'nobody',
      Password: password,
      UserAttributes: [{ Name: 'email', Value: 'nobody@example.com' }],
      ...change,
    });
    await expect(stack.cognito.send(asked)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });
});
