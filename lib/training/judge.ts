/** What GetSolutionMetrics tells of a solution version, by the names of the API. */
export type Metrics = Readonly<Record<string, number>>;

export interface Candidates {
  /** The version that was trained just now. */
  readonly candidate: Metrics;
  /** What showing everybody the most popular photos comes to, on the same data. */
  readonly popularity: Metrics;
  /** The version that is deployed, if there is one. */
  readonly deployed?: Metrics | undefined;
}

export interface Judgement {
  readonly isAccepted: boolean;
  /** What speaks against the candidate, for people; empty where nothing does. */
  readonly reasons: string[];
}

const GAIN = 'normalized_discounted_cumulative_gain_at_25';
const COVERAGE = 'coverage';
/** How much of what is deployed must be reached. Each training tests on another sample, so that a little less is noise. */
const LEAST_GAIN = 0.97;
const LEAST_COVERAGE = 0.9;

/**
 * Whether a newly trained version may be deployed: it must foretell better than popularity does, about as well as what
 * is deployed, and show about as much of the catalogue. A metric that is missing speaks against it.
 */
export function judge({ candidate, popularity, deployed }: Candidates): Judgement {
  const reasons = [
    ...short(candidate, GAIN, (value) => value > of(popularity, GAIN), {
      expected: `above ${shown(of(popularity, GAIN))}, which popularity alone reaches`,
    }),
    ...(deployed
      ? [
          ...atLeast(candidate, deployed, GAIN, LEAST_GAIN),
          ...atLeast(candidate, deployed, COVERAGE, LEAST_COVERAGE),
        ]
      : []),
  ];
  return { isAccepted: reasons.length === 0, reasons };
}

function atLeast(candidate: Metrics, deployed: Metrics, name: string, share: number): string[] {
  const reference = of(deployed, name);
  return short(candidate, name, (value) => value >= share * reference, {
    expected: `at least ${share} of ${shown(reference)}, which the deployed version has`,
  });
}

function short(
  candidate: Metrics,
  name: string,
  suffices: (value: number) => boolean,
  { expected }: { readonly expected: string },
): string[] {
  const value = of(candidate, name);
  return suffices(value) ? [] : [`Expected ${name} ${expected}; it is ${shown(value)}.`];
}

/** NaN, which suffices for nothing, where it is missing. */
function of(metrics: Metrics, name: string): number {
  return metrics[name] ?? Number.NaN;
}

function shown(value: number): string {
  return Number.isNaN(value) ? 'unknown' : String(Number(value.toPrecision(4)));
}
