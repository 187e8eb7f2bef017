import { buffer } from 'node:stream/consumers';
import type { Answer, Call, Engine, ServiceName } from '../../offline/contract.ts';

/** An engine that keeps every call it is handed, S3 bodies read to their end, and answers as it is told. */
export interface EchoEngine extends Engine {
  readonly calls: Call[];
  /** The bodies of S3 calls, in order. */
  readonly bodies: Buffer[];
}

export function echoEngine(
  service: ServiceName,
  answer: (call: Call) => Answer | Promise<Answer> = () =>
    service === 's3' ? { status: 200, headers: {}, body: undefined } : { output: {} },
): EchoEngine {
  const calls: Call[] = [];
  const bodies: Buffer[] = [];
  return {
    service,
    calls,
    bodies,
    needs: (call) => [{ action: `${service}:${call.operation}`, resource: '*' }],
    async handle(call) {
      calls.push(call);
      if (call.http) bodies.push(await buffer(call.http.body));
      return answer(call);
    },
    close: async () => {},
  };
}
