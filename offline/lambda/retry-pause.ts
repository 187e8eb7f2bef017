import type { Clock } from '../clock.ts';

const FIRST_MS = 100;
const LONGEST_MS = 60_000;

/** Pauses that double from 100 ms to a minute, on the clock. */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}

/** Waits after the `failures`th failure in a row; ends at once when `signal` aborts. */
export function pause(clock: Clock, failures: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(pauseMs(failures), signal);
}
