import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { attributionOf } from '../lib/recommendations/attribution.ts';
import { replay } from '../lib/recommendations/replay.ts';
import { Bootstrap } from './replay/bootstrap.ts';
import { readRecorded } from './replay/files.ts';
import { reportOf } from './replay/report.ts';
import { type Timeline, timelineOf } from './replay/timeline.ts';
import { readChoice, variantsOf } from './replay/variants.ts';

const ROUNDS = 1_000;

/**
 * `npm run replay -- DIR [--explore 0..1]... [--choice FILE.json]... [--train 0.8] [--most 2000] [--seed 1]`: what a
 * change of ranking would have shown people, and what they would have made of it, by the recorded clickstream in DIR.
 * docs/recommendations.md says what each figure can tell.
 */
function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      explore: { type: 'string', multiple: true, default: [] },
      choice: { type: 'string', multiple: true, default: [] },
      train: { type: 'string', default: '0.8' },
      most: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) {
    throw new Error(`Expected one folder of the clickstream, got ${positionals.length}.`);
  }
  const explores = values.explore.map((text) => numberOf('--explore', text, 0, 1));
  const share = numberOf('--train', values.train, 0.01, 0.99);
  const most = numberOf('--most', values.most, 1, 10_000_000);
  const seed = Math.floor(numberOf('--seed', values.seed, 0, 2 ** 32 - 1));
  const choices = new Map(values.choice.map((path) => [path, readChoice(path)]));

  const { records, refused, files, sha256 } = readRecorded(folder);
  console.log(`commit ${commit()}, seed ${seed}, Node ${process.version}`);
  console.log(`${records.length} records of ${files} files, ${refused} lines refused, SHA-256 ${sha256}`);
  const timeline = timelineOf(records, share);
  const { from, until, rows, events, photos } = timeline;
  console.log(`learnt from ${rows.interactions.persons.length} interactions before ${isoOf(from)}`);
  console.log(`replayed until ${isoOf(until)}; impressions: ${shownBy(timeline)}`);

  const variants = variantsOf(rows, choices, explores, { seed, now: from });
  const replayed = replay({ events, photos, from, variants, seed, most });
  const { people, answers, questions } = replayed;
  console.log(`${people} people, ${answers} answers, ${questions} photos found and liked`);
  if (answers === 0)
    console.log('No answer in this time has impressions with a recommendationId and a position.');
  console.log(reportOf(replayed, new Bootstrap(people, { rounds: ROUNDS, seed })));
}

/** Impressions by the rung and arm that made the answer. */
function shownBy({ events, from }: Timeline): string {
  const counts = new Map<string, number>();
  for (const { type, at, recommendationId } of events) {
    if (type !== 'impression' || at < from) continue;
    const by = recommendationId === undefined ? undefined : attributionOf(recommendationId);
    const name = by ? `${by.source} (${by.arm})` : 'no answer';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number >= least && number <= most) return number;
  throw new Error(`Expected a number from ${least} to ${most} for ${name}, got ${text}.`);
}

function commit(): string {
  const { stdout: head } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  const { stdout: changed } = spawnSync(
    'git',
    ['status', '--porcelain', 'lib/recommendations', 'lib/clicks', 'scripts'],
    { encoding: 'utf8' },
  );
  return `${head?.trim() || 'unknown'}${changed ? ' and changes' : ''}`;
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
