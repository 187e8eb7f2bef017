import { request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * Lets an SDK client sign a request, and takes it instead of sending it.
 * @param send makes a client with the given `requestHandler` and sends a command through it
 */
export async function takeSigned(send: (requestHandler: never) => Promise<unknown>): Promise<WireRequest> {
  let taken: SdkRequest | undefined;
  const handler = {
    handle: (request: SdkRequest) => {
      taken = request;
      return Promise.reject(Object.assign(new Error('taken'), { $retryable: false }));
    },
  };
  await send(handler as never).catch(() => {});
  if (!taken) throw new Error('The client sent nothing.');
  const query = Object.entries(taken.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value ?? ''))}`,
  );
  const target = query.length > 0 ? `${taken.path}?${query.join('&')}` : taken.path;
  const { method, headers, body } = taken;
  return { method, target, headers, body: typeof body === 'object' ? bytesOf(body) : body };
}

/** The SDK's own arrays warn when Buffer.from(array) looks at them. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Sends a request exactly as it is given; `Content-Length` is that of the body unless given. */
export function sendRaw(
  endpoint: string,
  { method, target, headers, body }: WireRequest,
): Promise<WireAnswer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = openRequest(
      { hostname, port, method, path: target, headers: { ...length, ...headers }, agent: false },
      async (response) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }),
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** The code of an error that S3, SNS or a JSON service answered. */
export function errorCode({ body }: WireAnswer): string | undefined {
  return (/<Code>(\w+)<\/Code>/.exec(body) ?? /"__type":"(?:[^"#]*#)?(\w+)"/.exec(body))?.[1];
}
