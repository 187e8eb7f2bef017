import {
  expiredTemporaryPassword,
  invalidParameter,
  userNotConfirmed,
  userNotFound,
  wrongPassword,
} from './errors.ts';
import { type Input, map, optionalText, parameter, text } from './input.ts';
import { checkSecretHash, clientOf, type Issuer, type Operation, poolOf } from './issuer.ts';
import { passwordMatches } from './passwords.ts';
import type { PoolClient } from './pools.ts';
import { beginSrp } from './srp-sign-in.ts';
import { findGrant, refresh, signIn } from './tokens.ts';
import type { User } from './users.ts';

type Flow = (issuer: Issuer, client: PoolClient, parameters: Input) => Promise<Record<string, unknown>>;

export const initiateAuth: Operation = (issuer, input) =>
  start(issuer, clientOf(issuer, input), input, 'anyone');

export const adminInitiateAuth: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const client = clientOf(issuer, input);
  if (client.pool !== pool)
    throw invalidParameter(`Client ${client.id} does not belong to user pool ${pool.id}`);
  return start(issuer, client, input, 'administrator');
};

/**
 * What follows once the password is known to be right: tokens, or the challenge to choose another one.
 * Throws UserNotConfirmedException, or NotAuthorizedException where a temporary password ran out.
 */
export async function proceed(
  issuer: Issuer,
  client: PoolClient,
  user: User,
): Promise<Record<string, unknown>> {
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'CONFIRMED') {
    return { AuthenticationResult: await signIn(issuer, client, user), ChallengeParameters: {} };
  }
  if (user.passwordExpiresAt !== undefined && user.passwordExpiresAt <= issuer.context.clock.now()) {
    throw expiredTemporaryPassword();
  }
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: issuer.challenges.add(client, { kind: 'NEW_PASSWORD_REQUIRED', sub: user.sub }),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(missingAttributes(client, user)),
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}

const byPassword: Flow = async (issuer, client, parameters) => {
  const username = parameter(parameters, 'USERNAME');
  const password = parameter(parameters, 'PASSWORD');
  const user = issuer.users.find(client.pool, username);
  checkSecretHash(issuer, client, optionalText(parameters, 'SECRET_HASH'), [username, user?.username]);
  if (!user) throw client.hidesUsers ? wrongPassword() : userNotFound();
  if (!passwordMatches(client.pool, user, password)) throw wrongPassword();
  return proceed(issuer, client, user);
};

const byRefreshToken: Flow = async (issuer, client, parameters) => {
  const token = parameter(parameters, 'REFRESH_TOKEN');
  const user = issuer.users.bySub(findGrant(issuer, token)?.sub ?? '');
  checkSecretHash(issuer, client, optionalText(parameters, 'SECRET_HASH'), [user?.username, user?.sub]);
  return { AuthenticationResult: await refresh(issuer, client, token), ChallengeParameters: {} };
};

/** Each flow, who may start it, and the client's settings that allow it. */
const FLOWS: Readonly<
  Record<string, { readonly run: Flow; readonly by: readonly string[]; readonly allowed: readonly string[] }>
> = {
  USER_PASSWORD_AUTH: {
    run: byPassword,
    by: ['anyone'],
    allowed: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
  },
  USER_SRP_AUTH: { run: beginSrp, by: ['anyone', 'administrator'], allowed: ['ALLOW_USER_SRP_AUTH'] },
  REFRESH_TOKEN_AUTH: {
    run: byRefreshToken,
    by: ['anyone', 'administrator'],
    allowed: ['ALLOW_REFRESH_TOKEN_AUTH'],
  },
  REFRESH_TOKEN: {
    run: byRefreshToken,
    by: ['anyone', 'administrator'],
    allowed: ['ALLOW_REFRESH_TOKEN_AUTH'],
  },
  ADMIN_USER_PASSWORD_AUTH: {
    run: byPassword,
    by: ['administrator'],
    allowed: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
  },
  ADMIN_NO_SRP_AUTH: {
    run: byPassword,
    by: ['administrator'],
    allowed: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
  },
};

function start(
  issuer: Issuer,
  client: PoolClient,
  input: Input,
  by: string,
): Promise<Record<string, unknown>> {
  const name = text(input, 'AuthFlow');
  const flow = FLOWS[name];
  if (!flow?.by.includes(by)) throw invalidParameter('Initiate Auth method not supported.');
  if (!flow.allowed.some((setting) => client.flows.has(setting))) {
    throw invalidParameter(
      name === 'USER_PASSWORD_AUTH'
        ? 'USER_PASSWORD_AUTH flow not enabled for this client'
        : 'Auth flow not enabled for this client',
    );
  }
  return flow.run(issuer, client, map(input, 'AuthParameters'));
}

function missingAttributes({ pool }: PoolClient, user: User): string[] {
  return pool.required.filter((name) => !user.attributes[name]).map((name) => `userAttributes.${name}`);
}
