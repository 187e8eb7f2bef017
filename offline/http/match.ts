import type { HttpRoute } from './api.ts';

export interface Match {
  readonly route: HttpRoute;
  /** Decoded values of the path's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The route that API Gateway picks for a request: a full match before one with parameters before a greedy
 * one, a method before ANY, `$default` last. A trailing slash is part of the path.
 * Source: API Gateway Developer Guide, "Create routes for HTTP APIs", routing API requests.
 */
export function matchRoute(routes: readonly HttpRoute[], method: string, rawPath: string): Match | undefined {
  const segments = rawPath.split('/').slice(1);
  const candidates = routes
    .filter((route) => route.method === method || route.method === 'ANY')
    .map((route) => ({ route, parameters: parametersOf(route.segments, segments) }))
    .filter((match): match is Match => match.parameters !== undefined);
  return candidates.sort((a, b) => compare(a.route, b.route))[0];
}

function parametersOf(
  pattern: readonly string[] | undefined,
  segments: readonly string[],
): Record<string, string> | undefined {
  if (!pattern) return {};
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const name = /^\{([^}+]+)(\+?)\}$/.exec(part);
    const greedy = name?.[2] === '+';
    const given = greedy ? segments.slice(index).join('/') : segments[index];
    if (given === undefined || (name && given === '')) return undefined;
    if (!name && given !== part) return undefined;
    if (name) parameters[name[1] as string] = decode(given);
    if (greedy) return parameters;
  }
  return segments.length === pattern.length ? parameters : undefined;
}

function compare(a: HttpRoute, b: HttpRoute): number {
  if (!a.segments || !b.segments) return Number(!a.segments) - Number(!b.segments);
  for (let at = 0; at < Math.max(a.segments.length, b.segments.length); at++) {
    const difference = rank(a.segments[at]) - rank(b.segments[at]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function rank(part: string | undefined): number {
  if (part === undefined || !part.startsWith('{')) return 0;
  return part.endsWith('+}') ? 2 : 1;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
