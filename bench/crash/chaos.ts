import { Random } from '../../offline/random.ts';
import { startStack } from '../../test/support/stack.ts';
import { type Findings, settleAndCheck } from './check.ts';
import { live } from './load.ts';
import { newWorld } from './world.ts';

export interface ChaosOptions {
  /** A fault file. */
  readonly faults: string;
  readonly seed: number;
  /** How many things each of four people does. */
  readonly deeds: number;
  /** Packed bundles to run instead of the sources. */
  readonly bundles?: string | undefined;
}

/** Lets people use a stack with faults, ends these, and looks whether everything acknowledged is there, once. */
export async function underFaults({
  faults,
  seed,
  deeds,
  bundles,
}: ChaosOptions): Promise<Findings & { readonly met: ReadonlyMap<string, number> }> {
  const stack = await startStack({
    env: { FAULTS: faults, SEED: String(seed) },
    ...(bundles && { bundles }),
  });
  try {
    const world = await newWorld('chaos', stack, new Random(seed));
    await live(world, new AbortController().signal, deeds);
    // What was reported last is to meet the faults on its way too.
    await stack.idle();
    await stack.flush();
    await stack.idle();
    const met = await stack.endFaults();
    return { ...(await settleAndCheck(world)), met };
  } finally {
    await stack.stop();
  }
}
