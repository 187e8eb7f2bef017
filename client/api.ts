import { type Patience, type Patient, patiently } from './patience.ts';
import { refusedByApi } from './upload-error.ts';

/** Where the API is, and who calls it. */
export interface Api {
  /** For example `https://abc.execute-api.eu-west-1.amazonaws.com`, without a slash at its end. */
  readonly api: string;
  /** An access token, or what gives one each time: an upload may outlast the hour that a token lives. */
  readonly token: string | (() => string | Promise<string>);
  /** 8 tries and 500 ms unless given. */
  readonly patience?: Patience | undefined;
}

interface Request {
  readonly body?: object;
  /** Whether the request outlives the page that makes it. */
  readonly keepalive?: boolean;
}

/** Calls a route, again where its failure may pass. Throws UploadError, or the signal's reason. */
export function call<Body>(api: Api & Patient, method: string, path: string, body?: object): Promise<Body> {
  return patiently(api, () => callOnce<Body>(api, method, path, body && { body }));
}

/** The same, once; what the network loses is a TypeError. */
export async function callOnce<Body>(
  api: Api & Pick<Patient, 'signal'>,
  method: string,
  path: string,
  request?: Request,
): Promise<Body> {
  const answer = await ask(api, method, path, request);
  return (answer.status === 204 ? undefined : await answer.json()) as Body;
}

/** The answer itself, for its headers; once too. */
export async function ask(
  { api, token, signal }: Api & Pick<Patient, 'signal'>,
  method: string,
  path: string,
  { body, keepalive }: Request = {},
): Promise<Response> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(keepalive && { keepalive }),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw await refusedByApi(answer);
  return answer;
}
