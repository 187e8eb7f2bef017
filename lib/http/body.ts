import type * as z from 'zod';
import { Problem } from '../problem.ts';
import type { ApiEvent } from './call.ts';
import { parseFields } from './parse.ts';

/** How a route reads its body, and what OpenAPI says of it. */
export interface BodyReader<Body> {
  read(event: ApiEvent): Promise<Body>;
  /** Media type to schema. */
  readonly content: Readonly<Record<string, z.ZodType>>;
}

/** A JSON body. Other media types are 415, what does not parse is 400, wrong fields are 422. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema): BodyReader<z.infer<Schema>> {
  return {
    content: { 'application/json': schema },
    read: async (event) => {
      expectMediaType(event, ['application/json']);
      return parseFields(schema, parseJson(bytesOf(event).toString('utf8')), 'body');
    },
  };
}

/** JSON as `navigator.sendBeacon` sends it without asking the server first: as plain text. */
export function beaconBody<Schema extends z.ZodType>(schema: Schema): BodyReader<z.infer<Schema>> {
  return {
    content: { 'text/plain': schema },
    read: async (event) => {
      expectMediaType(event, ['text/plain']);
      return parseFields(schema, parseJson(bytesOf(event).toString('utf8')), 'body');
    },
  };
}

/** A JSON merge patch (RFC 7396): null clears, what is absent stays. Plain JSON is taken for it too. */
export function mergePatch<Schema extends z.ZodType>(schema: Schema): BodyReader<z.infer<Schema>> {
  return {
    content: { 'application/merge-patch+json': schema },
    read: async (event) => {
      expectMediaType(event, ['application/merge-patch+json', 'application/json']);
      return parseFields(schema, parseJson(bytesOf(event).toString('utf8')), 'body');
    },
  };
}

/** The media type without parameters, in lower case; empty where the client named none. */
export function mediaTypeOf(event: ApiEvent): string {
  return (event.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The body's bytes as the client sent them. */
export function bytesOf(event: ApiEvent): Buffer {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
}

/** 415 that says what was expected and what came. */
export function unsupportedMediaType(expected: readonly string[], came: string): Problem {
  return new Problem(
    415,
    'unsupported-media-type',
    `The body must be ${expected.join(' or ')}, but came as ${came === '' ? 'no content type' : `"${came}"`}.`,
    { headers: { accept: expected.join(', ') } },
  );
}

function expectMediaType(event: ApiEvent, expected: readonly string[]): void {
  const came = mediaTypeOf(event);
  if (!expected.includes(came)) throw unsupportedMediaType(expected, came);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'unparsable', 'The body is not JSON.');
  }
}
