import type { RequestHead } from '../http.ts';
import { parseQuery } from './canonical.ts';
import { type Family, refusal } from './refusals.ts';

/** What a request says about who signed it, and how. Nothing in it is proven. */
export interface Claim {
  readonly place: 'header' | 'query';
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  /** Seconds that a presigned request lives. */
  readonly expires?: number;
  readonly sessionToken?: string;
  /** The decoded query without the signature, as it was signed. */
  readonly query: readonly (readonly [string, string])[];
}

/** A week: the longest life of a presigned request, in seconds. */
const LONGEST_LIFE = 604_800;

/**
 * The claim of a request; undefined when it is unsigned.
 * @throws ServiceError where the authorization is malformed or of an older kind
 */
export function readClaim(request: RequestHead, family: Family): Claim | undefined {
  const query = decodeQuery(request.rawQuery, family);
  const named = new Map(query);
  const authorization = request.headers.authorization;
  if (authorization !== undefined && named.has('X-Amz-Signature')) {
    throw refusal(family, 'unsupported', 'Only one auth mechanism allowed.');
  }
  if (authorization !== undefined) return headerClaim(authorization, request.headers, query, family);
  if (named.has('X-Amz-Signature') || named.has('X-Amz-Algorithm')) return queryClaim(named, query, family);
  if (named.has('AWSAccessKeyId')) throw refusal(family, 'unsupported');
  return undefined;
}

/** The service in the credential scope, unproven: enough to tell which protocol the request speaks. */
export function scopedService(request: RequestHead): string | undefined {
  const where = request.headers.authorization ?? request.rawQuery;
  return /Credential=[^/%&,\s]+(?:\/|%2F)\d{8}(?:\/|%2F)[^/%&,\s]+(?:\/|%2F)([a-z0-9-]+)(?:\/|%2F)/i.exec(
    where,
  )?.[1];
}

function headerClaim(
  authorization: string,
  headers: RequestHead['headers'],
  query: Claim['query'],
  family: Family,
): Claim {
  if (!authorization.startsWith('AWS4-HMAC-SHA256')) throw refusal(family, 'unsupported');
  const fields = new Map(
    authorization
      .slice('AWS4-HMAC-SHA256'.length)
      .split(',')
      .map((field) => {
        const at = field.indexOf('=');
        return [field.slice(0, at).trim(), field.slice(at + 1).trim()] as const;
      }),
  );
  const timestamp = headers['x-amz-date'] ?? basicDate(headers.date);
  return {
    place: 'header',
    ...credential(fields.get('Credential'), family),
    signedHeaders: headerNames(fields.get('SignedHeaders'), family),
    signature: required(fields.get('Signature'), 'Signature', family),
    timestamp: required(timestamp, 'X-Amz-Date', family),
    ...optionalToken(headers['x-amz-security-token']),
    query,
  };
}

function queryClaim(named: Map<string, string>, query: Claim['query'], family: Family): Claim {
  if (named.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') throw refusal(family, 'unsupported');
  const expires = Number(required(named.get('X-Amz-Expires'), 'X-Amz-Expires', family));
  if (!Number.isInteger(expires) || expires < 0 || expires > LONGEST_LIFE) {
    throw refusal(
      family,
      'incomplete',
      `X-Amz-Expires must be a number of seconds from 0 to ${LONGEST_LIFE}`,
    );
  }
  return {
    place: 'query',
    ...credential(named.get('X-Amz-Credential'), family),
    signedHeaders: headerNames(named.get('X-Amz-SignedHeaders'), family),
    signature: required(named.get('X-Amz-Signature'), 'X-Amz-Signature', family),
    timestamp: required(named.get('X-Amz-Date'), 'X-Amz-Date', family),
    expires,
    ...optionalToken(named.get('X-Amz-Security-Token')),
    query: query.filter(([name]) => name !== 'X-Amz-Signature'),
  };
}

/** Reads `<key>/<date>/<region>/<service>/aws4_request`. */
export function credential(
  text: string | undefined,
  family: Family,
): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const match = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(
    required(text, 'Credential', family),
  );
  if (!match) {
    throw refusal(
      family,
      'incomplete',
      `The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request", got "${text}".`,
    );
  }
  const [, accessKeyId = '', date = '', region = '', service = ''] = match;
  return { accessKeyId, date, region, service };
}

function headerNames(text: string | undefined, family: Family): string[] {
  return required(text, 'SignedHeaders', family)
    .split(';')
    .map((name) => name.toLowerCase());
}

function required(value: string | undefined, what: string, family: Family): string {
  if (value) return value;
  throw refusal(family, 'incomplete', `Authorization requires '${what}' parameter.`);
}

function optionalToken(token: string | undefined): { sessionToken?: string } {
  return token === undefined ? {} : { sessionToken: token };
}

function decodeQuery(rawQuery: string, family: Family): [string, string][] {
  try {
    return parseQuery(rawQuery);
  } catch {
    throw refusal(family, 'incomplete', `The query is not percent-encoded UTF-8: "${rawQuery}".`);
  }
}

function basicDate(httpDate: string | undefined): string | undefined {
  const ms = Date.parse(httpDate ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}
