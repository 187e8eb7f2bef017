import { pause, until } from './abort.ts';
import type { Wait } from './progress.ts';
import { UploadError } from './upload-error.ts';

/** How often anything is tried that may pass by itself, and the first pause, which doubles. */
export interface Patience {
  readonly tries: number;
  readonly firstMs: number;
}

/** Who is patient, what ends that, and who hears of it. */
export interface Patient {
  readonly patience?: Patience | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((wait: Wait) => void) | undefined;
}

const LONGEST_PAUSE_MS = 30_000;
/** Who is asked to come back later than this, tomorrow perhaps, is better told so. */
const LONGEST_ASKED_MS = 2 * 60_000;
/** People wonder what goes on where nothing moves for longer. */
const UNNOTICED_MS = 2_000;

/**
 * Tries again what the network lost, and what the server was too busy for, after pauses that double and are cut
 * at random, so that not everybody comes back at once, or as long as the server asks for, within two minutes. A browser that is offline
 * waits until it is back. Throws the last error, or the signal's reason.
 *
 * @param mayPass whether a failure is worth another try besides
 */
export async function patiently<Result>(
  { patience: { tries, firstMs } = { tries: 8, firstMs: 500 }, signal, onProgress }: Patient,
  attempt: () => Promise<Result>,
  mayPass: (error: UploadError) => boolean = () => false,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    await online(signal, onProgress);
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!passes(error, mayPass) || tried >= tries) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** (tried - 1));
      const asked = error instanceof UploadError ? error.retryAfterMs : 0;
      const ms = Math.max(asked, longest * (0.5 + Math.random() / 2));
      if (ms > UNNOTICED_MS) onProgress?.({ phase: 'waiting', until: new Date(Date.now() + ms), error });
      await pause(ms, signal);
    }
  }
}

function passes(error: unknown, mayPass: (error: UploadError) => boolean): error is UploadError | TypeError {
  if (error instanceof UploadError) {
    return (isBusy(error) || mayPass(error)) && error.retryAfterMs <= LONGEST_ASKED_MS;
  }
  // What fetch throws by itself is the network's doing.
  return error instanceof TypeError;
}

function isBusy({ status }: UploadError): boolean {
  return status >= 500 || status === 408 || status === 429;
}

async function online(
  signal: AbortSignal | undefined,
  onProgress: ((wait: Wait) => void) | undefined,
): Promise<void> {
  // Node has no `onLine`, and is never offline.
  const { onLine } = (globalThis.navigator ?? {}) as { readonly onLine?: boolean };
  if (onLine !== false) return;
  onProgress?.({ phase: 'offline' });
  const page = globalThis as unknown as EventTarget;
  await until(signal, (go) => {
    page.addEventListener('online', go);
    return () => page.removeEventListener('online', go);
  });
}
