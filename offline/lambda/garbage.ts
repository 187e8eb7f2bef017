import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Gives back what a burst of work has left in this thread: V8 waits for more work before it looks, and a stack
 * that rests has none. Takes some 50 ms. Never throws.
 */
export function collectGarbage(): void {
  collect ??= findCollector();
  collect?.();
}

/**
 * Flags are the whole process's: another thread that rests at the same moment may have taken this one back
 * already. Then there is nothing to call, and the next rest comes soon.
 */
function findCollector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  const found = runInNewContext('globalThis.gc') as (() => void) | undefined;
  // Handlers would have it too, and what was compiled under other flags is compiled anew.
  setFlagsFromString('--no-expose-gc');
  return found;
}
