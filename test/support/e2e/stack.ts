import { inject } from 'vitest';
import { reachStack } from '../stack.ts';

const { place, stateDir } = inject('e2eStack');

/** The stack of packed functions that all end-to-end tests of a run share; people keep them apart. */
export const stack = reachStack(place, stateDir);

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
