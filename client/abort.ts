/** What `work` comes to, or the signal's reason as soon as it is aborted, whatever `work` still does then. */
export async function unlessAborted<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Waits so many milliseconds; rejects with the signal's reason if that comes first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return until(signal, (go) => {
    const timer = setTimeout(go, ms);
    return () => clearTimeout(timer);
  });
}

/**
 * Waits for what `start` was given to be called; rejects with the signal's reason if that comes first.
 *
 * @param start returns what ends it once nobody waits any more
 */
export async function until(
  signal: AbortSignal | undefined,
  start: (go: () => void) => () => void,
): Promise<void> {
  let end: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    end = start(resolve);
  });
  try {
    await unlessAborted(signal, () => gone);
  } finally {
    end?.();
  }
}
