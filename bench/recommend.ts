import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Model, Recipe } from '../lib/recommendations/model.ts';
import {
  lastLeftOut,
  latecomers,
  newPeople,
  randomSplit,
  type Trial,
  unseenPhotos,
} from './recommend/protocols.ts';
import { CONTESTANTS, FOR_UNSEEN, type Outcome, type Quality, tried } from './recommend/quality.ts';
import { type File, madeUpRatings, type Rating, readItems, readRatings } from './recommend/ratings.ts';

/**
 * `npm run bench:recommend [-- ratings.tsv [items.tsv]] [--seeds 42,43,44]`: how well the scorer that serves foretells
 * what people did, switch and all, beside popularity and each of its parts; then what an answer, a model and its
 * training cost on made-up worlds. `--only quality` or `--only cost` does one of the two. Without a
 * file the ratings are made up, in the shape of MovieLens 100K, which says nothing about figures on MovieLens.
 *
 * All photos are ranked, and nothing about the held out part reaches the training: penalties and recipes are chosen
 * inside it. Means over the seeds.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '42,43,44' }, only: { type: 'string' } },
});
const seeds = values.seeds.split(',').map(Number);
const [ratingsPath, itemsPath] = positionals;
if (!seeds.every(Number.isInteger)) {
  console.error(`Expected whole numbers for --seeds, got ${values.seeds}.`);
  process.exit(2);
}

const WORLDS = [
  { photos: 2_000, people: 2_000, events: 60_000 },
  { photos: 10_000, people: 20_000, events: 340_000 },
  { photos: 100_000, people: 100_000, events: 2_000_000 },
];

const commit = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
const changed = spawnSync('git', ['status', '--porcelain', 'lib/recommendations', 'bench'], {
  encoding: 'utf8',
});
console.log(
  `commit ${commit}${changed.stdout ? ' and changes' : ''}, seeds ${seeds.join(' ')}\n` +
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`,
);
if (values.only !== 'cost') measureQuality();
if (values.only !== 'quality') measureCost();

function measureQuality(): void {
  const made = ratingsPath ? undefined : madeUpRatings();
  const { sha256, content: ratings } = ratingsPath ? readRatings(ratingsPath) : (made as File<Rating[]>);
  console.log(`${made ? 'made-up ' : ''}ratings: ${ratings.length} rows, SHA-256 ${sha256}`);
  const known = itemsPath ? readItems(itemsPath) : made?.items;
  if (known) console.log(`items: ${known.content.photos.length} rows, SHA-256 ${known.sha256}`);

  const measure = (trials: readonly Trial[]) =>
    report(
      trials,
      trials.map((trial, at) => tried(trial, CONTESTANTS, seeds[at] as number)),
    );
  measure(seeds.map((seed) => randomSplit(ratings, seed)));
  measure(seeds.map(() => lastLeftOut(ratings)));
  for (const events of [0, 1, 5, 20]) measure(seeds.map((seed) => newPeople(ratings, seed, events)));
  measure(seeds.map(() => latecomers(ratings)));
  if (!known) return;
  const trials = seeds.map((seed) => unseenPhotos(ratings, seed));
  report(
    trials,
    trials.map((trial, at) => tried(trial, FOR_UNSEEN, seeds[at] as number, known.content, trial.unseen)),
  );
}

function report(trials: readonly Trial[], outcomes: readonly Outcome[]): void {
  const asked = trials.map(({ questions }) => questions.length).join(', ');
  console.log(`\n${trials[0]?.title}; people asked: ${asked}`);
  console.log(row('', 'R@10', 'R@20', 'NDCG@10', 'coverage'));
  for (const name of outcomes[0]?.qualities.keys() ?? []) {
    const mean = (part: keyof Quality) => {
      const all = outcomes.map(({ qualities }) => qualities.get(name)?.[part] ?? Number.NaN);
      return (all.reduce((sum, value) => sum + value, 0) / all.length).toFixed(3);
    };
    console.log(row(name, mean('recall10'), mean('recall20'), mean('ndcg10'), mean('coverage')));
  }
  for (const { model } of outcomes) console.log(`chosen: ${chosen(model)}`);
}

function chosen({ recipes, easePenalty, factors }: Model): string {
  const text = ({ weights, halfLife }: Recipe) =>
    `${Object.entries(weights).flatMap(([part, weight]) => (weight ? `${weight} ${part}` : []))} half-life ${halfLife ?? 'none'}`;
  const { unobserved, penalty } = factors.options;
  return `to 20: ${text(recipes.some)}; more: ${text(recipes.many)}; EASE ${easePenalty}, iALS ${unobserved} ${penalty}`;
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(24) + cells.map((cell) => cell.padStart(10)).join('');
}

function measureCost(): void {
  const folder = mkdtempSync(join(tmpdir(), 'afterparty-bench-'));
  console.log(
    `\nmade-up worlds, profiles of 50, 20 photos an answer; times in ms unless said otherwise\n${row('photos', 'events', 'p50', 'p99', 'CPU', 'load', 'load CPU', 'first', 'RSS MB', 'train s', 'CPU s', 'RSS MB', 'file MB')}`,
  );
  for (const { photos, people, events } of WORLDS) {
    const file = join(folder, `${photos}.model`);
    const made = run('train', file, people, photos, events);
    const answered = run('answer', file, photos);
    const cell = (value: number | undefined, digits = 1) => (value ?? Number.NaN).toFixed(digits);
    console.log(
      row(
        String(photos),
        cell(made.pairs, 0),
        cell(answered.p50),
        cell(answered.p99),
        cell(answered.cpuMs),
        cell(answered.loadMs, 0),
        cell(answered.loadCpuMs, 0),
        cell(answered.firstMs, 0),
        cell(answered.rssMb, 0),
        cell((made.ms ?? Number.NaN) / 1_000),
        cell((made.cpuMs ?? Number.NaN) / 1_000),
        cell(made.rssMb, 0),
        cell(made.artefactMb),
      ),
    );
  }
  rmSync(folder, { recursive: true });
}

/** A measurement in a process of its own. */
function run(task: string, ...words: (string | number)[]): Partial<Record<string, number>> {
  const script = new URL('recommend/cost.ts', import.meta.url).pathname;
  const { stdout, status } = spawnSync(process.execPath, [script, task, ...words.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${task} ${words.join(' ')} ended with ${status}.`);
  return JSON.parse(stdout);
}
