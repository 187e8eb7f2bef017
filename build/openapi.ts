// First, because the routes read the environment when they are imported.
import './any-environment.ts';
import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { routes as activity } from '../functions/api/activity/index.ts';
import { routes as clicks } from '../functions/api/clicks/index.ts';
import { routes as edits } from '../functions/api/edits/index.ts';
import { routes as people } from '../functions/api/people/index.ts';
import { routes as photos } from '../functions/api/photos/index.ts';
import { routes as open } from '../functions/api/public/index.ts';
import { routes as recommendations } from '../functions/api/recommendations/index.ts';
import type { Route } from '../lib/http/route.ts';

const TARGET = new URL('../docs/openapi.json', import.meta.url);

const AREAS: Readonly<Record<string, readonly Route[]>> = {
  photos,
  people,
  activity,
  edits,
  clicks,
  recommendations,
  public: open,
};

const bytes = z.number().int().optional();

/** RFC 9457 problem details, as every error of ours answers. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable; docs/problems.md says what to do about each.' }),
    detail: z.string(),
    instance: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'Of `invalid-request`: where it is, and what was expected.' }),
    missing: z
      .array(z.number().int())
      .optional()
      .meta({ description: 'Of `upload-incomplete`: the numbers of the parts that have not arrived.' }),
    used: bytes.meta({ description: 'Of `quota-exceeded`: bytes that the caller keeps.' }),
    quota: bytes.meta({ description: 'Of `quota-exceeded`: bytes that the caller may keep.' }),
    asked: bytes.meta({ description: 'Of `quota-exceeded`: bytes of the file.' }),
  })
  .meta({ id: 'Problem' });

const correlationId = {
  schema: { type: 'string' },
  description: 'As sent, or made up; it is in the logs.',
} as const;
const location = { schema: { type: 'string' }, description: 'Where it is.' } as const;
const retryAfter = {
  schema: { type: 'integer' },
  description: 'Seconds to wait before asking again, where that may help.',
} as const;
const etag = { schema: { type: 'string' }, description: 'The version, for If-Match.' } as const;

/** What API Gateway answers by itself. */
const gatewayError = z.object({ message: z.string() }).meta({ id: 'GatewayError' });

/** The OpenAPI 3.1 document of the API, generated from the very schemas that parse the requests. */
export function openApiDocument() {
  const paths: ZodOpenApiPathsObject = {};
  for (const [tag, routes] of Object.entries(AREAS)) {
    for (const { method, path, spec } of routes) {
      paths[path] = { ...paths[path], [method.toLowerCase()]: operation(tag, spec) };
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Afterparty',
      version: '1',
      description:
        'Photo sharing and recommendations. Errors of the API are problem details; see docs/problems.md.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A Cognito access token.',
        },
      },
    },
  });
}

/** The document as the file docs/openapi.json holds it. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function operation(tag: string, spec: Route['spec']): ZodOpenApiOperationObject {
  const headers = idempotencyHeader(spec);
  return {
    operationId: operationId(spec.route),
    summary: spec.summary,
    tags: [tag],
    ...(spec.admits !== 'public' && {
      security: spec.admits === 'optional' ? [{}, { accessToken: [] }] : [{ accessToken: [] }],
    }),
    requestParams: {
      ...(spec.path && { path: spec.path }),
      ...(spec.query && { query: spec.query }),
      ...((spec.headers || headers) && {
        header: (spec.headers ?? z.object({})).extend(headers?.shape ?? {}),
      }),
    },
    ...(spec.body && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          Object.entries(spec.body.content).map(([type, schema]) => [type, { schema }]),
        ),
      },
    }),
    responses: { ...successes(spec), ...failures(spec) },
  };
}

function successes(spec: Route['spec']): ZodOpenApiOperationObject['responses'] {
  return Object.fromEntries(
    Object.entries(spec.answers).map(([status, schema]) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'Done',
        headers: {
          'x-correlation-id': correlationId,
          ...(['201', '202', '302'].includes(status) && { location }),
          ...((status === '202' || isVersioned(spec, schema)) && { 'retry-after': retryAfter }),
          ...(isVersioned(spec, schema) && { etag }),
        },
        ...(schema && { content: { 'application/json': { schema } } }),
      },
    ]),
  );
}

/** Whatever has a version of its own tells it in ETag too, but where an answer may be an earlier one, replayed. */
function isVersioned({ route }: Route['spec'], schema: z.ZodType | undefined): boolean {
  return !route.startsWith('POST ') && schema instanceof z.ZodObject && 'version' in schema.shape;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Here it is',
  201: 'Created',
  202: 'Taken; still being worked on',
  204: 'Done',
  302: 'At the signed URL in Location',
};

function failures(spec: Route['spec']): ZodOpenApiOperationObject['responses'] {
  const both = {
    'application/problem+json': { schema: problem },
    'application/json': { schema: gatewayError },
  };
  const ours = { 'application/problem+json': { schema: problem } };
  return {
    ...(spec.admits !== 'public' && { 401: { description: 'No valid access token', content: both } }),
    ...(spec.path && { 404: { description: 'No such thing, or not for the caller', content: ours } }),
    ...((spec.query || spec.body || spec.headers) && {
      422: { description: 'Fields that cannot be used', content: ours },
    }),
    default: {
      description: 'A problem',
      headers: { 'x-correlation-id': correlationId, 'retry-after': retryAfter },
      content: both,
    },
  };
}

function idempotencyHeader({ route, admits, isRead }: Route['spec']) {
  if (!route.startsWith('POST ') || isRead || admits !== 'signed-in') return undefined;
  return z.object({
    'idempotency-key': z.string().max(128).optional().meta({
      description: 'The same key within 24 hours gets the first answer again.',
    }),
  });
}

/** `GET /photos/{photoId}` becomes `getPhotosByPhotoId`. */
function operationId(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  const words = path
    .split('/')
    .filter(Boolean)
    .flatMap((part) => part.replace(/^\{(.*)\}$/, 'by-$1').split(/[-.]/));
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

if (import.meta.main) await writeFile(TARGET, openApiText());
