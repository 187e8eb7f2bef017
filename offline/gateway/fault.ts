import type { Answer, Call, Need } from '../contract.ts';

/**
 * The third stage: what can go wrong between a caller and a service. It may wait before or after `next`,
 * throw a ServiceError instead of or after it, run it twice, give the call a weakness, or throw
 * `ConnectionDropped`.
 */
export interface Fault {
  apply(call: Call, next: (call: Call) => Promise<Answer>, needs: readonly Need[]): Promise<Answer>;
  /** The names of the faults that this call has met, for the record; undefined where it met none. */
  metBy?(call: Call): string | undefined;
}

/** Nothing goes wrong unless asked. */
export const noFault: Fault = { apply: (call, next) => next(call) };

/** The caller gets no answer: its connection is closed. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}
