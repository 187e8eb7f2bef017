import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import * as z from 'zod';
import { env } from '../env.ts';
import { Problem } from '../problem.ts';
import type { ApiEvent, Caller } from './call.ts';

const accessClaims = z.object({
  sub: z.uuid(),
  username: z.string().min(1),
  token_use: z.literal('access'),
  client_id: z.string(),
});

/** Whom a route admits: signed-in callers, anyone with or without a good token, or anyone unasked. */
export type Admission = 'signed-in' | 'optional' | 'public';

const signingKeys = createRemoteJWKSet(new URL(`${env.COGNITO_ISSUER}/.well-known/jwks.json`), {
  timeoutDuration: 3_000,
});

/**
 * Who calls. On signed-in routes API Gateway's authorizer has verified signature, issuer, audience and
 * expiry; what it does not look at is whether the token is an access token. Optional routes have no
 * authorizer, because API Gateway knows no optional one, so the token is verified here: a bad one is 401,
 * none is anonymous.
 */
export async function callerOf(event: ApiEvent, admission: Admission): Promise<Caller | undefined> {
  if (admission === 'public') return undefined;
  if (admission === 'signed-in') return toCaller(event.requestContext.authorizer?.jwt?.claims);
  const authorization = event.headers.authorization;
  if (authorization === undefined) return undefined;
  return toCaller(await verifiedClaims(authorization));
}

async function verifiedClaims(authorization: string): Promise<unknown> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (!token) throw unauthorized('The Authorization header must be "Bearer" and an access token.');
  try {
    const { payload } = await jwtVerify(token, signingKeys, {
      algorithms: ['RS256'],
      issuer: env.COGNITO_ISSUER,
      requiredClaims: ['exp', 'sub', 'client_id'],
      currentDate: new Date(),
    });
    return payload;
  } catch (error) {
    if (!isFaultOfToken(error)) throw error;
    throw unauthorized('The access token is not valid, or has expired.');
  }
}

/** jose also throws what it could not learn from the issuer; that says nothing about the token. */
function isFaultOfToken(error: unknown): boolean {
  const ofIssuer = [errors.JOSEError.code, errors.JWKSTimeout.code, errors.JWKSInvalid.code];
  return error instanceof errors.JOSEError && !ofIssuer.includes(error.code);
}

function toCaller(claims: unknown): Caller {
  const parsed = accessClaims.safeParse(claims);
  if (!parsed.success || parsed.data.client_id !== env.COGNITO_CLIENT_ID) {
    throw unauthorized('An access token of this application is needed; an ID token does not do.');
  }
  return { userId: parsed.data.sub, username: parsed.data.username };
}

function unauthorized(detail: string): Problem {
  return new Problem(401, 'unauthorized', detail, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
