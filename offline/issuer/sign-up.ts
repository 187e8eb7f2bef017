import { checkAliases, checkFree, checkRequired, checkSchema, checkWritable, nameOf } from './attributes.ts';
import { attributeToVerify, checkCode, sendCode, simulatedDelivery } from './codes.ts';
import { codeMismatch, invalidParameter, notAuthorized, userNotFound } from './errors.ts';
import { attributes, optionalText, text } from './input.ts';
import { checkSecretHash, clientOf, type Issuer, type Operation, targetOf, update } from './issuer.ts';
import { acceptPassword } from './passwords.ts';
import type { Pool } from './pools.ts';
import type { User } from './users.ts';

export const signUp: Operation = (issuer, input) => {
  const client = clientOf(issuer, input);
  const username = text(input, 'Username');
  checkSecretHash(issuer, client, optionalText(input, 'SecretHash'), [username]);
  const given = attributes(input);
  checkWritable(client, given);
  const user = createUser(issuer, client.pool, {
    username,
    attributes: given,
    password: text(input, 'Password'),
    status: 'UNCONFIRMED',
  });
  const attribute = attributeToVerify(client.pool, user.attributes);
  return {
    UserConfirmed: false,
    UserSub: user.sub,
    ...(attribute && { CodeDeliveryDetails: sendCode(issuer, user, 'sign-up', attribute) }),
  };
};

export const confirmSignUp: Operation = (issuer, input) => {
  const { client, pool, user } = targetOf(issuer, input);
  const code = text(input, 'ConfirmationCode');
  if (!user) throw client.hidesUsers ? codeMismatch() : nobodyOfThatName();
  if (user.status !== 'UNCONFIRMED') throw cannotConfirm(user);
  const { attribute } = checkCode(issuer, user, 'sign-up', code);
  const confirmed: User = {
    ...user,
    status: 'CONFIRMED',
    codes: { ...user.codes, 'sign-up': undefined },
    attributes: { ...user.attributes, [`${attribute}_verified`]: 'true' },
  };
  checkAliases(issuer, pool, confirmed);
  update(issuer, confirmed, {});
  return {};
};

export const resendConfirmationCode: Operation = (issuer, input) => {
  const { client, pool, username, user } = targetOf(issuer, input);
  if (!user && client.hidesUsers) return { CodeDeliveryDetails: simulatedDelivery(issuer, pool, username) };
  if (!user) throw nobodyOfThatName();
  if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
  const attribute = attributeToVerify(pool, user.attributes);
  if (!attribute) throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
  return { CodeDeliveryDetails: sendCode(issuer, user, 'sign-up', attribute) };
};

/**
 * A new user, whoever asked for it. Throws InvalidParameterException, InvalidPasswordException,
 * UsernameExistsException or AliasExistsException.
 */
export function createUser(
  issuer: Issuer,
  pool: Pool,
  wanted: Pick<User, 'attributes' | 'username' | 'status' | 'passwordExpiresAt'> & {
    readonly password: string;
  },
): User {
  const sub = freshSub(issuer);
  const named = nameOf(pool, wanted.username, sub, wanted.attributes);
  checkSchema(pool, named.attributes);
  checkRequired(pool, named.attributes);
  const password = acceptPassword(pool, named.username, wanted.password);
  checkFree(issuer, pool, named.username, named.attributes);
  const now = issuer.context.clock.now();
  const user: User = {
    sub,
    poolId: pool.id,
    ...named,
    status: wanted.status,
    password,
    passwordExpiresAt: wanted.passwordExpiresAt,
    codes: {},
    groups: [],
    createdAt: now,
    updatedAt: now,
  };
  checkAliases(issuer, pool, user);
  return issuer.users.save(user);
}

export function cannotConfirm({ status }: User) {
  return notAuthorized(`User cannot be confirmed. Current status is ${status}`);
}

export function nobodyOfThatName() {
  return userNotFound('Username/client id combination not found.');
}

/** The seed gives the same ids again after a restart: those that were ever given are passed over. */
function freshSub({ context, users }: Issuer): string {
  for (;;) {
    const sub = context.random.uuid();
    if (!users.isTaken(sub)) return sub;
  }
}
