import { randomFrom } from '../../lib/recommendations/random.ts';
import type { Tally } from '../../lib/recommendations/replay-scores.ts';

/** A value, and what 95 of 100 draws of people give. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** How many single values it is a mean of. */
  readonly count: number;
}

/**
 * Draws people again, with replacement (Efron, 1979): what one person does hangs together, so that single clicks would
 * give too narrow intervals. The same seed draws the same people whatever is measured.
 */
export class Bootstrap {
  /** By draw and person: how often they were drawn. */
  readonly #draws: readonly Uint16Array[];

  constructor(people: number, { rounds, seed }: { rounds: number; seed: number }) {
    const random = randomFrom(seed);
    this.#draws = Array.from({ length: rounds }, () => {
      const times = new Uint16Array(people);
      for (let draw = 0; draw < people; draw += 1) (times[Math.floor(random() * people)] as number) += 1;
      return times;
    });
  }

  /** NaN where nothing was counted. */
  intervalOf(tally: Tally): Interval {
    return this.#interval([tally], ([mean = Number.NaN]) => mean, tally);
  }

  /** How much more one is than another for the same draws, which is narrower than both of their intervals. */
  differenceOf(one: Tally, other: Tally): Interval {
    return this.#interval([one, other], ([a = Number.NaN, b = Number.NaN]) => a - b, one);
  }

  #interval(
    tallies: readonly Tally[],
    compare: (means: readonly number[]) => number,
    counted: Tally,
  ): Interval {
    const once = new Uint16Array(counted.counts.length).fill(1);
    const of = (times: Uint16Array) => compare(tallies.map((tally) => mean(tally, times)));
    const drawn = this.#draws
      .map(of)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number) => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
    return {
      value: of(once),
      low: at(0.025),
      high: at(0.975),
      count: counted.counts.reduce((sum, count) => sum + count, 0),
    };
  }
}

function mean({ sums, counts }: Tally, times: Uint16Array): number {
  let [sum, count] = [0, 0];
  for (const [person, often] of times.entries()) {
    sum += often * (sums[person] as number);
    count += often * (counts[person] as number);
  }
  return sum / count;
}
