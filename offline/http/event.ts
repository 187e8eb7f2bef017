import type { HttpApi } from './api.ts';
import type { Identity } from './jwt.ts';
import type { Match } from './match.ts';

/** A request as it arrived, its body complete. */
export interface ArrivedRequest {
  readonly method: string;
  /** Before the question mark, still percent-encoded. */
  readonly rawPath: string;
  /** After the question mark; empty where there is none. */
  readonly rawQuery: string;
  /** As they arrived: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer;
}

/** What the API adds to a request. */
export interface RequestFacts {
  readonly requestId: string;
  readonly traceHeader: string;
  /** Milliseconds since the epoch, on the stack's clock. */
  readonly time: number;
}

/**
 * The event of payload format 2.0.
 * Source: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
 */
export function eventOf(
  request: ArrivedRequest,
  facts: RequestFacts,
  { route, parameters }: Match,
  api: HttpApi,
  identity: Identity | undefined,
) {
  const { cookies, headers } = splitHeaders(request, facts);
  const query = queryOf(request.rawQuery);
  const binary = request.body.length > 0 && !isText(headers['content-type']);
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: request.rawPath,
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: api.account,
      apiId: api.id,
      ...(identity && { authorizer: { jwt: identity } }),
      domainName: headers.host ?? '',
      domainPrefix: (headers.host ?? '').split('.')[0],
      http: {
        method: request.method,
        path: request.rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: facts.requestId,
      routeKey: route.key,
      stage: '$default',
      time: commonLogTime(facts.time),
      timeEpoch: facts.time,
    },
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    ...(request.body.length > 0 && { body: request.body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary,
  };
}

/** Names in lower case, repeated headers joined by a comma, cookies apart, and what the API itself adds. */
function splitHeaders(request: ArrivedRequest, facts: RequestFacts) {
  const headers: Record<string, string> = { 'content-length': String(request.body.length) };
  const cookies: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] as string).toLowerCase();
    const value = request.rawHeaders[at + 1] as string;
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else if (!notPassedOn.has(name)) headers[name] = seen.has(name) ? `${headers[name]},${value}` : value;
    seen.add(name);
  }
  headers['x-amzn-trace-id'] = facts.traceHeader;
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], request.sourceIp].filter(Boolean).join(', ');
  headers['x-forwarded-port'] ??= (headers.host ?? '').split(':')[1] ?? '80';
  headers['x-forwarded-proto'] ??= 'http';
  return { cookies, headers };
}

/** Belong to one connection only; the last would let a caller of serverless-offline forge its authorizer. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'expect',
  'sls-offline-authorizer-override',
]);

/** Decoded names and values; those of a repeated name joined by a comma. */
function queryOf(rawQuery: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  }
  return { ...query };
}

/** Which bodies the API hands over as text; all others are base64. */
function isText(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return /^text\/|^application\/(json|javascript|xml)$|^application\/[^;]+\+(json|xml)$/.test(type);
}

/** For example `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(ms: number): string {
  const [, day, month, year, time] = /, (\d\d) (\w{3}) (\d{4}) (\S+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
