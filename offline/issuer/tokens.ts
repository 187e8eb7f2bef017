import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { notAuthorized, userNotFound } from './errors.ts';
import type { Issuer } from './issuer.ts';
import type { SigningKey } from './keys.ts';
import { findClient, type PoolClient } from './pools.ts';
import type { Grant, User } from './users.ts';

/** The claims of an access token that Cognito gives out for a sign-in through its API. */
const API_SCOPE = 'aws.cognito.signin.user.admin';

/** What an access token proves. */
export interface Session {
  readonly user: User;
  readonly client: PoolClient;
  readonly grant: Grant;
}

/** `AuthenticationResult` of a fresh sign-in: it begins a grant and brings its refresh token. */
export async function signIn(
  issuer: Issuer,
  client: PoolClient,
  user: User,
): Promise<Record<string, unknown>> {
  const now = issuer.context.clock.now();
  const originJti = randomUUID();
  const secret = randomBytes(48).toString('base64url');
  const grant: Grant = {
    originJti,
    clientId: client.id,
    sub: user.sub,
    secretHash: hash(secret).toString('hex'),
    signedInAt: now,
    expiresAt: now + client.refreshSeconds * 1000,
  };
  issuer.users.saveGrant(grant);
  return { ...(await makeTokens(issuer, client, user, grant)), RefreshToken: `${originJti}.${secret}` };
}

/** `AuthenticationResult` of a refresh: new access and ID tokens of the same sign-in. Throws NotAuthorizedException. */
export async function refresh(
  issuer: Issuer,
  client: PoolClient,
  refreshToken: string,
): Promise<Record<string, unknown>> {
  const grant = findGrant(issuer, refreshToken);
  const user = grant && issuer.users.bySub(grant.sub);
  if (!user || grant.clientId !== client.id) throw notAuthorized('Invalid Refresh Token.');
  if (grant.revoked) throw notAuthorized('Refresh Token has been revoked');
  if (grant.expiresAt <= issuer.context.clock.now()) throw notAuthorized('Refresh Token has expired');
  return makeTokens(issuer, client, user, grant);
}

/** The sign-in that a refresh token belongs to, also one that is over; undefined where the token is none of ours. */
export function findGrant({ users }: Issuer, refreshToken: string): Grant | undefined {
  const [originJti = '', secret = ''] = refreshToken.split('.');
  const grant = users.grant(originJti);
  return grant && timingSafeEqual(hash(secret), Buffer.from(grant.secretHash, 'hex')) ? grant : undefined;
}

/** Who an access token speaks for. Throws NotAuthorizedException, or UserNotFoundException once the user is gone. */
export async function openSession(issuer: Issuer, accessToken: string): Promise<Session> {
  const claims = await verifyAccessToken(issuer, accessToken);
  const client = findClient(issuer.pools, String(claims.client_id));
  const user = issuer.users.bySub(String(claims.sub));
  if (!user) throw userNotFound();
  const grant = issuer.users.grant(String(claims.origin_jti));
  if (!grant || grant.revoked) throw notAuthorized('Access Token has been revoked');
  return { user, client, grant };
}

async function verifyAccessToken(issuer: Issuer, accessToken: string) {
  try {
    const { payload } = await jwtVerify(accessToken, issuer.key.publicKey, {
      algorithms: ['RS256'],
      issuer: issuer.pools.pools.map((pool) => pool.issuer),
      currentDate: new Date(issuer.context.clock.now()),
      requiredClaims: ['exp'],
    });
    if (payload.token_use === 'access') return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw notAuthorized('Access Token has expired');
    if (!(error instanceof errors.JOSEError)) throw error;
  }
  throw notAuthorized('Invalid Access Token');
}

async function makeTokens(issuer: Issuer, client: PoolClient, user: User, grant: Grant) {
  const iat = Math.floor(issuer.context.clock.now() / 1000);
  const shared = {
    sub: user.sub,
    ...(user.groups.length > 0 && { 'cognito:groups': user.groups }),
    iss: client.pool.issuer,
    origin_jti: grant.originJti,
    event_id: randomUUID(),
    auth_time: Math.floor(grant.signedInAt / 1000),
    iat,
  };
  const accessToken = sign(issuer.key, {
    ...shared,
    client_id: client.id,
    token_use: 'access',
    scope: API_SCOPE,
    exp: iat + client.accessSeconds,
    jti: randomUUID(),
    username: user.username,
  });
  const idToken = sign(issuer.key, {
    ...shared,
    ...typedAttributes(user),
    'cognito:username': user.username,
    aud: client.id,
    token_use: 'id',
    exp: iat + client.idSeconds,
    jti: randomUUID(),
  });
  return {
    AccessToken: await accessToken,
    IdToken: await idToken,
    ExpiresIn: client.accessSeconds,
    TokenType: 'Bearer',
  };
}

/** Attributes as claims: the two `..._verified` are booleans in a token and strings everywhere else. */
function typedAttributes({ attributes }: User): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      name.endsWith('_verified') ? value === 'true' : value,
    ]),
  );
}

function sign(key: SigningKey, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: 'RS256' }).sign(key.privateKey);
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
