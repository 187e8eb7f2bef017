import { AsyncLocalStorage } from 'node:async_hooks';
import { newId } from './ids.ts';

/** On whose behalf and as part of which request the current work is done. */
export interface Correlation {
  /** Travels from the API through S3 metadata, the table's stream, SNS and SQS. */
  readonly correlationId: string;
  /** The user who caused the work, or the name of the part of the system that did. */
  readonly actorId: string;
}

const current = new AsyncLocalStorage<Correlation>();

/** Runs `work` so that everything it writes carries this correlation. */
export function correlated<Result>(correlation: Correlation, work: () => Result): Result {
  return current.run(correlation, work);
}

/** The correlation of the current work; work that nobody caused gets a new one. */
export function correlation(): Correlation {
  return current.getStore() ?? { correlationId: newId(), actorId: 'system' };
}

/** A correlation id from outside is taken only if it is short and plain; anything else gives a new one. */
export function correlationIdFrom(value: string | undefined): string {
  return value !== undefined && /^[\w-]{8,64}$/.test(value) ? value : newId();
}
