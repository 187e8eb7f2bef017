import { createHmac } from 'node:crypto';
import { invalidParameter, userNotFound, wrongPassword } from './errors.ts';
import { type Input, optionalText, parameter } from './input.ts';
import { checkSecretHash, type Issuer } from './issuer.ts';
import { equal, identityOf } from './passwords.ts';
import type { Pool, PoolClient } from './pools.ts';
import {
  beginExchange,
  type Identity,
  isPublicNumber,
  makeVerifier,
  proof,
  sessionKey,
  toNumber,
  type Verifier,
} from './srp.ts';
import type { User } from './users.ts';

/** For example `Sun Nov 2 09:05:07 UTC 2026`. */
const TIMESTAMP =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2} \d{2}:\d{2}:\d{2} [A-Z]{3,5} \d{4}$/;

/** USER_SRP_AUTH: answers the salt and the server's public number, also for a name that nobody has. */
export async function beginSrp(
  issuer: Issuer,
  client: PoolClient,
  parameters: Input,
): Promise<Record<string, unknown>> {
  const username = parameter(parameters, 'USERNAME');
  const publicA = publicNumber(parameter(parameters, 'SRP_A'));
  const user = issuer.users.find(client.pool, username);
  checkSecretHash(issuer, client, optionalText(parameters, 'SECRET_HASH'), [username, user?.username]);
  if (!user && !client.hidesUsers) throw userNotFound();
  const { identity, verifier } = user ? known(client.pool, user) : simulated(issuer, client.pool, username);
  const exchange = beginExchange(verifier);
  const block = issuer.challenges.add(client, {
    kind: 'PASSWORD_VERIFIER',
    sub: user?.sub,
    identity,
    verifier,
    publicA,
    exchange,
  });
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      SALT: verifier.salt,
      SECRET_BLOCK: block,
      SRP_B: exchange.publicB.toString(16),
      USERNAME: identity.userId,
      USER_ID_FOR_SRP: identity.userId,
    },
  };
}

/** PASSWORD_VERIFIER: the user whose password the client has proved to know. Throws NotAuthorizedException. */
export function provenUser(issuer: Issuer, client: PoolClient, responses: Input): User {
  const username = parameter(responses, 'USERNAME');
  const block = parameter(responses, 'PASSWORD_CLAIM_SECRET_BLOCK');
  const signature = parameter(responses, 'PASSWORD_CLAIM_SIGNATURE');
  const timestamp = parameter(responses, 'TIMESTAMP');
  if (!TIMESTAMP.test(timestamp)) {
    throw invalidParameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
  }
  const { sub, identity, verifier, exchange, publicA } = issuer.challenges.find(
    client,
    'PASSWORD_VERIFIER',
    block,
  );
  issuer.challenges.close(block);
  checkSecretHash(issuer, client, optionalText(responses, 'SECRET_HASH'), [username]);
  const key = sessionKey(verifier, exchange, publicA);
  const expected = proof(key, identity, Buffer.from(block, 'base64'), timestamp).toString('base64');
  const user = sub === undefined ? undefined : issuer.users.bySub(sub);
  const proves = equal(signature, expected) && issuer.users.find(client.pool, username)?.sub === sub;
  if (!user || !proves) throw wrongPassword();
  return user;
}

function known(pool: Pool, user: User): { identity: Identity; verifier: Verifier } {
  return { identity: identityOf(pool, user), verifier: user.password };
}

/** RFC 5054, section 2.5.1.3: the same name gets the same salt each time, so that it doesn't stand out. */
function simulated(issuer: Issuer, pool: Pool, username: string): { identity: Identity; verifier: Verifier } {
  const digest = createHmac('sha256', issuer.key.secret('simulated salt'))
    .update(`${pool.id} ${username}`)
    .digest('hex');
  const userId = pool.usernameAttributes.length > 0 ? uuidFrom(digest.slice(32)) : username;
  const identity = { poolName: pool.name, userId };
  return { identity, verifier: makeVerifier(identity, digest, digest.slice(0, 32)) };
}

function uuidFrom(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function publicNumber(hex: string): bigint {
  if (!/^[0-9a-f]{1,1024}$/i.test(hex)) throw invalidParameter('Expected a hexadecimal number for SRP_A.');
  const number = toNumber(hex);
  if (!isPublicNumber(number)) throw invalidParameter('Expected SRP_A not to be a multiple of the prime.');
  return number;
}
