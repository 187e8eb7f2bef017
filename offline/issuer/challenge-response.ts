import { checkMutable, checkRequired, checkSchema, checkWritable, merged } from './attributes.ts';
import { invalidParameter, wrongPassword } from './errors.ts';
import { type Input, map, optionalText, parameter, text } from './input.ts';
import { checkSecretHash, clientOf, type Issuer, type Operation, poolOf, update } from './issuer.ts';
import { acceptPassword } from './passwords.ts';
import type { PoolClient } from './pools.ts';
import { proceed } from './sign-in.ts';
import { provenUser } from './srp-sign-in.ts';

export const respondToAuthChallenge: Operation = (issuer, input) => {
  const client = clientOf(issuer, input);
  const responses = map(input, 'ChallengeResponses');
  const name = text(input, 'ChallengeName');
  if (name === 'PASSWORD_VERIFIER') return proceed(issuer, client, provenUser(issuer, client, responses));
  if (name === 'NEW_PASSWORD_REQUIRED') return newPassword(issuer, client, text(input, 'Session'), responses);
  throw invalidParameter(
    `Expected PASSWORD_VERIFIER or NEW_PASSWORD_REQUIRED as ChallengeName, received ${name}.`,
  );
};

export const adminRespondToAuthChallenge: Operation = (issuer, input) => {
  poolOf(issuer, input);
  return respondToAuthChallenge(issuer, input);
};

/** The first password of the user's own choice, and the attributes that were still missing. */
async function newPassword(issuer: Issuer, client: PoolClient, session: string, responses: Input) {
  const username = parameter(responses, 'USERNAME');
  const { sub } = issuer.challenges.find(client, 'NEW_PASSWORD_REQUIRED', session);
  const user = issuer.users.bySub(sub);
  checkSecretHash(issuer, client, optionalText(responses, 'SECRET_HASH'), [username, user?.username]);
  if (!user || issuer.users.find(client.pool, username)?.sub !== sub) throw wrongPassword();
  const attributes = merged(user.attributes, givenAttributes(client, responses));
  checkRequired(client.pool, attributes);
  const password = acceptPassword(client.pool, user.username, parameter(responses, 'NEW_PASSWORD'));
  issuer.challenges.close(session);
  return proceed(
    issuer,
    client,
    update(issuer, user, { status: 'CONFIRMED', password, passwordExpiresAt: undefined, attributes }),
  );
}

function givenAttributes(client: PoolClient, responses: Input): Record<string, string> {
  const prefix = 'userAttributes.';
  const given = Object.fromEntries(
    Object.keys(responses)
      .filter((name) => name.startsWith(prefix))
      .map((name) => [name.slice(prefix.length), optionalText(responses, name) ?? '']),
  );
  checkWritable(client, given);
  checkSchema(client.pool, given);
  checkMutable(client.pool, given);
  return given;
}
