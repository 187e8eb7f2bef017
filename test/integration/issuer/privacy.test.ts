import {
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientId, issuerStack, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { srpClient } from '../../support/srp-client.ts';

const wrong = { ConfirmationCode: '000000', Password: 'another good password' };
let discreet: TestIssuer;
let talkative: TestIssuer;

beforeAll(async () => {
  discreet = await startIssuer();
  talkative = await startIssuer(issuerStack({}, { PreventUserExistenceErrors: 'LEGACY' }));
});
afterAll(() => Promise.all([discreet.stop(), talkative.stop()]));

function password(Username: string) {
  const AuthParameters = { USERNAME: Username, PASSWORD: 'not the password' };
  return new InitiateAuthCommand({ ClientId: clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
}

function named(Username: string) {
  return { ClientId: clientId, Username };
}

describe('PreventUserExistenceErrors', () => {
  test('a wrong password and an unknown name are answered alike', async () => {
    await discreet.createPerson('alice');
    const [known, unknown] = await Promise.allSettled([
      discreet.cognito.send(password('alice')),
      discreet.cognito.send(password('nobody')),
    ]);
    expect(told(known)).toEqual(told(unknown));
    expect(told(known)).toEqual(['NotAuthorizedException', 'Incorrect username or password.']);
  });

  test('codes seem to be sent to anybody, and no code is right', async () => {
    const sent = await discreet.cognito.send(new ForgotPasswordCommand(named('nobody')));
    expect(sent.CodeDeliveryDetails).toEqual({
      Destination: expect.stringMatching(/^[a-z]\*{3}@[a-z]\*{3}$/),
      DeliveryMedium: 'EMAIL',
      AttributeName: 'email',
    });
    expect(await discreet.cognito.send(new ForgotPasswordCommand(named('nobody')))).toMatchObject({
      CodeDeliveryDetails: sent.CodeDeliveryDetails,
    });
    const again = await discreet.cognito.send(new ResendConfirmationCodeCommand(named('nobody')));
    expect(again.CodeDeliveryDetails).toEqual(sent.CodeDeliveryDetails);
    for (const command of [
      new ConfirmSignUpCommand({ ...named('nobody'), ...wrong }),
      new ConfirmForgotPasswordCommand({ ...named('nobody'), ...wrong }),
    ]) {
      await expect(discreet.cognito.send(command as ConfirmSignUpCommand)).rejects.toMatchObject({
        name: 'CodeMismatchException',
      });
    }
  });

  test('with LEGACY every call says that the user is not there', async () => {
    const SRP_A = srpClient('eu-west-1_x', 'x').SRP_A;
    const srp = { ClientId: clientId, AuthFlow: 'USER_SRP_AUTH' as const };
    for (const command of [
      password('nobody'),
      new InitiateAuthCommand({ ...srp, AuthParameters: { USERNAME: 'nobody', SRP_A } }),
      new ForgotPasswordCommand(named('nobody')),
      new ResendConfirmationCodeCommand(named('nobody')),
      new ConfirmSignUpCommand({ ...named('nobody'), ...wrong }),
      new ConfirmForgotPasswordCommand({ ...named('nobody'), ...wrong }),
    ]) {
      await expect(talkative.cognito.send(command as InitiateAuthCommand)).rejects.toMatchObject({
        name: 'UserNotFoundException',
      });
    }
  });
});

function told(outcome: PromiseSettledResult<unknown>): [string, string] | undefined {
  if (outcome.status === 'rejected') return [outcome.reason.name, outcome.reason.message];
}
