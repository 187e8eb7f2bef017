import { ServiceError } from '../contract.ts';
import { type IncomingRequest, type Reply, readBody } from './http.ts';

/** What a control handler is asked. */
export interface ControlRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined where there is none. */
  readonly body: unknown;
}

/** Answers what is sent as JSON. Throws ServiceError. */
export type ControlHandler = (request: ControlRequest) => unknown;

/**
 * The door for tests and tools under `/_afterparty/`. It asks for a header that no web page can send without
 * a preflight, which it never grants, and for a loopback name in `Host`, so that no page reaches it by
 * having its own name point here.
 */
export class ControlDoor {
  readonly #handlers = new Map<string, ControlHandler>();

  /** @param path for example `/_afterparty/clock` */
  add(path: string, handler: ControlHandler): void {
    if (!path.startsWith('/_afterparty/')) {
      throw new Error(`A control path begins with /_afterparty/, got ${path}`);
    }
    this.#handlers.set(path, handler);
  }

  async answer(request: IncomingRequest): Promise<Reply> {
    try {
      checkCaller(request);
      const handler = this.#handlers.get(request.rawPath);
      if (!handler) throw new ServiceError('NotFound', `There is no control at ${request.rawPath}.`, 404);
      const body = await readBody(request.incoming);
      const answer = await handler({
        method: request.method,
        query: new URLSearchParams(request.rawQuery),
        body: body.length === 0 ? undefined : parse(body),
      });
      return json(200, answer ?? {});
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return json(error.status, { code: error.code, message: error.message });
    }
  }
}

function checkCaller({ headers }: IncomingRequest): void {
  if (headers['x-afterparty-control'] !== '1') {
    throw new ServiceError('Forbidden', 'The control door asks for the header x-afterparty-control: 1.', 403);
  }
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '')) {
    throw new ServiceError('Forbidden', `The control door is at 127.0.0.1, not at ${headers.host}.`, 403);
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ServiceError('BadRequest', 'The body must be JSON.', 400);
  }
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
