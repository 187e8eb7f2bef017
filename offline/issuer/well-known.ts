import type { Answer } from '../contract.ts';
import type { Input } from './input.ts';
import { type Issuer, poolOf } from './issuer.ts';

/**
 * `/<poolId>/.well-known/openid-configuration`. The issuer is the address under which this is found, as in
 * every token. Throws ResourceNotFoundException.
 */
export function openIdConfiguration(issuer: Issuer, input: Input): Answer {
  const pool = poolOf(issuer, input);
  return json({
    issuer: pool.issuer,
    jwks_uri: `${issuer.context.endpoint}/${pool.id}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
  });
}

/** `/<poolId>/.well-known/jwks.json`. Throws ResourceNotFoundException. */
export function jsonWebKeySet(issuer: Issuer, input: Input): Answer {
  poolOf(issuer, input);
  return json({ keys: [issuer.key.publicJwk] });
}

function json(document: Readonly<Record<string, unknown>>): Answer {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=86400',
      'access-control-allow-origin': '*',
    },
    body: JSON.stringify(document),
  };
}
