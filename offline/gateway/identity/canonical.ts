import { hash } from 'node:crypto';

/** The SHA-256 of nothing, in hexadecimal. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The parts of a request that a signature covers. */
export interface CanonicalParts {
  readonly method: string;
  readonly rawPath: string;
  /** Decoded name and value of every query parameter but the signature. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** Lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** Hexadecimal SHA-256 of the payload, or the word that stands for it. */
  readonly payloadHash: string;
  /** S3 encodes a path once; every other service encodes it again and folds `.`, `..` and `//`. */
  readonly s3: boolean;
}

/**
 * The canonical request of Signature Version 4.
 * Source: AWS IAM User Guide, "Create a signed AWS API request".
 */
export function canonicalRequest(parts: CanonicalParts): string {
  const headers = parts.signedHeaders.map((name) => `${name}:${collapse(parts.headers[name] ?? '')}\n`);
  return [
    parts.method,
    parts.s3 ? encodeOnce(parts.rawPath) : encodeAgain(parts.rawPath),
    canonicalQuery(parts.query),
    headers.join(''),
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n');
}

/** Splits a raw query into decoded names and values; `+` is a space. Throws URIError. */
export function parseQuery(rawQuery: string): [string, string][] {
  return rawQuery
    .replaceAll('+', '%20')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0
        ? [decodeURIComponent(pair), '']
        : [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))];
    });
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Hexadecimal SHA-256. */
export function sha256(data: string | Buffer): string {
  return hash('sha256', data, 'hex');
}

function canonicalQuery(query: CanonicalParts['query']): string {
  return query
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encodeOnce(rawPath: string): string {
  return rawPath
    .split('/')
    .map((segment) => percentEncode(decodeURIComponent(segment)))
    .join('/');
}

function encodeAgain(rawPath: string): string {
  const kept: string[] = [];
  for (const segment of rawPath.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(percentEncode(segment));
  }
  const slash = kept.length > 0 && rawPath.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${slash}`;
}

function collapse(value: string): string {
  return value.trim().replace(/ {2,}/g, ' ');
}
