import { describe, expect, test } from 'vitest';
import { judge } from '../../../lib/training/judge.ts';

const metrics = (gain: number, coverage = 0.5) => ({
  coverage,
  normalized_discounted_cumulative_gain_at_25: gain,
});

describe('for the first time', () => {
  test('accepts what foretells more than popularity', () => {
    expect(judge({ candidate: metrics(0.11), popularity: metrics(0.1) })).toEqual({
      isAccepted: true,
      reasons: [],
    });
  });

  test.each([0.1, 0.09])('refuses %f where popularity reaches 0.1', (gain) => {
    expect(judge({ candidate: metrics(gain), popularity: metrics(0.1) })).toEqual({
      isAccepted: false,
      reasons: [
        'Expected normalized_discounted_cumulative_gain_at_25 above 0.1, which popularity alone reaches; ' +
          `it is ${gain}.`,
      ],
    });
  });
});

describe('where something is deployed', () => {
  const popularity = metrics(0.05);
  const deployed = metrics(0.2, 0.5);

  test.each([
    [0.194, 0.45],
    [0.3, 0.9],
  ])('accepts a gain of %f and a coverage of %f', (gain, coverage) => {
    expect(judge({ candidate: metrics(gain, coverage), popularity, deployed }).isAccepted).toBe(true);
  });

  test.each([
    [0.1939, 0.5, 'normalized_discounted_cumulative_gain_at_25 at least 0.97 of 0.2'],
    [0.25, 0.449, 'coverage at least 0.9 of 0.5'],
  ])('refuses a gain of %f with a coverage of %f', (gain, coverage, why) => {
    const { isAccepted, reasons } = judge({ candidate: metrics(gain, coverage), popularity, deployed });
    expect(isAccepted).toBe(false);
    expect(reasons).toEqual([expect.stringContaining(why)]);
  });

  test('says everything that speaks against a version', () => {
    const { reasons } = judge({ candidate: metrics(0.01, 0.01), popularity, deployed });
    expect(reasons).toHaveLength(3);
  });
});

test('a metric that is missing speaks against a version', () => {
  const { isAccepted, reasons } = judge({ candidate: {}, popularity: metrics(0.1), deployed: metrics(0.1) });
  expect(isAccepted).toBe(false);
  expect(reasons.every((reason) => reason.endsWith('it is unknown.'))).toBe(true);
  expect(judge({ candidate: metrics(0.5), popularity: {} }).isAccepted).toBe(false);
});
