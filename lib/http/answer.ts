import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What a route answers: a status, headers, and a body that becomes JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** 200 with the resource. */
export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers, body };
}

/** 201 with the new resource and where it lives. */
export function created(location: string, body: unknown): Answer {
  return { status: 201, headers: { location }, body };
}

/** 202: taken, and still being worked on. */
export function accepted(
  location: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status: 202, headers: { location, ...headers }, body };
}

/** 202 for what has no place of its own: it is safe, and will have its effect. */
export function taken(body: unknown): Answer {
  return { status: 202, headers: {}, body };
}

/** 204: done, nothing to say. */
export function noContent(): Answer {
  return { status: 204, headers: {}, body: undefined };
}

/** 302 to a signed URL, which must not be kept longer than it lives. */
export function redirect(location: string): Answer {
  return { status: 302, headers: { location, 'cache-control': 'private, no-store' }, body: undefined };
}

/** The answer as API Gateway takes it, with the headers that every answer has. */
export function toResult(
  { status, headers, body }: Answer,
  correlationId: string,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: {
      'x-correlation-id': correlationId,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}
