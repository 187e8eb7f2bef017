import type { CorsRules } from './api.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Whether the request is a preflight that the API answers by itself. */
export function isPreflight(method: string, headers: Headers): boolean {
  return method === 'OPTIONS' && Boolean(headers.origin && headers['access-control-request-method']);
}

/**
 * The headers of a preflight's answer; none where the origin may not call.
 * Source: API Gateway Developer Guide, "Configure CORS for HTTP APIs".
 */
export function preflightHeaders(rules: CorsRules, headers: Headers): Record<string, string> {
  const allowed = originHeaders(rules, headers.origin);
  if (Object.keys(allowed).length === 0) return {};
  const asked = headers['access-control-request-headers'] ?? '';
  const methods = rules.allowMethods.includes('*') ? allMethods : rules.allowMethods;
  return {
    ...allowed,
    'access-control-allow-methods': methods.join(','),
    ...listed('access-control-allow-headers', rules.allowHeaders, asked),
    ...(rules.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rules.maxAgeSeconds) }),
  };
}

/** The headers that every answer to `origin` carries; they take the place of the function's own. */
export function corsHeaders(rules: CorsRules, origin: string | undefined): Record<string, string> {
  const allowed = originHeaders(rules, origin);
  if (Object.keys(allowed).length === 0) return {};
  return { ...allowed, ...listed('access-control-expose-headers', rules.exposeHeaders, '*') };
}

const allMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

function originHeaders(rules: CorsRules, origin: string | undefined): Record<string, string> {
  if (!origin) return {};
  const any = rules.allowOrigins.includes('*');
  if (!any && !rules.allowOrigins.some((pattern) => originMatches(pattern, origin))) return {};
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(rules.allowCredentials && { 'access-control-allow-credentials': 'true' }),
  };
}

/** Patterns may be `https://*` and `http://*`. */
function originMatches(pattern: string, origin: string): boolean {
  if (!pattern.endsWith('://*')) return pattern.toLowerCase() === origin.toLowerCase();
  return origin.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase());
}

function listed(header: string, names: readonly string[], all: string): Record<string, string> {
  const value = names.includes('*') ? all : names.join(',');
  return value ? { [header]: value } : {};
}
