import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PhotoRecord } from '../../../lib/clicks/click.ts';
import { MEASURED } from '../../../lib/recommendations/choose.ts';
import type { Tally } from '../../../lib/recommendations/replay-scores.ts';
import { Bootstrap } from '../../../scripts/replay/bootstrap.ts';
import { readRecorded } from '../../../scripts/replay/files.ts';
import { timelineOf } from '../../../scripts/replay/timeline.ts';
import { readChoice, variantsOf } from '../../../scripts/replay/variants.ts';
import { madeUpClicks } from '../../support/made-up-clicks.ts';

const records = madeUpClicks({ people: 30, photos: 60, events: 900, answers: 4, seed: 6 });
const linesOf = (some: readonly object[]) => some.map((one) => `${JSON.stringify(one)}\n`).join('');
const root = new URL('../../..', import.meta.url).pathname;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'afterparty-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readRecorded', () => {
  it('reads plain and packed files of all folders, and counts lines that are none', () => {
    mkdirSync(join(folder, '2026/01'), { recursive: true });
    writeFileSync(join(folder, '2026/01/one'), gzipSync(linesOf(records.slice(0, 50))));
    writeFileSync(join(folder, 'two.json'), `${linesOf(records.slice(50))}{"kind":`);
    const read = readRecorded(folder);
    expect(read).toMatchObject({ refused: 1, files: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(read.records).toEqual(records);
  });

  it('names the input by a hash that changes with any byte or name of it', () => {
    const hashes = [
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ].map(([name, count]) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeFileSync(join(folder, String(name)), linesOf(records.slice(0, Number(count))));
      return readRecorded(folder).sha256;
    });
    expect(new Set(hashes).size).toBe(3);
  });

  it('refuses a folder that is not there, an empty one, one without records, and broken gzip', () => {
    expect(() => readRecorded(join(folder, 'nowhere'))).toThrow(
      /^Expected a folder that can be read, got .*nowhere/,
    );
    expect(() => readRecorded(folder)).toThrow(/^Expected files of the clickstream in .*, got none\.$/);
    writeFileSync(join(folder, 'notes'), 'hello\nthere\n');
    expect(() => readRecorded(folder)).toThrow(/got 1 files without one \(2 lines refused\)\.$/);
    writeFileSync(join(folder, 'broken'), gzipSync(linesOf(records)).subarray(0, 100));
    expect(() => readRecorded(folder)).toThrow(/^Expected whole gzip in .*broken, got: /);
  });
});

describe('timelineOf', () => {
  it('learns from what came before, and knows photos as they were then', () => {
    const { from, rows, events, photos } = timelineOf(records, 0.8);
    const earlier = events.filter(({ at }) => at < from);
    expect(earlier.length / events.length).toBeCloseTo(0.8, 1);
    expect(rows.interactions.persons).toHaveLength(earlier.length);
    expect(Math.max(...Array.from(rows.items.createdAt ?? []))).toBeLessThan(from);
    expect(photos.some(({ createdAt }) => createdAt >= from)).toBe(true);
  });

  it('knows since when a photo is gone, by its newest record', () => {
    const [first, second] = records.filter((record) => record.kind === 'photo') as [PhotoRecord, PhotoRecord];
    const later = { version: 2, gone: true, tags: [], receivedAt: second.createdAt + 5 };
    const { photos } = timelineOf(
      [...records, { ...first, ...later }, { ...first, version: 3 }, { ...second, ...later }],
      0.8,
    );
    const goneAt = (id: string) => photos.find(({ photoId }) => photoId === id);
    expect(goneAt(first.photoId)).toMatchObject({ goneAt: undefined });
    expect(goneAt(second.photoId)).toMatchObject({ goneAt: later.receivedAt, tags: second.tags });
  });

  it('refuses what has no time to cut at', () => {
    const [one] = records.filter((record) => record.kind === 'interaction');
    expect(() => timelineOf(one ? [one] : [], 0.8)).toThrow(
      /^Expected interactions of some time, .* got 1\.$/,
    );
    expect(() => timelineOf([], 0.8)).toThrow(/got 0\.$/);
  });
});

describe('variants', () => {
  const { rows, from } = timelineOf(records, 0.8);
  const weights = { trending: 1, cosine: 0, sequence: 0, ease: 0, factors: 0 };
  const recipes = { few: { weights }, some: { weights: { ease: 2 } }, many: { weights, halfLife: 5 } };

  it('gives every choice every share for trying out, and learns anew only for other penalties', () => {
    const path = join(folder, 'trends.json');
    writeFileSync(path, JSON.stringify({ recipes }));
    const choice = readChoice(path);
    expect(choice.recipes.some).toEqual({
      weights: { trending: 0, cosine: 0, sequence: 0, ease: 2, factors: 0 },
      halfLife: null,
    });
    const choices = new Map([
      [path, choice],
      ['steep.json', { ...choice, easePenalty: 1 }],
    ]);
    const variants = variantsOf(rows, choices, [0], { seed: 1, now: from });
    expect(variants.map(({ name, explore }) => [name, explore])).toEqual([
      ['trained', undefined],
      ['trained, explore 0', 0],
      ['trends', undefined],
      ['trends, explore 0', 0],
      ['steep', undefined],
      ['steep, explore 0', 0],
    ]);
    const [trained, , trends, , steep] = variants.map(({ model }) => model);
    expect(trained?.recipes).toEqual(MEASURED.recipes);
    expect(trends?.recipes).toEqual(choice.recipes);
    expect(trends?.ease).toBe(trained?.ease);
    expect(steep?.ease).not.toEqual(trained?.ease);
  });

  it.each([
    ['nonsense', /^Expected a JSON file for --choice, got .*choice\.json: /],
    ['{"recipes":{"few":{"weights":{"luck":1}}}}', /^Expected recipes in .*choice\.json:\n.*luck/s],
  ])('refuses %s', (text, message) => {
    const path = join(folder, 'choice.json');
    writeFileSync(path, text);
    expect(() => readChoice(path)).toThrow(message);
  });
});

describe('Bootstrap', () => {
  const tally = (sums: number[], counts: number[]): Tally => ({
    sums: Float64Array.from(sums),
    counts: Float64Array.from(counts),
  });
  const people = Array.from({ length: 200 }, (_, person) => person);
  const bootstrap = new Bootstrap(people.length, { rounds: 500, seed: 3 });
  const coin = tally(
    people.map((person) => person % 2),
    people.map(() => 1),
  );

  it('gives the interval that theory gives', () => {
    const { value, low, high, count } = bootstrap.intervalOf(coin);
    expect([value, count]).toEqual([0.5, 200]);
    const expected = 1.96 * Math.sqrt(0.25 / 200);
    expect(low).toBeGreaterThan(0.5 - 1.3 * expected);
    expect(low).toBeLessThan(0.5 - 0.7 * expected);
    expect(high).toBeGreaterThan(0.5 + 0.7 * expected);
    expect(high).toBeLessThan(0.5 + 1.3 * expected);
  });

  it('finds a small difference that is the same for everybody', () => {
    const better = tally(
      people.map((person) => (person % 2) + 0.01),
      people.map(() => 1),
    );
    const { low, high } = bootstrap.differenceOf(better, coin);
    expect(low).toBeCloseTo(0.01, 9);
    expect(high).toBeCloseTo(0.01, 9);
    expect(bootstrap.intervalOf(better).low).toBeLessThan(0.5);
  });

  it('gives no interval by few people, who may all be alike by chance', () => {
    const few = tally(
      people.map((person) => (person < 29 ? 1 : 0)),
      people.map((person) => (person < 29 ? 1 : 0)),
    );
    expect(bootstrap.intervalOf(few)).toEqual({ value: 1, low: NaN, high: NaN, count: 29 });
    expect(bootstrap.differenceOf(coin, few)).toMatchObject({ value: -0.5, low: NaN, high: NaN });
  });

  it('does not take what was not found for what is not there', () => {
    const never = tally(
      people.map(() => 0),
      people.map(() => 5),
    );
    expect(bootstrap.intervalOf(never)).toEqual({ value: 0, low: 0, high: 3 / 200, count: 1_000 });
    expect(bootstrap.differenceOf(coin, never)).toMatchObject({ value: 0.5, low: NaN, high: NaN });
  });

  it('knows nothing of what was never counted', () => {
    const none = tally(
      people.map(() => 0),
      people.map(() => 0),
    );
    expect(bootstrap.intervalOf(none)).toEqual({ value: NaN, low: NaN, high: NaN, count: 0 });
  });
});

describe('npm run replay', () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['scripts/replay.ts', ...words], { cwd: root, encoding: 'utf8' });

  it('prints what was replayed, by whom and from what, and every metric of every variant', () => {
    writeFileSync(join(folder, 'clicks'), linesOf(records));
    const { stdout, stderr, status } = run(folder, '--explore', '0', '--seed', '7');
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toMatch(/^commit [0-9a-f]{40}.*, seed 7, Node v/);
    expect(stdout).toContain(`${records.length} records of 1 files, 0 lines refused, SHA-256 `);
    expect(stdout).toMatch(/impressions: built-in \(main\) \d+/);
    for (const metric of [
      'click-through',
      'shown NDCG@10',
      'shown MRR',
      'next NDCG@10',
      'next recall@20',
      'newcomers',
      'coverage',
    ]) {
      const block = stdout.split(`\n\n${metric}\n`)[1]?.split('\n\n')[0] ?? '';
      for (const name of ['as shown', 'trained', 'trained, explore 0']) expect(block).toContain(`  ${name} `);
    }
  }, 30_000);

  it.each([
    [[], 'Expected one folder of the clickstream, got 0.'],
    [['/nowhere'], 'Expected a folder that can be read, got /nowhere'],
    [['.', '--explore', '2'], 'Expected a number from 0 to 1 for --explore, got 2.'],
    [['.', '--train', ''], 'Expected a number from 0.01 to 0.99 for --train, got .'],
  ])(
    'refuses %j',
    (words, message) => {
      const { stdout, stderr, status } = run(...words);
      expect([stdout, status]).toEqual(['', 1]);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('    at ');
    },
    30_000,
  );
});
