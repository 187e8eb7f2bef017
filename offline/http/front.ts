import type { IncomingMessage, ServerResponse } from 'node:http';
import { Activity, type Background } from '../activity.ts';
import type { Clock } from '../clock.ts';
import type { FunctionPool, Invocation } from '../contract.ts';
import { newTraceRoot } from '../lambda/trace.ts';
import type { Random } from '../random.ts';
import { apiAnswer, functionAnswer, type HttpAnswer } from './answer.ts';
import type { HttpApi } from './api.ts';
import { readWhole } from './body.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { type ArrivedRequest, eventOf } from './event.ts';
import { type JwtVerifier, Refused } from './jwt.ts';
import { type Match, matchRoute } from './match.ts';

export interface HttpFrontSettings {
  readonly api: HttpApi;
  readonly pool: FunctionPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly verifier: JwtVerifier;
  /** A request has been answered. */
  readonly onServed?: (request: { method: string; path: string; status: number; ms: number }) => void;
}

/** API Gateway's limit for a request's payload. */
const maximumBodyBytes = 10 * 1024 * 1024;

/** Lambda's limit for an event, of which the body is a part, as base64 where it isn't text. */
const maximumEventBytes = 6 * 1024 * 1024;

/** Does for one HTTP API what API Gateway does between a client and the functions. */
export class HttpFront implements Background {
  readonly #settings: HttpFrontSettings;
  readonly #activity = new Activity();

  constructor(settings: HttpFrontSettings) {
    this.#settings = settings;
  }

  /** Whether a request is not answered yet. */
  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /** Answers one request. Never rejects. */
  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#activity.during(this.#serve(incoming, response));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const from = performance.now();
    const requestId = `${Buffer.from(this.#settings.random.hex(22), 'hex').toString('base64url')}=`;
    const status = await this.#answer(incoming, requestId)
      .then((answer) => send(answer, requestId, response))
      .catch(() => send(apiAnswer(500, 'Internal Server Error'), requestId, response));
    const { rawPath: path } = splitUrl(incoming.url);
    this.#settings.onServed?.({
      method: incoming.method ?? '',
      path,
      status,
      ms: performance.now() - from,
    });
  }

  async #answer(incoming: IncomingMessage, requestId: string): Promise<HttpAnswer> {
    const { cors } = this.#settings.api;
    const body = await readWhole(incoming, maximumBodyBytes);
    if (cors && isPreflight(incoming.method ?? '', incoming.headers as Record<string, string>)) {
      const headers = preflightHeaders(cors, incoming.headers as Record<string, string>);
      return { status: 204, headers, cookies: [], body: Buffer.alloc(0) };
    }
    const answer = body ? await this.#route(incoming, body, requestId) : tooLarge();
    if (!cors) return answer;
    return { ...answer, headers: { ...answer.headers, ...corsHeaders(cors, incoming.headers.origin) } };
  }

  async #route(incoming: IncomingMessage, body: Buffer, requestId: string): Promise<HttpAnswer> {
    const { api, verifier } = this.#settings;
    const method = incoming.method ?? 'GET';
    const url = splitUrl(incoming.url);
    const match = matchRoute(api.routes, method, url.rawPath);
    if (!match) return apiAnswer(404, 'Not Found');
    const { authorizer, scopes } = match.route;
    try {
      const identity =
        authorizer && (await verifier.verify(incoming.headers.authorization, authorizer, scopes));
      const sourceIp = (incoming.socket.remoteAddress ?? '').replace('::ffff:', '');
      const request = { method, ...url, rawHeaders: incoming.rawHeaders, sourceIp, body };
      return await this.#invoke(request, match, identity, requestId);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const message = error.status === 401 ? 'Unauthorized' : 'Forbidden';
      return apiAnswer(error.status, message, { 'www-authenticate': error.wwwAuthenticate });
    }
  }

  async #invoke(
    request: ArrivedRequest,
    match: Match,
    identity: Parameters<typeof eventOf>[4],
    requestId: string,
  ): Promise<HttpAnswer> {
    const { api, clock, random, pool } = this.#settings;
    const traceHeader = traceOf(request) ?? newTraceRoot(clock, random);
    const facts = { requestId, traceHeader, time: Math.floor(clock.now()) };
    const event = eventOf(request, facts, match, api, identity);
    if (Buffer.byteLength(JSON.stringify(event)) > maximumEventBytes) return tooLarge();
    const { functionName, timeoutMs } = match.route;
    const outcome = await within(timeoutMs, pool.invoke(functionName, event, { traceHeader }));
    return outcome ? functionAnswer(outcome) : apiAnswer(503, 'Service Unavailable');
  }
}

function tooLarge(): HttpAnswer {
  return apiAnswer(413, 'Request Entity Too Large');
}

/** Undefined when the function needs longer than the API waits; it goes on nevertheless. */
async function within(ms: number, invocation: Promise<Invocation>): Promise<Invocation | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([invocation, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the status. @throws where a header is not one, before anything is sent */
function send(answer: HttpAnswer, requestId: string, response: ServerResponse): number {
  if (response.destroyed) return answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.cookies.length > 0) response.setHeader('set-cookie', answer.cookies);
  response.setHeader('apigw-requestid', requestId);
  if (answer.status !== 204) response.setHeader('content-length', answer.body.length);
  response.statusCode = answer.status;
  response.end(answer.body);
  return answer.status;
}

function splitUrl(url = '/'): { rawPath: string; rawQuery: string } {
  const mark = url.indexOf('?');
  return mark < 0
    ? { rawPath: url, rawQuery: '' }
    : { rawPath: url.slice(0, mark), rawQuery: url.slice(mark + 1) };
}

function traceOf({ rawHeaders }: ArrivedRequest): string | undefined {
  const at = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'x-amzn-trace-id',
  );
  return at < 0 ? undefined : rawHeaders[at + 1];
}
