import { expect, vi } from 'vitest';
import { callsOf } from './record.ts';
import { stack } from './stack.ts';

type Call = Awaited<ReturnType<typeof callsOf>>[number];

/** A call is held for this long on the stack's clock: less than any function's timeout. */
const HELD_MS = 20_000;

/**
 * Ends a function's worker once at each call that `work` leads it to, before it takes effect and after. Which calls
 * there are, the record of a first run tells; `work` is done once more for each end, with what `prepare` has made
 * for it while nothing goes wrong.
 */
export async function endedAtEachCall<Prepared = undefined>(
  lambda: string,
  work: (prepared: Prepared) => Promise<unknown>,
  prepare: () => Promise<Prepared> = async () => undefined as Prepared,
): Promise<void> {
  const first = await prepare();
  for (const { call, when } of await momentsOf(lambda, () => work(first))) {
    const prepared = await prepare();
    const effect = { kind: 'crash', when };
    await stack.startFaults({ ...call, name: 'crash', caller: lambda, times: 1, effect });
    await work(prepared);
    await stack.idle();
    expect([call, when, (await stack.endFaults()).get('crash')]).toEqual([call, when, 1]);
  }
}

/**
 * Holds a function up once at each call that `begin` leads it to, before it takes effect and before it is answered,
 * until `meanwhile` is done; then lets it go on to its end.
 */
export async function heldAtEachCall<Begun>(
  lambda: string,
  begin: () => Promise<Begun>,
  meanwhile: (begun: Begun) => Promise<unknown>,
): Promise<void> {
  for (const { call, when } of await momentsOf(lambda, begin)) {
    const effect = { kind: 'delay', minMs: HELD_MS, maxMs: HELD_MS, when };
    await stack.startFaults({ ...call, name: 'held', caller: lambda, times: 1, effect });
    const begun = await begin();
    await vi.waitFor(async () => expect([call, (await stack.metFaults()).get('held')]).toEqual([call, 1]), {
      timeout: 20_000,
      interval: 5,
    });
    await stack.endFaults();
    await meanwhile(begun);
    await stack.advance(HELD_MS);
    await stack.idle();
  }
}

/** Before and after each call of a function that `work` leads it to, as a first run shows. */
async function momentsOf(lambda: string, work: () => Promise<unknown>) {
  // Its event source mapping polls in the function's name.
  const calls = (await callsOf(lambda, work)).filter(({ service }) => service !== 'sqs');
  expect(calls.length).toBeGreaterThan(2);
  return calls.flatMap((call: Call) => (['before', 'after'] as const).map((when) => ({ call, when })));
}
