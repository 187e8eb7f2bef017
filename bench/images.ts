import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { type Candidate, type Cost, measure, median } from './images/measure.ts';
import { mosaic } from './images/mosaic.ts';
import { packageOf } from './images/peers.ts';
import { SETS } from './images/sets.ts';
import { referenceOf, similarity } from './images/similarity.ts';
import { TOOLS, versionOf } from './images/tools.ts';

/**
 * What a photo costs: CPU milliseconds (user and system, all threads, children's too) and peak memory of the very
 * function that the handler calls, against sharp as its documentation suggests using it and whatever else makes
 * the same sizes; and how near the files are to a perfect resize. Ends with 1 where a goal is missed.
 *
 * ROUNDS says how often, 15 unless told otherwise: what else the machine does moves a single round by a third.
 * PEERS=none leaves out everybody but naive sharp; they take most of the time.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const WITH_PEERS = process.env.PEERS !== 'none';
/** `peakMb` is for 48 megapixels. */
const GOALS = { median: 0.3, worst: 0.42, peakMb: 350, similarity: -0.002 } as const;

interface Row {
  readonly photo: string;
  readonly megapixels: number;
  readonly costs: ReadonlyMap<string, Cost>;
  /** SSIM of each size, ours and naive. */
  readonly ssim: readonly { readonly ours: number; readonly naive: number }[];
}

const folder = process.argv[2] ?? (process.env.CORPUS && join(process.env.CORPUS, 'photos'));
if (!folder || !existsSync(folder)) {
  console.error('Expected a folder of JPEG photos: npm run bench:images -- DIR, or the variable CORPUS');
  process.exit(2);
}
const scratch = await mkdtemp(join(tmpdir(), 'afterparty-bench-'));
try {
  process.exitCode = (await compare(await photosOf(folder, scratch))) ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function photosOf(from: string, into: string): Promise<string[]> {
  const photos = (await readdir(from))
    .filter((file) => /^\.jpe?g$/i.test(extname(file)))
    .sort()
    .map((file) => join(from, file));
  if (photos.length === 0) throw new Error(`Expected JPEG photos in ${from}; there are none`);
  const large = join(into, '48mp_mosaic.jpg');
  await writeFile(large, await mosaic(photos));
  return [...photos, large];
}

async function compare(photos: readonly string[]): Promise<boolean> {
  const twice = Math.min(2, ROUNDS);
  const both: Candidate[] = [
    { name: 'ours', rounds: ROUNDS },
    { name: 'naive', rounds: ROUNDS },
  ];
  const libraries = WITH_PEERS ? ['@napi-rs/image', 'jimp'] : [];
  const tools = WITH_PEERS ? TOOLS : [];
  const installed = tools.filter((tool) => versionOf(tool) !== undefined);
  const everybody: Candidate[] = [
    ...both,
    ...libraries.map((name) => ({ name, rounds: 1 })),
    ...installed.map((tool) => ({ name: tool.name, tool, rounds: twice })),
  ];
  if (!WITH_PEERS) console.log('Peers other than naive sharp are left out, as PEERS=none asks.');
  console.log(
    `${cpus()[0]?.model}, Node ${process.version}, commit ${commit()}; ${photos.length} photos, the last a mosaic of the others`,
  );
  console.log(
    `ours and naive: ${packageOf('ours')} with libvips ${sharp.versions.vips}, median of ${ROUNDS} rounds; both also make a ThumbHash, naive sharp by one more pipeline, ours with a dominant colour`,
  );
  for (const name of libraries) console.log(`${packageOf(name)}: one round, the first`);
  for (const tool of tools) {
    const version = versionOf(tool);
    console.log(
      version
        ? `${tool.name} ${version}: median of ${twice} rounds, processes included`
        : `${tool.name} is not installed here; skipped.`,
    );
  }

  const jpeg = await rowsOf('jpeg', everybody, photos);
  const shipped = await rowsOf('shipped', both, photos);
  return judge(jpeg, shipped);
}

async function rowsOf(set: keyof typeof SETS, candidates: readonly Candidate[], photos: readonly string[]) {
  const names = candidates.map(({ name }) => name);
  const formats =
    set === 'jpeg' ? 'JPEG set of 1920, 1080, 640, 320 and 150' : 'Set as shipped, WebP and a JPEG';
  console.log(`\n${formats}, CPU ms a photo\n${heading('', ['MP', ...names, 'ratio'])}`);
  const rows: Row[] = [];
  for (const photo of photos) {
    const bytes = await readFile(photo);
    const { autoOrient } = await sharp(bytes).metadata();
    const costs = await measure(candidates, photo, set);
    const row: Row = {
      photo: photo.slice(photo.lastIndexOf('/') + 1),
      megapixels: (autoOrient.width * autoOrient.height) / 1e6,
      costs,
      ssim: await similarities(bytes, costs, set),
    };
    rows.push(row);
    const values = names.map((name) => (costs.get(name)?.cpuMs ?? Number.NaN).toFixed(0));
    console.log(heading(row.photo, [row.megapixels.toFixed(1), ...values, ratioOf(row).toFixed(2)]));
  }
  const ratios = rows.map(ratioOf);
  console.log(heading('median ratio', ['', ...names.map(() => ''), median(ratios).toFixed(2)]));
  console.log('\npeak memory, MB');
  for (const { photo, costs } of rows) {
    const peaks = names.map((name) => costs.get(name)?.peakMb?.toFixed(0) ?? '-');
    console.log(heading(photo, ['', ...peaks, '']));
  }
  console.log(
    `\n${heading(
      'SSIM, ours - naive',
      SETS[set].map(({ name }) => name),
    )}`,
  );
  for (const { photo, ssim } of rows) {
    console.log(
      heading(
        photo,
        ssim.map(({ ours, naive }) => (ours - naive).toFixed(4)),
      ),
    );
  }
  return rows;
}

async function similarities(bytes: Buffer, costs: ReadonlyMap<string, Cost>, set: keyof typeof SETS) {
  const reference = await referenceOf(bytes);
  const found: { ours: number; naive: number }[] = [];
  for (const [i, { fit }] of SETS[set].entries()) {
    const of = (name: string) => similarity(costs.get(name)?.files[i] as Uint8Array, fit, reference);
    found.push({ ours: await of('ours'), naive: await of('naive') });
  }
  return found;
}

function judge(jpeg: readonly Row[], shipped: readonly Row[]): boolean {
  const ratios = jpeg.map(ratioOf);
  const peakOf = (row: Row | undefined) => row?.costs.get('ours')?.peakMb ?? 0;
  const peak = Math.max(peakOf(jpeg.at(-1)), peakOf(shipped.at(-1)));
  const behind = Math.min(...jpeg.flatMap(({ ssim }) => ssim.map((at) => at.ours - at.naive)));
  const overtaken = jpeg.filter(({ costs }) => {
    const ours = costs.get('ours')?.cpuMs ?? Number.NaN;
    return [...costs].some(([name, { cpuMs }]) => name !== 'ours' && cpuMs <= ours);
  });
  const goals: [string, boolean][] = [
    [
      `median ratio to naive ${median(ratios).toFixed(3)}, at most ${GOALS.median}`,
      median(ratios) <= GOALS.median,
    ],
    [
      `worst ratio to naive ${Math.max(...ratios).toFixed(3)}, at most ${GOALS.worst}`,
      Math.max(...ratios) <= GOALS.worst,
    ],
    [
      `photos on which ${WITH_PEERS ? 'anybody' : 'naive sharp'} is ahead: ${overtaken.length}`,
      overtaken.length === 0,
    ],
    [`peak memory of the mosaic ${peak.toFixed(0)} MB, below ${GOALS.peakMb}`, peak < GOALS.peakMb],
    [
      `SSIM of the JPEG set at worst ${behind.toFixed(4)} against naive, at least ${GOALS.similarity}`,
      behind >= GOALS.similarity,
    ],
  ];
  console.log('');
  for (const [what, kept] of goals) console.log(`${kept ? 'kept  ' : 'MISSED'}  ${what}`);
  return goals.every(([, kept]) => kept);
}

function ratioOf({ costs }: Row): number {
  return (costs.get('ours')?.cpuMs ?? Number.NaN) / (costs.get('naive')?.cpuMs ?? Number.NaN);
}

function heading(first: string, columns: readonly string[]): string {
  return first.slice(0, 32).padEnd(32) + columns.map((text) => text.padStart(16)).join('');
}

function commit(): string {
  const git = (...words: string[]) => spawnSync('git', words, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const changed = git('status', '--porcelain', 'lib/images', 'bench/images', 'bench/images.ts') !== '';
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed ? ' with changes' : ''}`;
}
