import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { inspectImage } from '../lib/images/inspect.ts';
import { ImageRejected } from '../lib/images/rejection.ts';
import { RENDITIONS, type Rendition, renderRenditions, sizeInside } from '../lib/images/renditions.ts';
import { sharp } from '../lib/images/vips.ts';
import { expectationsOf, filesUnder } from '../scripts/demo/manifest.ts';

/**
 * Runs every file of a folder through the pipeline and prints what became of it. Where the folder has a
 * MANIFEST.tsv (columns `file` and `expected answer`), answers are held against it.
 */
interface Line {
  readonly file: string;
  /** `ready`, or the code of a rejection. */
  readonly answer: string;
  readonly milliseconds: number;
  readonly facts: string;
  readonly renditions: string;
  readonly problems: readonly string[];
}

const folder = process.argv[2] ?? process.env.CORPUS;
if (!folder || !existsSync(folder)) {
  console.error('Expected a folder of photos: npm run bench:corpus -- DIR, or the variable CORPUS');
  process.exit(2);
}

const expectations = await expectationsOf(folder);
let failures = 0;
for (const file of await filesUnder(folder)) {
  const line = await judge(file);
  failures += Math.sign(line.problems.length);
  console.log(
    [
      line.file.padEnd(46),
      line.answer.padEnd(19),
      `${line.milliseconds.toFixed(0)} ms`.padStart(8),
      line.facts.padEnd(28),
      line.renditions,
      ...line.problems.map((problem) => `WRONG: ${problem}`),
    ].join(' '),
  );
}
const peak = process.resourceUsage().maxRSS / 1024;
console.log(`${failures} wrong; peak memory of the process ${peak.toFixed(0)} MB`);
process.exitCode = failures === 0 ? 0 : 1;

async function judge(file: string): Promise<Line> {
  const name = relative(folder as string, file);
  const bytes = await readFile(file);
  const start = performance.now();
  const line = await answerTo(bytes).catch((error: unknown) => {
    if (!(error instanceof ImageRejected)) throw error;
    return { answer: error.code, facts: '', renditions: error.detail, problems: [] as string[] };
  });
  const milliseconds = performance.now() - start;
  const expected = expectations.get(name)?.answers;
  const problems =
    expected && !expected.includes(line.answer)
      ? [`expected ${expected.join(' or ')}`, ...line.problems]
      : line.problems;
  return { ...line, file: name, milliseconds, problems };
}

async function answerTo(bytes: Buffer) {
  const facts = await inspectImage(bytes);
  const { renditions } = await renderRenditions(bytes, facts);
  const problems = await Promise.all(renditions.map((rendition) => problemsOf(rendition, facts)));
  return {
    answer: 'ready',
    facts: `${facts.format} ${facts.width}x${facts.height} ${facts.profile}`,
    renditions: renditions.map(({ width, height, bytes }) => `${width}x${height}:${bytes.length}`).join(' '),
    problems: problems.flat(),
  };
}

/** What every rendition of every photo has to be: of the exact size, sRGB, without anything but pixels. */
async function problemsOf(rendition: Rendition, original: { width: number; height: number }) {
  const recipe = RENDITIONS.find(({ name }) => name === rendition.name);
  const { box = 0, fit } = recipe ?? {};
  const wanted = fit === 'cover' ? { width: box, height: box } : sizeInside(original, box);
  const found = await sharp(rendition.bytes).metadata();
  const carried = (['exif', 'icc', 'xmp', 'iptc', 'comments', 'orientation'] as const).filter(
    (key) => found[key],
  );
  return [
    ...(found.width === wanted.width && found.height === wanted.height
      ? []
      : [`${rendition.name} is ${found.width}x${found.height}, not ${wanted.width}x${wanted.height}`]),
    ...(found.space === 'srgb' ? [] : [`${rendition.name} is ${found.space}`]),
    ...(found.format === rendition.format ? [] : [`${rendition.name} is ${found.format}`]),
    ...carried.map((key) => `${rendition.name} carries ${key}`),
  ];
}
