import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JwtAuthorizer } from './api.ts';

/** What the authorizer found in the token, in the form in which the event carries it. */
export interface Identity {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/** The authorizer's decision against a request: the status and the header that says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 401 | 403;
  readonly wwwAuthenticate: string;

  constructor(status: 401 | 403, wwwAuthenticate: string) {
    super(wwwAuthenticate);
    this.status = status;
    this.wwwAuthenticate = wwwAuthenticate;
  }
}

/**
 * The JWT authorizer of an HTTP API: signature (RS256 by a key of the issuer), issuer, audience or client,
 * times, scopes. Whether the token is an access token or an ID token is not its business, as on AWS.
 * Source: API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers".
 */
export class JwtVerifier {
  readonly #endpoint: string;
  readonly #now: () => number;
  readonly #keys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

  /**
   * @param endpoint the gateway's address, where issuers' keys are found under their own path
   * @param now milliseconds since the epoch, on the stack's clock
   */
  constructor(endpoint: string, now: () => number) {
    this.#endpoint = endpoint;
    this.#now = now;
  }

  /**
   * @param authorization the header, undefined where there is none
   * @throws Refused
   */
  async verify(
    authorization: string | undefined,
    authorizer: JwtAuthorizer,
    scopes: readonly string[],
  ): Promise<Identity> {
    const token = (authorization ?? '').replace(/^bearer\s+/i, '').trim();
    if (!token) throw new Refused(401, 'Bearer');
    const claims = await this.#claims(token, authorizer);
    const audience = [claims.aud ?? claims.client_id].flat();
    if (!audience.some((one) => authorizer.audience.includes(String(one)))) {
      throw invalid('the token does not have a valid audience');
    }
    const granted = String(claims.scope ?? '')
      .split(' ')
      .filter(Boolean);
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
      throw new Refused(403, `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`);
    }
    return {
      claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)])),
      scopes: scopes.length > 0 ? scopes.filter((scope) => granted.includes(scope)) : null,
    };
  }

  async #claims(token: string, { issuer }: JwtAuthorizer) {
    try {
      const { payload } = await jwtVerify(token, this.#keysOf(issuer), {
        algorithms: ['RS256'],
        issuer,
        currentDate: new Date(this.#now()),
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw invalid(reason(error));
      throw error;
    }
  }

  #keysOf(issuer: string) {
    const known = this.#keys.get(issuer);
    if (known) return known;
    const address = `${this.#endpoint}${new URL(issuer).pathname}/.well-known/jwks.json`;
    const keys = createRemoteJWKSet(new URL(address), { cooldownDuration: 1000 });
    this.#keys.set(issuer, keys);
    return keys;
  }
}

function invalid(description: string): Refused {
  return new Refused(401, `Bearer scope="" error="invalid_token" error_description="${description}"`);
}

function reason(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') return 'invalid issuer';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'signing method is invalid';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature is invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of the issuer matches the token';
  return 'the token is malformed';
}

/** Claims reach the function as strings; lists in the form `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
