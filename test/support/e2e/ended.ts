import { expect } from 'vitest';
import { callsOf } from './record.ts';
import { stack } from './stack.ts';

/**
 * Ends a function's worker once at each call that `work` leads it to, before it takes effect and after. Which calls
 * there are, the record of a first run tells; `work` is done once more for each end.
 */
export async function endedAtEachCall(lambda: string, work: () => Promise<unknown>): Promise<void> {
  // Its event source mapping polls in the function's name.
  const calls = (await callsOf(lambda, work)).filter(({ service }) => service !== 'sqs');
  expect(calls.length).toBeGreaterThan(2);
  for (const call of calls) {
    for (const when of ['before', 'after']) {
      const effect = { kind: 'crash', when };
      await stack.startFaults({ ...call, name: 'crash', caller: lambda, times: 1, effect });
      await work();
      await stack.idle();
      expect([call, when, (await stack.endFaults()).get('crash')]).toEqual([call, when, 1]);
    }
  }
}
