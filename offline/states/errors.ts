/**
 * What makes a state fail, by the name that Retry and Catch go by.
 * Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows".
 */
export class StateFailed extends Error {
  override readonly name = 'StateFailed';
  readonly error: string;
  /** For people; of a function's error its type, message and trace as JSON. Empty where there is none. */
  readonly reason: string;

  constructor(error: string, reason: string) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}

const RUNTIME = 'States.Runtime';

/**
 * Whether a Retry or Catch for these names is for this error. Nothing catches States.Runtime, and only its own
 * name States.DataLimitExceeded.
 */
export function isMeant(names: readonly string[], { error }: StateFailed): boolean {
  if (error === RUNTIME) return false;
  if (names.includes(error)) return true;
  if (error === 'States.DataLimitExceeded') return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** States.Runtime: the machine itself is at fault, or its data. */
export function runtimeError(reason: string): StateFailed {
  return new StateFailed(RUNTIME, reason);
}

/** An error with the place that AWS puts before the cause of States.Runtime. */
export function placedAt(error: unknown, state: string, eventId: number): unknown {
  const place = 'An error occurred while executing the state';
  if (!(error instanceof StateFailed) || error.error !== RUNTIME || error.reason.startsWith(place))
    return error;
  return runtimeError(`${place} '${state}' (entered at the event id #${eventId}). ${error.reason}`);
}

/** Step Functions Developer Guide, "Quotas": what a task or state takes and gives, in bytes. */
export const MOST_BYTES = 256 * 1024;

/**
 * The JSON of what a state or task gives.
 *
 * @throws StateFailed `States.DataLimitExceeded`
 */
export function withinLimit(value: unknown, giver: string): string {
  const json = JSON.stringify(value) ?? 'null';
  if (Buffer.byteLength(json) <= MOST_BYTES) return json;
  throw new StateFailed(
    'States.DataLimitExceeded',
    `The state/task '${giver}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** An error as events and answers tell it: what is empty is left out. */
export function toldError({ error, reason }: Pick<StateFailed, 'error' | 'reason'>) {
  return { ...(error && { error }), ...(reason && { cause: reason }) };
}
