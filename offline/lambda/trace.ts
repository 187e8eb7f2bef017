import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/** `Root=1-<seconds>-<24 hex digits>`: the id of a new trace. */
export function newTraceRoot(clock: Clock, random: Random): string {
  const seconds = Math.floor(clock.now() / 1000).toString(16);
  return `Root=1-${seconds}-${random.hex(24)}`;
}

/**
 * The trace header that Lambda hands a function: the caller's trace, or a new one, with a parent segment and
 * the decision to sample it.
 */
export function functionTrace(given: string | undefined, clock: Clock, random: Random): string {
  const root = /Root=[^;,\s]+/.exec(given ?? '')?.[0] ?? newTraceRoot(clock, random);
  const parent = /Parent=[0-9a-f]{16}/.exec(given ?? '')?.[0] ?? `Parent=${random.hex(16)}`;
  const sampled = /Sampled=[01]/.exec(given ?? '')?.[0] ?? 'Sampled=1';
  return `${root};${parent};${sampled}`;
}
