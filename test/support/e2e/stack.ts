import { inject } from 'vitest';
import { reachStack } from '../stack.ts';

const { place, stateDir } = inject('e2eStack');

/** The stack of packed functions that all end-to-end tests of a run share; people keep them apart. */
export const stack = reachStack(place, stateDir);

export const MINUTE_MS = 60_000;

/** Lets time pass a minute at a time, as what is due each minute finds its function warm then. */
export async function pass(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed++) {
    await stack.advance(MINUTE_MS);
    await stack.idle();
  }
}
