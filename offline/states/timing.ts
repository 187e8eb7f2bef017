import type { Random } from '../random.ts';
import { isTimestamp } from './choice.ts';
import { runtimeError } from './errors.ts';
import { readIn, type Scope } from './intrinsics.ts';
import type { Retrier, StateOf } from './language.ts';

/** The longest wait and timeout. Source: Amazon States Language, "Timeouts"; Developer Guide, "Wait". */
const MOST_SECONDS = 99_999_999;

/**
 * When a Wait state is over: milliseconds since the epoch.
 *
 * @throws StateFailed `States.Runtime` where its path names no time
 */
export function endOfWait(state: StateOf<'Wait'>, enteredAt: number, scope: Scope): number {
  const { Timestamp, TimestampPath, Seconds, SecondsPath } = state;
  const timestamp = TimestampPath === undefined ? Timestamp : readIn(TimestampPath, scope);
  if (timestamp === undefined) {
    return (
      enteredAt + 1_000 * (SecondsPath === undefined ? Number(Seconds) : secondsAt(SecondsPath, scope, 0))
    );
  }
  if (isTimestamp(timestamp)) return Date.parse(timestamp);
  throw runtimeError(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${TimestampPath} == ${shown(timestamp)}`,
  );
}

/**
 * The whole number of seconds that a path names, `least` or more.
 *
 * @throws StateFailed `States.Runtime`
 */
export function secondsAt(path: string, scope: Scope, least = 1): number {
  const seconds = readIn(path, scope);
  if (Number.isInteger(seconds) && Number(seconds) >= least && Number(seconds) <= MOST_SECONDS) {
    return Number(seconds);
  }
  throw runtimeError(`${path} must name whole seconds from ${least}, and names ${shown(seconds)}`);
}

/** Step Functions Developer Guide, "Retrying after an error": FULL jitter draws from 0 up to the delay. */
export function delayMs(
  { IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy }: Retrier,
  tried: number,
  random: Random,
): number {
  const seconds = Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds ?? MOST_SECONDS);
  return 1_000 * (JitterStrategy === 'FULL' ? random.next() * seconds : seconds);
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}
