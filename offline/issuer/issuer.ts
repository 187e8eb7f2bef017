import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from '../contract.ts';
import type { Challenges } from './challenges.ts';
import { notAuthorized, userNotFound } from './errors.ts';
import { type Input, optionalText, text } from './input.ts';
import type { SigningKey } from './keys.ts';
import { equal } from './passwords.ts';
import { findClient, findPool, type Pool, type PoolClient, type Pools } from './pools.ts';
import type { User, UserStore } from './users.ts';

/** What every operation works on. */
export interface Issuer {
  readonly context: Context;
  readonly pools: Pools;
  readonly users: UserStore;
  readonly key: SigningKey;
  readonly challenges: Challenges;
}

/** One Cognito operation: throws ServiceError. */
export type Operation = (
  issuer: Issuer,
  input: Input,
) => Promise<Record<string, unknown>> | Record<string, unknown>;

/** The client that an unsigned call names. Throws ResourceNotFoundException. */
export function clientOf({ pools }: Issuer, input: Input): PoolClient {
  return findClient(pools, text(input, 'ClientId'));
}

/** The pool that an administrator's call names. Throws ResourceNotFoundException. */
export function poolOf({ pools }: Issuer, input: Input): Pool {
  return findPool(pools, text(input, 'UserPoolId'));
}

/** The user that an administrator's call names. Throws UserNotFoundException. */
export function userOf(issuer: Issuer, input: Input): User {
  const user = issuer.users.find(poolOf(issuer, input), text(input, 'Username'));
  if (!user) throw userNotFound();
  return user;
}

/** What an unsigned call about a user names; `user` is undefined where there is none of that name. */
export function targetOf(issuer: Issuer, input: Input) {
  const client = clientOf(issuer, input);
  const username = text(input, 'Username');
  const user = issuer.users.find(client.pool, username);
  checkSecretHash(issuer, client, optionalText(input, 'SecretHash'), [username, user?.username]);
  return { client, pool: client.pool, username, user };
}

/** Changes a user's record and its time of change. */
export function update(issuer: Issuer, user: User, changes: Partial<User>): User {
  return issuer.users.save({ ...user, ...changes, updatedAt: issuer.context.clock.now() });
}

/** The secret of a client that has one: 51 characters, made once and kept. */
export function clientSecret({ users }: Issuer, client: PoolClient): string {
  return users.clientSecret(client.id, () => randomBytes(38).toString('base64url'));
}

/**
 * A client with a secret proves it by an HMAC over the user's name and its own id. Throws
 * NotAuthorizedException where the proof is missing, wrong, or sent by a client without a secret.
 */
export function checkSecretHash(
  issuer: Issuer,
  client: PoolClient,
  received: string | undefined,
  names: readonly (string | undefined)[],
): void {
  if (!client.hasSecret && !received) return;
  if (!received) {
    throw notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  }
  const matches = names.some(
    (name) => client.hasSecret && name && equal(received, secretHash(issuer, client, name)),
  );
  if (!matches) throw notAuthorized(`Unable to verify secret hash for client ${client.id}`);
}

function secretHash(issuer: Issuer, client: PoolClient, name: string): string {
  return createHmac('sha256', clientSecret(issuer, client)).update(`${name}${client.id}`).digest('base64');
}
