import { randomFrom } from '../../lib/recommendations/random.ts';
import type { Tally } from '../../lib/recommendations/replay-scores.ts';

/** A value, and what 95 of 100 draws of people give; NaN where there are too few people to say. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** How many single values it is a mean of. */
  readonly count: number;
}

/** Fewer people may all be alike by chance, and make an interval of no width. */
const ENOUGH_PEOPLE = 30;

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

  /** Where nothing was found among so many people, it may still be there for 3 of them (the rule of three). */
  intervalOf(tally: Tally): Interval {
    const { value, low, high, count } = this.#interval([tally], ([mean = Number.NaN]) => mean);
    return { value, low, high: value === 0 ? Math.max(high, 3 / peopleOf(tally)) : high, count };
  }

  /**
   * How much more one is than another for the same draws, which is narrower than both of their intervals; NaN as well
   * where either is 0, of which draws of people can't tell how far from 0 it may be.
   */
  differenceOf(one: Tally, other: Tally): Interval {
    const [first, second] = [this.intervalOf(one), this.intervalOf(other)];
    const difference = this.#interval([one, other], ([a = Number.NaN, b = Number.NaN]) => a - b);
    const isKnown = first.value !== 0 && second.value !== 0;
    return isKnown ? difference : { ...difference, low: Number.NaN, high: Number.NaN };
  }

  #interval(tallies: readonly Tally[], compare: (means: readonly number[]) => number): Interval {
    const [counted = { sums: new Float64Array(), counts: new Float64Array() }] = tallies;
    const meansOf = (times: Uint16Array) => compare(tallies.map((tally) => mean(tally, times)));
    const hasEnough = tallies.every((tally) => peopleOf(tally) >= ENOUGH_PEOPLE);
    const drawn = hasEnough
      ? this.#draws
          .map(meansOf)
          .filter(Number.isFinite)
          .sort((a, b) => a - b)
      : [];
    const at = (share: number) => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
    return {
      value: meansOf(new Uint16Array(counted.counts.length).fill(1)),
      low: at(0.025),
      high: at(0.975),
      count: counted.counts.reduce((sum, count) => sum + count, 0),
    };
  }
}

function peopleOf({ counts }: Tally): number {
  return counts.reduce((people, count) => people + (count > 0 ? 1 : 0), 0);
}

function mean({ sums, counts }: Tally, times: Uint16Array): number {
  let [sum, count] = [0, 0];
  for (const [person, often] of times.entries()) {
    sum += often * (sums[person] as number);
    count += often * (counts[person] as number);
  }
  return sum / count;
}
