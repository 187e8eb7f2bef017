/**
 * What makes a state fail, by the name that Retry and Catch go by.
 * Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows".
 */
export class StateFailed extends Error {
  override readonly name = 'StateFailed';
  readonly error: string;
  /** For people; of a function's error its type, message and trace as JSON. */
  readonly reason: string;

  constructor(error: string, reason: string) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}

/** What no Retry or Catch gets hold of, `States.ALL` included. */
const FINAL: readonly string[] = ['States.Runtime', 'States.DataLimitExceeded'];

/** Whether a Retry or Catch for these names is for this error. */
export function isMeant(names: readonly string[], { error }: StateFailed): boolean {
  if (names.includes(error)) return true;
  if (FINAL.includes(error)) return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** States.Runtime: the machine itself is at fault. */
export function runtimeError(reason: string): StateFailed {
  return new StateFailed('States.Runtime', reason);
}
