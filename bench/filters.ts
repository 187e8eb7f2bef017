import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIBRARY_VERSIONS, sharp } from '../lib/images/vips.ts';
import { photographs } from '../scripts/demo/photographs.ts';
import { CHAIN, HEAVY, MAGICK, magickArguments } from './filters/chain.ts';

/**
 * What editing costs: a chain of ten steps on a photo of 12 megapixels, made into the rendition `xlarge`, against
 * that rendition without any steps, against the same chain as one sharp call a step, and against ImageMagick where it
 * is installed. Each run is a process of its own that does a few photos, and tells their CPU time (user and system, all
 * threads) and its peak memory; the kinds take turns, so that a busy machine is busy for all, and medians are
 * compared.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const KINDS = ['plain', 'ours', 'heavy', 'naive'] as const;
const RUN = new URL('filters/run.ts', import.meta.url).pathname;
const MEGAPIXELS = 12;

const NAMES = {
  plain: 'no steps',
  ours: 'ten steps',
  heavy: 'ten heavy steps',
  naive: 'a sharp call a step',
  ImageMagick: 'ImageMagick',
} as const;

interface Cost {
  /** Of the first photo in a process, and of later ones. */
  readonly cpuMs: readonly number[];
  readonly peakMb: number | undefined;
}

const folder = await mkdtemp(join(tmpdir(), 'afterparty-bench-'));

async function compare(photo: string): Promise<void> {
  const { width = 0, height = 0 } = await sharp(await readFile(photo)).metadata();
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${LIBRARY_VERSIONS}\n` +
      `${width} x ${height} pixels (${((width * height) / 1e6).toFixed(1)} MP); ` +
      `median of ${ROUNDS} runs of each kind\n` +
      `ten steps: ${namesOf(CHAIN)}\nten heavy steps: ${namesOf(HEAVY)}\n`,
  );
  const magick = MAGICK.find((path) => existsSync(path));
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const add = (kind: string, cost: Cost) => costs.set(kind, [...(costs.get(kind) ?? []), cost]);
    for (const kind of KINDS) add(kind, inProcess(kind, photo));
    if (magick) add('ImageMagick', withMagick(magick, photo, { width, height }));
  }
  const of = (kind: string) =>
    (costs.get(kind) ?? []).map(({ cpuMs: [first = Number.NaN, ...later] }) => ({
      first,
      later: later.length > 0 ? medianOf(later) : first,
    }));
  const plain = {
    first: medianOf(of('plain').map(({ first }) => first)),
    later: medianOf(of('plain').map(({ later }) => later)),
  };
  console.log('                         CPU ms, later photos  ratio    first photo  ratio   peak RSS MB');
  for (const [kind, samples] of costs) {
    const first = medianOf(of(kind).map(({ first }) => first));
    const later = medianOf(of(kind).map(({ later }) => later));
    const peak = Math.max(...samples.map(({ peakMb }) => peakMb ?? Number.NaN));
    console.log(
      NAMES[kind as keyof typeof NAMES].padEnd(22) +
        later.toFixed(0).padStart(23) +
        (later / plain.later).toFixed(2).padStart(7) +
        first.toFixed(0).padStart(15) +
        (first / plain.first).toFixed(2).padStart(7) +
        (Number.isNaN(peak) ? '-' : peak.toFixed(0)).padStart(14),
    );
  }
  if (!magick) console.log('ImageMagick is not installed here; skipped.');
}

function namesOf(steps: typeof CHAIN): string {
  return steps.map(({ filter }) => filter).join(', ');
}

function inProcess(kind: string, photo: string): Cost {
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUN, kind, photo], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${kind} failed: ${stderr}`);
  return JSON.parse(stdout) as Cost;
}

/** The shell's `times` tells what its children used: the second of its lines, as minutes and seconds. */
function withMagick(magick: string, photo: string, size: { width: number; height: number }): Cost {
  const args = [
    '-c',
    '"$@" && times',
    'sh',
    magick,
    ...magickArguments(photo, join(folder, 'out.webp'), size),
  ];
  const { stdout, stderr, status } = spawnSync('sh', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ImageMagick failed: ${stderr}`);
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => 60 * Number(minutes) + Number(rest),
  );
  return { cpuMs: [1_000 * seconds.reduce((sum, part) => sum + part, 0)], peakMb: undefined };
}

/** The photo of the path, or the largest of those that come with the project, enlarged to what phones make. */
async function photoOf(path: string | undefined): Promise<string> {
  if (path !== undefined) return path;
  const sizes = await Promise.all(
    (await photographs(undefined)).map(async ({ bytes }) => {
      const { width = 0, height = 0 } = await sharp(bytes).metadata();
      return { bytes, width, pixels: width * height };
    }),
  );
  const largest = sizes.reduce((one, other) => (other.pixels > one.pixels ? other : one));
  const scale = Math.max(1, Math.sqrt((MEGAPIXELS * 1e6) / largest.pixels));
  const file = join(folder, 'photo.jpg');
  await writeFile(
    file,
    await sharp(largest.bytes)
      .resize(Math.ceil(largest.width * scale))
      .jpeg({ quality: 92 })
      .toBuffer(),
  );
  return file;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

try {
  await compare(await photoOf(process.argv[2]));
} finally {
  await rm(folder, { recursive: true, force: true });
}
