import { setTimeout as sleep } from 'node:timers/promises';

interface Probe {
  readonly do: string;
  readonly value?: unknown;
  readonly ms?: number;
}

class NamedError extends Error {
  override readonly name = 'NamedError';
}

class UnnamedError extends Error {}

let invocations = 0;

/** Does what the event says, so that a test can see from outside what a worker makes of it. */
export const handler = async (event: Probe, context: Record<string, unknown>): Promise<unknown> => {
  invocations++;
  switch (event.do) {
    case 'echo':
      return event.value;
    case 'environment':
      return process.env;
    case 'context':
      return { ...context, remaining: (context.getRemainingTimeInMillis as () => number)() };
    case 'count':
      return invocations;
    case 'dates':
      return {
        now: Date.now(),
        made: new Date().toISOString(),
        said: Date(),
        given: new Date(0).toISOString(),
      };
    case 'wait':
      await sleep(event.ms);
      return 'waited';
    case 'wait until':
      while (Date.now() < Number(event.value)) await sleep(10);
      return 'waited';
    case 'log':
      console.log(String(event.value));
      return null;
    case 'throw named':
      throw new NamedError('named');
    case 'throw unnamed':
      throw new UnnamedError('unnamed');
    case 'throw type error':
      return (undefined as unknown as { x: number }).x;
    case 'throw string':
      throw 'only a string';
    case 'exit':
      return process.exit(Number(event.value));
    case 'throw later':
      setImmediate(() => {
        throw new NamedError('nobody catches this');
      });
      return sleep(10_000);
    case 'reject later':
      void Promise.reject(new NamedError('nobody awaits this'));
      return sleep(10_000);
    case 'loop':
      for (;;);
    case 'eat memory': {
      const eaten: unknown[] = [];
      for (;;) eaten.push(new Array(1_000_000).fill(Math.random()));
    }
    case 'answer too much':
      return 'x'.repeat(7_000_000);
    default:
      throw new Error(`The probe does not know "${event.do}"`);
  }
};

export const notAFunction = 'a string';
