import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, extname, join } from 'node:path';
import { type ImageFacts, inspectImage } from '../lib/images/inspect.ts';
import { PLACEHOLDER_BOX, placeholderOf } from '../lib/images/placeholder.ts';
import { toRaster } from '../lib/images/raster.ts';
import { RENDITIONS, type Recipe, renderRecipes } from '../lib/images/renditions.ts';
import { LIBRARY_VERSIONS, sharp } from '../lib/images/vips.ts';

/**
 * What a photo costs: CPU milliseconds (user and system, all threads) of our pipeline against sharp as its
 * documentation suggests using it, once a size and all at once. Both make the same sizes, qualities and placeholder;
 * their runs alternate, and medians are compared, so that a busy machine is busy for both.
 */
type Make = (bytes: Buffer, facts: ImageFacts, recipes: readonly Recipe[]) => Promise<unknown>;

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SETS: Readonly<Record<string, readonly Recipe[]>> = {
  JPEG: RENDITIONS.slice(0, -1).map((recipe) => ({ ...recipe, format: 'jpeg' })),
  'as shipped': RENDITIONS,
};

const naive: Make = async (bytes, _facts, recipes) => {
  const placeholder = toRaster(
    sharp(bytes).autoOrient().resize(PLACEHOLDER_BOX, PLACEHOLDER_BOX, { fit: 'inside' }),
  ).then(placeholderOf);
  const renditions = recipes.map(({ box, fit, format, quality }) => {
    const resized = sharp(bytes)
      .autoOrient()
      .resize(box, box, { fit, withoutEnlargement: fit === 'inside' });
    return (format === 'webp' ? resized.webp({ quality }) : resized.jpeg({ quality })).toBuffer();
  });
  await Promise.all([placeholder, ...renditions]);
};

const folder = process.argv[2] ?? (process.env.CORPUS && join(process.env.CORPUS, 'photos'));
if (!folder || !existsSync(folder)) {
  console.error('Expected a folder of JPEG photos: npm run bench:images -- DIR, or the variable CORPUS');
  process.exit(2);
}

console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${LIBRARY_VERSIONS}; median of ${ROUNDS}, CPU ms a photo`,
);
for (const [name, recipes] of Object.entries(SETS)) {
  console.log(`\n${name.padEnd(34)}    MP   naive    ours  ratio`);
  const ratios: number[] = [];
  for (const file of (await readdir(folder)).sort()) {
    if (!/^\.jpe?g$/i.test(extname(file))) continue;
    const bytes = await readFile(join(folder, file));
    const facts = await inspectImage(bytes);
    const costs = await alternate(bytes, facts, recipes);
    const ratio = costs.ours / costs.naive;
    ratios.push(ratio);
    const columns = [(facts.width * facts.height) / 1e6, costs.naive, costs.ours].map((value, i) =>
      value.toFixed(i === 0 ? 1 : 0).padStart(i === 0 ? 6 : 8),
    );
    console.log(`${basename(file).slice(0, 34).padEnd(34)}${columns.join('')}  ${ratio.toFixed(2)}`);
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`${'geometric mean'.padEnd(34)}${' '.repeat(22)}  ${mean.toFixed(2)}`);
}

async function alternate(bytes: Buffer, facts: ImageFacts, recipes: readonly Recipe[]) {
  const samples = { naive: [] as number[], ours: [] as number[] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    samples.naive.push(await costOf(() => naive(bytes, facts, recipes)));
    samples.ours.push(await costOf(() => renderRecipes(bytes, facts, recipes)));
  }
  // The first round also pays for compiling what it runs.
  return { naive: median(samples.naive.slice(1)), ours: median(samples.ours.slice(1)) };
}

async function costOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
