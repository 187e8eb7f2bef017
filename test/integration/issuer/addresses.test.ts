import { AdminCreateUserCommand, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, test } from 'vitest';
import { clientId, issuerStack, poolId, startIssuer, testPassword } from '../../support/issuer.ts';

describe('sign-in by address', () => {
  test('takes an email for the name where the pool is made so', async () => {
    const byEmail = await startIssuer(issuerStack({ UsernameAttributes: ['email'] }));
    const create = (Username: string) =>
      byEmail.cognito.send(
        new AdminCreateUserCommand({ UserPoolId: poolId, Username, TemporaryPassword: testPassword }),
      );
    await expect(create('alice')).rejects.toThrow('Username should be an email.');
    const { User } = await create('Alice@Example.com');
    expect(User?.Username).toMatch(/^[0-9a-f-]{36}$/);
    await expect(create('alice@example.com')).rejects.toMatchObject({ name: 'UsernameExistsException' });
    const { ChallengeName } = await byEmail.cognito.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'alice@example.com', PASSWORD: testPassword },
      }),
    );
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    await byEmail.stop();
  });

  test('takes a verified alias, of one person only', async () => {
    const aliases = await startIssuer(issuerStack({ AliasAttributes: ['email'] }));
    await aliases.createPerson('alice');
    const { AuthenticationResult } = await aliases.cognito.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'alice@example.com', PASSWORD: testPassword },
      }),
    );
    expect(AuthenticationResult?.AccessToken).toEqual(expect.any(String));
    const second = new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: 'alina',
      UserAttributes: [
        { Name: 'email', Value: 'alice@example.com' },
        { Name: 'email_verified', Value: 'true' },
      ],
    });
    await expect(aliases.cognito.send(second)).rejects.toMatchObject({ name: 'AliasExistsException' });
    await aliases.stop();
  });
});
