import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { correlated, correlationIdFrom } from '../correlation.ts';
import { count, duration, observed } from '../observe.ts';
import { notFound } from '../problem.ts';
import { type Answer, ok, toResult } from './answer.ts';
import type { BodyReader } from './body.ts';
import type { ApiEvent, Call, Caller } from './call.ts';
import { once } from './idempotency.ts';
import { parseFields } from './parse.ts';
import { problemAnswer } from './problem-json.ts';
import { type Admission, callerOf } from './token.ts';

type Shape = z.ZodObject;
type Empty = Record<string, never>;
type Parsed<Schema> = Schema extends z.ZodType ? z.infer<Schema> : Empty;

export interface Described {
  readonly summary: string;
  /** The answer's schema by status; undefined for an answer without a body. */
  readonly answers: Readonly<Record<number, z.ZodType | undefined>>;
}

export interface RouteSpec<
  Admit extends Admission,
  Path extends Shape | undefined,
  Query extends Shape | undefined,
  Headers extends Shape | undefined,
  Body,
  Seen,
> extends Described {
  /** Method and path as API Gateway writes them, for example `GET /photos/{photoId}`. */
  readonly route: `${'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'} /${string}`;
  readonly admits: Admit;
  readonly path?: Path;
  readonly query?: Query;
  /** Request headers that the route looks at, by their names in lower case. */
  readonly headers?: Headers;
  readonly body?: BodyReader<Body>;
  /** Fetches what the path names, if the caller may see it; throws 404 otherwise. */
  readonly see?: (caller: Who<Admit>, path: Parsed<Path>) => Promise<Seen>;
  /** A POST that changes nothing: an Idempotency-Key means nothing to it, and its answer is not kept. */
  readonly isRead?: true;
  /** What of a POST's answer is kept for replays, where `refresh` adds the rest. */
  readonly kept?: (answer: Answer) => Answer;
  /** Makes the answer of a replayed POST fresh: signatures expire. */
  readonly refresh?: (answer: Answer, caller: Who<Admit>) => Promise<Answer>;
}

type Who<Admit extends Admission> = Admit extends 'signed-in'
  ? Caller
  : Admit extends 'optional'
    ? Caller | undefined
    : undefined;

/** One route: what OpenAPI says of it and the function that answers it. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly spec: RouteSpec<
    Admission,
    Shape | undefined,
    Shape | undefined,
    Shape | undefined,
    unknown,
    unknown
  >;
  readonly handler: (event: ApiEvent, context: unknown) => Promise<APIGatewayProxyStructuredResultV2>;
}

/** What the middleware finds out on the way, in the order of the steps. */
interface Steps {
  caller?: Caller | undefined;
  path?: unknown;
  seen?: unknown;
  query?: unknown;
  headers?: unknown;
  body?: unknown;
}

type Step = MiddlewareObj<ApiEvent & { steps: Steps }, Answer>;

/**
 * One route of the API. The steps before `run`, in this order: token (401), path and whether the caller may
 * see what it names (404), query and body (400, 415, 422), idempotency (409, 422). What `run` returns is
 * answered as 200 unless it is an Answer; a Problem that anything throws becomes problem+json.
 */
export function route<
  const Admit extends Admission,
  Path extends Shape | undefined = undefined,
  Query extends Shape | undefined = undefined,
  Headers extends Shape | undefined = undefined,
  Body = undefined,
  Seen = undefined,
>(
  spec: RouteSpec<Admit, Path, Query, Headers, Body, Seen>,
  run: (call: Call<Who<Admit>, Parsed<Path>, Parsed<Query>, Parsed<Headers>, Body, Seen>) => Promise<unknown>,
): Route {
  const plain = spec as unknown as Route['spec'];
  const [method = '', path = ''] = spec.route.split(' ');
  const answer = middy<ApiEvent & { steps: Steps }, Answer>(async (event: ApiEvent & { steps: Steps }) =>
    withIdempotency(event, plain, () => run(toCall(event, plain) as never)),
  )
    .use(token(plain))
    .use(pathNames(plain))
    .use(queryHeadersAndBody(plain));
  const handler: Route['handler'] = (event, context) =>
    observe(event, spec.route, () => answer({ ...event, steps: {} }, context as never));
  return { method, path, spec: plain, handler };
}

function token({ admits }: Route['spec']): Step {
  return {
    before: async ({ event }) => {
      event.steps.caller = await callerOf(event, admits);
    },
  };
}

/** A malformed id names nothing, so it is 404 like any other name of nothing. */
function pathNames({ path, see }: Route['spec']): Step {
  return {
    before: async ({ event }) => {
      const parsed = (path ?? z.object({})).safeParse(event.pathParameters ?? {});
      if (!parsed.success) throw notFound('resource');
      event.steps.path = parsed.data;
      event.steps.seen = await see?.(event.steps.caller as never, parsed.data as never);
    },
  };
}

function queryHeadersAndBody({ query, headers, body }: Route['spec']): Step {
  return {
    before: async ({ event }) => {
      if (headers) event.steps.headers = parseFields(headers, event.headers, 'headers');
      if (query) event.steps.query = parseFields(query, event.queryStringParameters ?? {}, 'query');
      event.steps.body = await body?.read(event);
    },
  };
}

async function withIdempotency(
  event: ApiEvent & { steps: Steps },
  { route: name, isRead, kept, refresh }: Route['spec'],
  run: () => Promise<unknown>,
): Promise<Answer> {
  const answer = async () => toAnswer(await run());
  const { caller } = event.steps;
  if (!name.startsWith('POST ') || isRead || !caller) return answer();
  return once(event, caller.userId, answer, {
    kept: (first) => kept?.(first) ?? first,
    refresh: async (first) => refresh?.(first, caller) ?? first,
  });
}

function toCall({ steps }: { steps: Steps }, { route: name }: Route['spec']) {
  const { cursor: _, limit: __, ...filters } = (steps.query ?? {}) as Record<string, unknown>;
  const listing = JSON.stringify([name, steps.caller?.userId ?? null, steps.path, filters]);
  return { query: {}, headers: {}, ...steps, listing };
}

function toAnswer(result: unknown): Answer {
  const isAnswer = typeof result === 'object' && result !== null && 'status' in result && 'headers' in result;
  return isAnswer ? (result as Answer) : ok(result);
}

/** One log line, metrics and a trace segment a request, and the correlation id in and out. */
function observe(
  event: ApiEvent,
  name: string,
  answer: () => Promise<Answer>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const correlationId = correlationIdFrom(event.headers['x-correlation-id']);
  const actorId = String(event.requestContext.authorizer?.jwt?.claims.sub ?? 'anonymous');
  const line: Record<string, unknown> = { route: name, correlationId, userId: actorId };
  return correlated({ correlationId, actorId }, () =>
    observed('request', line, async () => {
      const started = performance.now();
      const answered = await answer().catch((error: unknown) => problemAnswer(error, event.rawPath));
      line.status = answered.status;
      if (answered.status >= 400) line.outcome = (answered.body as { code?: string } | undefined)?.code;
      count(answered.status >= 500 ? 'RequestsFailed' : 'RequestsAnswered');
      duration('RequestDuration', performance.now() - started);
      return toResult(answered, correlationId);
    }),
  );
}
