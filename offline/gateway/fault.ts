import type { Answer, Call } from '../contract.ts';

/**
 * The third stage: what can go wrong between a caller and a service. It may wait before or after `next`,
 * throw a ServiceError instead of or after it, run it twice, or throw `ConnectionDropped`.
 */
export interface Fault {
  apply(call: Call, next: () => Promise<Answer>): Promise<Answer>;
}

/** Nothing goes wrong unless asked. */
export const noFault: Fault = { apply: (_call, next) => next() };

/** The caller gets no answer: its connection is closed. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}
