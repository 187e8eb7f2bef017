import { memoryOf } from '../../scripts/demo/memory.ts';
import type { RunningStack } from '../../test/support/stack.ts';

const INTERVAL_MS = 500;

/** What a stack takes at a moment: its process and those below it, and the workers in it. */
export interface Sample {
  /** On the clock of `performance.now()`. */
  readonly at: number;
  /** Resident, in MB. */
  readonly mb: number;
  readonly workers: number;
}

/** Looks at the memory of a stack twice a second until `stop`. Where there is no /proc it sees nothing. */
export function watchStack(stack: RunningStack): { stop(): readonly Sample[] } {
  const samples: Sample[] = [];
  const look = async () => {
    const workers = await stack.workers().catch(() => 0);
    const memory = memoryOf(stack.pid);
    if (memory) samples.push({ at: performance.now(), mb: memory.tree, workers });
  };
  void look();
  const timer = setInterval(() => void look(), INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return samples;
    },
  };
}

/** What was taken at first, at the end, and at most in each half of the time. Undefined without samples. */
export function courseOf(samples: readonly Sample[]) {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return undefined;
  const half = (first.at + last.at) / 2;
  const mostOf = (part: readonly Sample[]) => Math.max(...part.map(({ mb }) => mb));
  return {
    start: first.mb,
    end: last.mb,
    firstHalf: mostOf(samples.filter(({ at }) => at <= half)),
    secondHalf: mostOf(samples.filter(({ at }) => at >= half)),
    workers: Math.max(...samples.map(({ workers }) => workers)),
  };
}
