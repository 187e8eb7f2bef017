import { attributeToRecover, checkCode, sendCode, simulatedDelivery } from './codes.ts';
import { codeMismatch, invalidParameter, notAuthorized } from './errors.ts';
import { text } from './input.ts';
import { type Operation, targetOf, update } from './issuer.ts';
import { acceptPassword } from './passwords.ts';
import { nobodyOfThatName } from './sign-up.ts';

export const forgotPassword: Operation = (issuer, input) => {
  const { client, pool, username, user } = targetOf(issuer, input);
  const attribute = user && attributeToRecover(user);
  if (client.hidesUsers && !attribute) {
    return { CodeDeliveryDetails: simulatedDelivery(issuer, pool, username) };
  }
  if (!user) throw nobodyOfThatName();
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    throw notAuthorized('User password cannot be reset in the current state.');
  }
  if (!attribute) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
  }
  return { CodeDeliveryDetails: sendCode(issuer, user, 'new password', attribute) };
};

export const confirmForgotPassword: Operation = (issuer, input) => {
  const { client, pool, user } = targetOf(issuer, input);
  const code = text(input, 'ConfirmationCode');
  const chosen = text(input, 'Password');
  if (!user) throw client.hidesUsers ? codeMismatch() : nobodyOfThatName();
  checkCode(issuer, user, 'new password', code);
  const password = acceptPassword(pool, user.username, chosen);
  update(issuer, user, { password, codes: { ...user.codes, 'new password': undefined } });
  return {};
};
