import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { SigningKey } from '../../offline/issuer/keys.ts';

/** A genuine sign-in, of which each forgery changes one thing. */
export interface Genuine {
  readonly accessToken: string;
  readonly idToken: string;
}

/**
 * Tokens that no route may accept as an access token, each wrong in one respect and right in all others.
 * @param key the stack's own signing key, `openSigningKey(stateDir)`: what can't be told by the signature must
 *   be told by the claims
 */
export async function forgeries(
  genuine: Genuine,
  key: SigningKey,
): Promise<Readonly<Record<string, string>>> {
  const claims = decodeJwt(genuine.accessToken);
  const { exp: _expiry, ...endless } = claims;
  const past = { iat: (claims.iat ?? 0) - 7200, exp: (claims.iat ?? 0) - 3600 };
  const [header = '', payload = '', signature = ''] = genuine.accessToken.split('.');
  const sub = '00000000-0000-4000-8000-000000000000';
  return {
    'alg none': new UnsecuredJWT(claims).encode(),
    'alg none under the kid': `${encode({ alg: 'none', kid: key.kid })}.${payload}.`,
    'HS256 with the public key as the secret': await hmacSigned(claims, key),
    'another key under the same kid': await resign(claims, { ...key, privateKey: otherKey() }),
    'another key that the header brings along': await signedWithOwnKey(claims),
    'another sub under the old signature': `${header}.${encode({ ...claims, sub })}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'half a signature': `${header}.${payload}.${signature.slice(0, signature.length / 2)}`,
    expired: await resign({ ...claims, ...past }, key),
    'without an expiry': await resign(endless, key),
    'for another client': await resign({ ...claims, client_id: 'another-client' }, key),
    'of another issuer': await resign({ ...claims, iss: `${claims.iss}x` }, key),
    'an ID token': genuine.idToken,
    garbage: 'not.a.token',
    'no token': 'hello',
  };
}

/** The claims, signed as the issuer signs: with nothing changed it is as good as the genuine token. */
export function resign(
  claims: JWTPayload,
  { kid, privateKey }: Pick<SigningKey, 'kid' | 'privateKey'>,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

function hmacSigned(claims: JWTPayload, { kid, publicKey }: SigningKey): Promise<string> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(pem));
}

function signedWithOwnKey(claims: JWTPayload): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' }) as { kty: string; n: string; e: string };
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', jwk, kid: 'own' }).sign(privateKey);
}

function otherKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

function encode(part: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
