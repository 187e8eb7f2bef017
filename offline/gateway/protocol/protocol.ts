import type { Answer, Call, Principal, ServiceError, ServiceName } from '../../contract.ts';
import type { IncomingRequest, Reply } from '../http.ts';
import type { Judge } from '../identity/verify.ts';

/** A call as a protocol reads it off the wire; the gateway adds its id and signal. */
export type WireCall = Omit<Call, 'id' | 'signal'>;

/** How the answer to one request is told. */
export interface Telling {
  readonly request: IncomingRequest;
  readonly requestId: string;
  readonly service: ServiceName;
  readonly operation: string;
}

/** One of the wire protocols of AWS. */
export interface Protocol {
  /** Proves who calls and reads what is asked. Throws ServiceError. */
  read(request: IncomingRequest, judge: Judge): Promise<WireCall>;
  answer(answer: Answer, telling: Telling): Reply;
  error(error: ServiceError, telling: Telling): Reply;
}

export const anonymous: Principal = { kind: 'anonymous' };
