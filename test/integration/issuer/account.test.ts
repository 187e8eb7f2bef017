import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientId,
  issuerStack,
  poolId,
  startIssuer,
  type TestIssuer,
  testPassword,
} from '../../support/issuer.ts';

const DAY_MS = 86_400_000;
const chosen = 'a password of my own';
let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer(
    issuerStack({ UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] } }),
  );
});
afterAll(() => stack.stop());

function start(USERNAME: string, PASSWORD = testPassword) {
  const AuthParameters = { USERNAME, PASSWORD };
  return stack.cognito.send(
    new InitiateAuthCommand({ ClientId: clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters }),
  );
}

async function accessToken(username: string, password?: string): Promise<string> {
  return (await start(username, password)).AuthenticationResult?.AccessToken ?? '';
}

async function attributesOf(AccessToken: string) {
  const { UserAttributes = [] } = await stack.cognito.send(new GetUserCommand({ AccessToken }));
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
}

describe('an account', () => {
  test('changes its password by the old one', async () => {
    await stack.createPerson('alice');
    const AccessToken = await accessToken('alice');
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      stack.cognito.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
    await expect(change('not the password', chosen)).rejects.toThrow('Incorrect username or password.');
    await expect(change(testPassword, 'short')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    await change(testPassword, chosen);
    await expect(start('alice')).rejects.toThrow('Incorrect username or password.');
    expect(await accessToken('alice', chosen)).not.toBe('');
  });

  test('gets a new password by a code, which counts once and for an hour', async () => {
    await stack.createPerson('bea');
    const forgot = () =>
      stack.cognito.send(new ForgotPasswordCommand({ ClientId: clientId, Username: 'bea' }));
    const confirm = (ConfirmationCode: string) =>
      stack.cognito.send(
        new ConfirmForgotPasswordCommand({
          ClientId: clientId,
          Username: 'bea',
          ConfirmationCode,
          Password: chosen,
        }),
      );
    await forgot();
    const late = await stack.code('bea');
    await stack.clock.advance(3_600_000);
    await expect(confirm(late)).rejects.toMatchObject({ name: 'ExpiredCodeException' });
    const { CodeDeliveryDetails } = await forgot();
    expect(CodeDeliveryDetails?.Destination).toBe('b***@e***');
    const code = await stack.code('bea');
    await confirm(code);
    await expect(confirm(code)).rejects.toMatchObject({ name: 'ExpiredCodeException' });
    expect(await accessToken('bea', chosen)).not.toBe('');
  });

  test('keeps its address until the new one is proved', async () => {
    await stack.createPerson('carl');
    const AccessToken = await accessToken('carl');
    const { CodeDeliveryDetailsList } = await stack.cognito.send(
      new UpdateUserAttributesCommand({
        AccessToken,
        UserAttributes: [
          { Name: 'email', Value: 'karl@example.org' },
          { Name: 'name', Value: 'Carl' },
        ],
      }),
    );
    expect(CodeDeliveryDetailsList?.[0]?.Destination).toBe('k***@e***');
    expect(await attributesOf(AccessToken)).toMatchObject({ email: 'carl@example.com', name: 'Carl' });
    const Code = await stack.code('carl');
    await stack.cognito.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }));
    expect(await attributesOf(AccessToken)).toMatchObject({
      email: 'karl@example.org',
      email_verified: 'true',
    });
  });

  test('deletes itself, and its name is free again under another id', async () => {
    await stack.createPerson('dora');
    const AccessToken = await accessToken('dora');
    const { sub } = await attributesOf(AccessToken);
    await stack.cognito.send(new DeleteUserCommand({ AccessToken }));
    await expect(start('dora')).rejects.toThrow('Incorrect username or password.');
    await stack.createPerson('dora');
    expect((await attributesOf(await accessToken('dora'))).sub).not.toBe(sub);
  });
});

describe('a user that an administrator made', () => {
  const create = (Username: string) =>
    stack.cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username,
        TemporaryPassword: testPassword,
        UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
      }),
    );

  test('chooses a password at the first sign-in', async () => {
    const { User } = await create('erik');
    expect(User).toMatchObject({ Username: 'erik', UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
    expect(User?.UserCreateDate).toBeInstanceOf(Date);
    const { ChallengeName, Session } = await start('erik');
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    const answer = (NEW_PASSWORD: string) =>
      stack.cognito.send(
        new RespondToAuthChallengeCommand({
          ClientId: clientId,
          ChallengeName,
          Session,
          ChallengeResponses: { USERNAME: 'erik', NEW_PASSWORD },
        }),
      );
    await expect(answer('short')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    expect((await answer(chosen)).AuthenticationResult?.AccessToken).toEqual(expect.any(String));
    await expect(answer(chosen)).rejects.toThrow('Invalid session');
    expect(await accessToken('erik', chosen)).not.toBe('');
  });

  test('has a week for it', async () => {
    await create('fred');
    await stack.clock.advance(7 * DAY_MS);
    await expect(start('fred')).rejects.toThrow('Temporary password has expired');
    const again = { UserPoolId: poolId, Username: 'fred', Password: chosen, Permanent: true };
    await stack.cognito.send(new AdminSetUserPasswordCommand(again));
    expect(await accessToken('fred', chosen)).not.toBe('');
  });

  test('is found in pages and by attribute', async () => {
    await create('gina');
    const found = await stack.cognito.send(
      new ListUsersCommand({ UserPoolId: poolId, Filter: 'email ^= "gina@"' }),
    );
    expect(found.Users?.map((user) => user.Username)).toEqual(['gina']);
    const everyone: (string | undefined)[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await stack.cognito.send(
        new ListUsersCommand({ UserPoolId: poolId, Limit: 2, PaginationToken }),
      );
      everyone.push(...(page.Users ?? []).map((user) => user.Username));
      PaginationToken = page.PaginationToken;
    } while (PaginationToken);
    expect(everyone).toContain('gina');
    expect(new Set(everyone).size).toBe(everyone.length);
  });

  test('is signed in by an administrator only where the client allows it', async () => {
    const asked = {
      UserPoolId: poolId,
      ClientId: clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'erik', PASSWORD: chosen },
    } as const;
    await expect(stack.cognito.send(new AdminInitiateAuthCommand(asked))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Auth flow not enabled for this client',
    });
  });
});
