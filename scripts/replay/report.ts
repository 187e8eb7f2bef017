import type { Replayed } from '../../lib/recommendations/replay.ts';
import { METRICS } from '../../lib/recommendations/replay-scores.ts';
import type { Bootstrap, Interval } from './bootstrap.ts';

/**
 * Tables of what was measured: each metric of what was shown and of every variant, with its interval and what it is a
 * mean of; then how far every variant is from the first, for the same people.
 */
export function reportOf({ asShown, variants }: Replayed, bootstrap: Bootstrap): string {
  const all = [asShown, ...variants];
  const width = Math.max(...all.map(({ name }) => name.length)) + 2;
  const lines: string[] = [];
  for (const metric of METRICS) {
    lines.push('', metric);
    for (const { name, tallies } of all) {
      const interval = bootstrap.intervalOf(tallies[metric]);
      lines.push(`  ${name.padEnd(width)}${cell(interval)}${`of ${interval.count}`.padStart(12)}`);
    }
    const [first, ...others] = variants;
    if (first === undefined) continue;
    // The last answer is asked about other photos than variants are, so that it can't be compared person by person.
    const compared = metric.startsWith('next') ? others : [...others, asShown];
    for (const { name, tallies } of compared) {
      const difference = bootstrap.differenceOf(tallies[metric], first.tallies[metric]);
      lines.push(`    ${name} less ${first.name}: ${cell(difference, true).trim()}`);
    }
  }
  lines.push('', 'coverage');
  for (const { name, coverage } of all)
    lines.push(`  ${name.padEnd(width)}${coverage.toFixed(3).padStart(7)}`);
  return lines.join('\n');
}

function cell({ value, low, high }: Interval, isDifference = false): string {
  const shown = (number: number) => `${isDifference && number >= 0 ? '+' : ''}${number.toFixed(3)}`;
  const mean = Number.isFinite(value) ? shown(value).padStart(7) : '      –';
  const interval = Number.isNaN(low) ? '(too few to say)' : `[${shown(low)}, ${shown(high)}]`;
  return `${mean} ${interval}`.padEnd(26);
}
