import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/*
 * V8 takes a heap for the only one of its process: it lets new objects fill 32 MB and garbage twice of what is in
 * use before it collects. Here a dozen heaps do so side by side. Flags, because they alone hold for the main
 * thread too; V8 reads these two whenever a heap is about to grow.
 */

/** From now on, the part for new objects stays as small in every heap as it begins. */
export function keepYoungHeapsSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * From now on, garbage is collected in every heap before it takes a third of what is in use. Not while the
 * framework loads, which leaves little of it and would start later.
 */
export function keepHeapsTight(): void {
  // Code that is compiled under other flags is not taken at the next start: what there is, is kept as it is.
  flushCompileCache();
  setFlagsFromString('--heap-growing-percent=30');
}
