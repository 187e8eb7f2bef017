/** Where the API is, and who calls it. */
export interface Api {
  /** For example `https://abc.execute-api.eu-west-1.amazonaws.com`, without a slash at its end. */
  readonly api: string;
  /** An access token, or what gives one each time: an upload may outlast the hour that a token lives. */
  readonly token: string | (() => string | Promise<string>);
  /** How often anything is tried that may pass by itself, and the first pause, which doubles: 8 and 500 unless given. */
  readonly patience?: { readonly tries: number; readonly firstMs: number };
}

/** What the API, or S3, answered instead of what was asked for. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly by: 'API' | 'S3';
  readonly status: number;
  /** The stable code of docs/problems.md; empty where S3 or API Gateway itself answered. */
  readonly code: string;
  /** The problem details as they came; S3 sends none. */
  readonly problem: Readonly<Record<string, unknown>>;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number;

  constructor(by: 'API' | 'S3', answer: Response, problem: Readonly<Record<string, unknown>>) {
    const { code = '', detail = problem.message ?? '' } = problem;
    super(`${by} answered ${answer.status} ${code}: ${detail}`);
    this.by = by;
    this.status = answer.status;
    this.code = String(code);
    this.problem = problem;
    this.retryAfterMs = (Number(answer.headers.get('retry-after')) || 0) * 1_000;
  }
}

const LONGEST_PAUSE_MS = 30_000;

/** Calls a route, again where its failure may pass. Throws UploadError, or the signal's reason. */
export function call<Body>(
  api: Api,
  method: string,
  path: string,
  options: { readonly body?: object; readonly signal?: AbortSignal | undefined } = {},
): Promise<Body> {
  return patiently(api.patience, options.signal, () => callOnce<Body>(api, method, path, options));
}

/** The same, once. */
export async function callOnce<Body>(
  { api, token }: Api,
  method: string,
  path: string,
  { body, signal }: { readonly body?: object; readonly signal?: AbortSignal | undefined } = {},
): Promise<Body> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw new UploadError('API', answer, await problemIn(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as Body;
}

async function problemIn(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await answer.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/**
 * Tries again what the network lost, and what the server was too busy for, after pauses that double and are cut
 * at random, so that not everybody comes back at once. A browser that is offline waits until it is back.
 *
 * @param mayPass whether a failure is worth another try besides
 */
export async function patiently<Result>(
  { tries, firstMs } = { tries: 8, firstMs: 500 },
  signal: AbortSignal | undefined,
  attempt: () => Promise<Result>,
  mayPass: (error: UploadError) => boolean = () => false,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    await online(signal);
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      const refused = error instanceof UploadError ? error : undefined;
      // What fetch throws by itself is the network's doing.
      const passes = refused ? isBusy(refused) || mayPass(refused) : error instanceof TypeError;
      if (!passes || tried >= tries) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** (tried - 1));
      const ms = Math.max(refused?.retryAfterMs ?? 0, longest * (0.5 + Math.random() / 2));
      await until(signal, (go) => setTimeout(go, ms));
    }
  }
}

function isBusy({ status }: UploadError): boolean {
  return status >= 500 || status === 408 || status === 429;
}

async function online(signal: AbortSignal | undefined): Promise<void> {
  // Node has no `onLine`, and is never offline.
  const { onLine } = (globalThis.navigator ?? {}) as { readonly onLine?: boolean };
  if (onLine !== false) return;
  const page = globalThis as unknown as EventTarget;
  await until(signal, (go) => page.addEventListener('online', go, { once: true }));
}

/** Waits for what `start` was given to be called; rejects with the signal's reason if that comes first. */
function until(signal: AbortSignal | undefined, start: (go: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal?.reason);
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    start(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
  });
}
