import { ServiceError } from '../contract.ts';
import {
  checkAliases,
  checkMutable,
  checkRequired,
  checkSchema,
  checkWritable,
  merged,
} from './attributes.ts';
import { checkCode, sendCode } from './codes.ts';
import { invalidParameter, wrongPassword } from './errors.ts';
import { attributeList, attributes, type Input, optionalText, text } from './input.ts';
import { clientOf, clientSecret, type Issuer, type Operation, update } from './issuer.ts';
import { acceptPassword, equal, passwordMatches } from './passwords.ts';
import { findGrant, openSession, type Session } from './tokens.ts';
import type { User } from './users.ts';

const ADDRESSES = ['email', 'phone_number'] as const;

export const getUser: Operation = async (issuer, input) => {
  const { user } = await sessionOf(issuer, input);
  return { Username: user.username, UserAttributes: attributeList({ sub: user.sub, ...user.attributes }) };
};

export const changePassword: Operation = async (issuer, input) => {
  const { user, client } = await sessionOf(issuer, input);
  if (!passwordMatches(client.pool, user, text(input, 'PreviousPassword'))) throw wrongPassword();
  const password = acceptPassword(client.pool, user.username, text(input, 'ProposedPassword'));
  update(issuer, user, { password });
  return {};
};

export const updateUserAttributes: Operation = async (issuer, input) => {
  const { user, client } = await sessionOf(issuer, input);
  const { pool } = client;
  const changes = attributes(input);
  checkWritable(client, changes);
  checkSchema(pool, changes);
  checkMutable(pool, changes);
  checkRequired(pool, merged(user.attributes, changes));
  const waits = (name: string) => pool.verifiedBeforeUpdate.includes(name) && changes[name] !== '';
  const atOnce = Object.fromEntries(Object.entries(changes).filter(([name]) => !waits(name)));
  const changed: User = { ...user, attributes: merged(user.attributes, atOnce) };
  checkAliases(issuer, pool, changed);
  update(issuer, changed, {});
  const toVerify = ADDRESSES.filter(
    (name) => changes[name] && changes[name] !== user.attributes[name] && pool.autoVerified.includes(name),
  );
  return {
    CodeDeliveryDetailsList: toVerify.map((name) =>
      sendCode(issuer, current(issuer, user), name, name, waits(name) ? changes[name] : undefined),
    ),
  };
};

export const getUserAttributeVerificationCode: Operation = async (issuer, input) => {
  const { user } = await sessionOf(issuer, input);
  const attribute = addressName(input);
  if (!user.attributes[attribute]) throw invalidParameter(`The user has no ${attribute} to verify.`);
  const value = user.codes[attribute]?.value;
  return { CodeDeliveryDetails: sendCode(issuer, user, attribute, attribute, value) };
};

export const verifyUserAttribute: Operation = async (issuer, input) => {
  const { user, client } = await sessionOf(issuer, input);
  const attribute = addressName(input);
  const { value } = checkCode(issuer, user, attribute, text(input, 'Code'));
  const proved = { ...(value && { [attribute]: value }), [`${attribute}_verified`]: 'true' };
  const verified: User = {
    ...user,
    attributes: { ...user.attributes, ...proved },
    codes: { ...user.codes, [attribute]: undefined },
  };
  checkAliases(issuer, client.pool, verified);
  update(issuer, verified, {});
  return {};
};

export const deleteUser: Operation = async (issuer, input) => {
  const { user } = await sessionOf(issuer, input);
  issuer.users.remove(user);
  return {};
};

/** Ends every sign-in of the user. Tokens that are out stay valid for whoever only checks their signature. */
export const globalSignOut: Operation = async (issuer, input) => {
  const { user } = await sessionOf(issuer, input);
  for (const grant of issuer.users.grantsOf(user)) issuer.users.saveGrant({ ...grant, revoked: true });
  return {};
};

/** Ends one sign-in: its refresh token and, for Cognito's own calls, its access tokens. */
export const revokeToken: Operation = (issuer, input) => {
  const client = clientOf(issuer, input);
  checkClientSecret(issuer, client, optionalText(input, 'ClientSecret'));
  if (!client.revocable) {
    throw new ServiceError(
      'UnsupportedOperationException',
      'Token revocation is not enabled for this client.',
    );
  }
  const token = text(input, 'Token');
  if (token.split('.').length === 3) {
    throw new ServiceError(
      'UnsupportedTokenTypeException',
      'Unsupported token type: expected a refresh token.',
    );
  }
  const grant = findGrant(issuer, token);
  if (!grant) throw invalidParameter('Invalid Refresh Token.');
  if (grant.clientId !== client.id) {
    throw new ServiceError('UnauthorizedException', 'The token was issued to another client.');
  }
  issuer.users.saveGrant({ ...grant, revoked: true });
  return {};
};

function addressName(input: Input): (typeof ADDRESSES)[number] {
  const name = text(input, 'AttributeName');
  const known = ADDRESSES.find((address) => address === name);
  if (!known) throw invalidParameter(`Expected email or phone_number as AttributeName, received ${name}.`);
  return known;
}

function current(issuer: Issuer, user: User): User {
  return issuer.users.bySub(user.sub) ?? user;
}

function sessionOf(issuer: Issuer, input: Input): Promise<Session> {
  return openSession(issuer, text(input, 'AccessToken'));
}

function checkClientSecret(issuer: Issuer, client: Session['client'], received: string | undefined): void {
  const matches = client.hasSecret
    ? equal(received ?? '', clientSecret(issuer, client))
    : received === undefined;
  if (!matches)
    throw new ServiceError('UnauthorizedException', `Unable to verify the secret of client ${client.id}`);
}
