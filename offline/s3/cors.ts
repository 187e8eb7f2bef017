import { ServiceError } from '../contract.ts';
import { listOf, recordOf } from './template.ts';

/** One rule of a bucket's cross-origin configuration. */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** In lower case. */
  readonly headers: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAge: string | undefined;
}

const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

/** The rules of a `CorsConfiguration`; none where it is undefined. */
export function corsRulesOf(configuration: unknown): CorsRule[] {
  return listOf(recordOf(configuration).CorsRules).map((declared) => {
    const rule = recordOf(declared);
    return {
      origins: listOf(rule.AllowedOrigins).map(String),
      methods: listOf(rule.AllowedMethods).map(String),
      headers: listOf(rule.AllowedHeaders).map((header) => String(header).toLowerCase()),
      exposedHeaders: listOf(rule.ExposedHeaders).map(String),
      maxAge: rule.MaxAge === undefined ? undefined : String(rule.MaxAge),
    };
  });
}

/**
 * The headers that let a browser read the answer to an actual request: those of the first rule that covers
 * its origin and method; none where no rule does, or the request isn't cross-origin.
 */
export function corsHeaders(
  rules: readonly CorsRule[],
  method: string,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined) return {};
  const rule = rules.find(({ origins, methods }) => covers(origins, origin) && methods.includes(method));
  return rule ? allowance(rule, origin) : {};
}

/**
 * The headers that answer a preflight request.
 * @throws ServiceError AccessForbidden where no rule covers it, BadRequest where it lacks a header
 */
export function preflightHeaders(
  rules: readonly CorsRule[],
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const origin = headers.origin;
  const method = headers['access-control-request-method'];
  if (origin === undefined) throw insufficient('Origin request header needed.');
  if (method === undefined) throw insufficient('Access-Control-Request-Method request header needed.');
  if (rules.length === 0) throw forbidden('CORSResponse: CORS is not enabled for this bucket.');
  const wanted = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((header) => header.trim().toLowerCase())
    .filter((header) => header !== '');
  const rule = rules.find(
    (candidate) =>
      covers(candidate.origins, origin) &&
      candidate.methods.includes(method) &&
      wanted.every((header) => covers(candidate.headers, header)),
  );
  if (!rule) {
    throw forbidden(
      "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    );
  }
  return {
    ...allowance(rule, origin),
    ...(wanted.length > 0 && { 'access-control-allow-headers': wanted.join(', ') }),
  };
}

function allowance(rule: CorsRule, origin: string): Record<string, string> {
  const anyone = rule.origins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(rule.exposedHeaders.length > 0 && {
      'access-control-expose-headers': rule.exposedHeaders.join(', '),
    }),
    ...(rule.maxAge !== undefined && { 'access-control-max-age': rule.maxAge }),
    ...(!anyone && { 'access-control-allow-credentials': 'true' }),
    vary,
  };
}

/** Whether one of the patterns, each with at most one `*`, covers the value. */
function covers(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) => {
    const star = pattern.indexOf('*');
    if (star < 0) return pattern === value;
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    return value.length >= before.length + after.length && value.startsWith(before) && value.endsWith(after);
  });
}

function insufficient(detail: string): ServiceError {
  return new ServiceError('BadRequest', `Insufficient information. ${detail}`);
}

function forbidden(message: string): ServiceError {
  return new ServiceError('AccessForbidden', message, 403);
}
