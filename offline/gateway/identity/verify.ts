import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RequestHead } from '../http.ts';
import { canonicalRequest, sha256 } from './canonical.ts';
import type { Claim } from './claim.ts';
import type { AccessKey, Keys } from './keys.ts';
import { type Family, refusal } from './refusals.ts';

/** What a claim is judged by. */
export interface Judge {
  readonly keys: Pick<Keys, 'find'>;
  readonly region: string;
  /** Milliseconds since the epoch, on the stack's clock. */
  now(): number;
}

/** How far a client's clock may be off, in milliseconds. */
const MAX_SKEW = 15 * 60_000;

/**
 * Proves a claim on a whole request: the key is known and its token right, the scope fits, the time is right,
 * no `x-amz-*` header was slipped in, and the signature is the key's own.
 * @param service the name that the service is signed with
 * @param payloadHash hexadecimal SHA-256 of the payload, or the word that stands for it
 * @throws ServiceError in the words of `family`
 */
export function verifyRequest(
  request: RequestHead,
  claim: Claim,
  service: string,
  family: Family,
  payloadHash: string,
  judge: Judge,
): AccessKey {
  const key = knownKey(claim, family, judge);
  checkScope(claim, service, family, judge.region);
  checkTime(claim, family, judge.now());
  checkSignedHeaders(request, claim, family);
  const canonical = canonicalise(request, claim, family, payloadHash);
  const toSign = ['AWS4-HMAC-SHA256', claim.timestamp, scopeOf(claim), sha256(canonical)].join('\n');
  checkSignature(toSign, claim, key, family);
  return key;
}

/**
 * The key that a claim names.
 * @throws ServiceError where it is unknown, expired, or its session token missing or another
 */
export function knownKey(
  claim: Pick<Claim, 'accessKeyId' | 'sessionToken'>,
  family: Family,
  judge: Judge,
): AccessKey {
  const key = judge.keys.find(claim.accessKeyId);
  if (!key) throw refusal(family, 'unknown-key');
  if (!sameText(key.sessionToken ?? '', claim.sessionToken ?? '')) throw refusal(family, 'wrong-token');
  if (judge.now() >= key.expiresAt) throw refusal(family, 'expired-token');
  return key;
}

/**
 * @throws ServiceError where `claim.signature` isn't the signature of `toSign` with the key
 */
export function checkSignature(
  toSign: string,
  claim: Pick<Claim, 'date' | 'region' | 'service' | 'signature'>,
  key: AccessKey,
  family: Family,
): void {
  const signingKey = key.signingKey(claim.date, claim.region, claim.service);
  const expected = createHmac('sha256', signingKey).update(toSign).digest('hex');
  if (!sameText(expected, claim.signature)) throw refusal(family, 'wrong-signature');
}

/** `<date>/<region>/<service>/aws4_request` */
export function scopeOf(claim: Pick<Claim, 'date' | 'region' | 'service'>): string {
  return `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
}

/**
 * @throws ServiceError where the claim is signed for another region, service or day
 */
export function checkScope(
  claim: Pick<Claim, 'date' | 'region' | 'service' | 'timestamp'>,
  service: string,
  family: Family,
  region: string,
): void {
  if (claim.region !== region) {
    throw refusal(
      family,
      'wrong-scope',
      `The authorization header is malformed; the region '${claim.region}' is wrong; expecting '${region}'`,
      { Region: region },
    );
  }
  if (claim.service !== service) {
    throw refusal(family, 'wrong-scope', `Credential should be scoped to correct service: '${service}'. `);
  }
  if (!claim.timestamp.startsWith(claim.date)) {
    throw refusal(
      family,
      'wrong-scope',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.date}' != '${claim.timestamp.slice(0, 8)}'.`,
    );
  }
}

function checkTime(claim: Claim, family: Family, now: number): void {
  const signedAt = epochMs(claim.timestamp);
  if (Number.isNaN(signedAt)) {
    throw refusal(family, 'incomplete', `X-Amz-Date must be YYYYMMDD'T'HHMMSS'Z', got '${claim.timestamp}'`);
  }
  const times = { RequestTime: claim.timestamp, ServerTime: new Date(now).toISOString() };
  if (signedAt > now + MAX_SKEW) {
    throw refusal(family, claim.place === 'query' ? 'expired' : 'skewed', 'Request is not yet valid', times);
  }
  if (claim.expires !== undefined) {
    const endsAt = signedAt + claim.expires * 1000;
    if (now < endsAt) return;
    const expired = { 'X-Amz-Expires': claim.expires, Expires: new Date(endsAt).toISOString() };
    throw refusal(family, 'expired', undefined, { ...expired, ServerTime: times.ServerTime });
  }
  if (signedAt < now - MAX_SKEW) {
    throw refusal(family, 'skewed', undefined, { ...times, MaxAllowedSkewMilliseconds: MAX_SKEW });
  }
}

function checkSignedHeaders(request: RequestHead, claim: Claim, family: Family): void {
  if (!claim.signedHeaders.includes('host')) {
    throw refusal(family, 'unsigned-header', undefined, { HeadersNotSigned: 'host' });
  }
  // An unsigned x-amz-* header would let whoever holds a signed request add to what it does.
  for (const name in request.headers) {
    if (name.startsWith('x-amz-') && !claim.signedHeaders.includes(name)) {
      throw refusal(family, 'unsigned-header', undefined, { HeadersNotSigned: name });
    }
  }
}

function canonicalise(request: RequestHead, claim: Claim, family: Family, payloadHash: string): string {
  try {
    const { method, rawPath, headers } = request;
    const { query, signedHeaders } = claim;
    return canonicalRequest({
      method,
      rawPath,
      query,
      headers,
      signedHeaders,
      payloadHash,
      s3: family === 's3',
    });
  } catch {
    throw refusal(family, 'wrong-signature', `The path is not percent-encoded UTF-8: "${request.rawPath}".`);
  }
}

function epochMs(timestamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!match) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Compares two secrets in a time that depends on their length only. */
export function sameText(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
