import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { type Member, memberOf, type PhotoView } from './demo/member.ts';
import { demoStack } from './demo/stack.ts';

/**
 * `npm run e2e:folder -- DIR`: hands in every file of a folder, its sub-folders included, and prints what
 * became of each and whether its renditions are as promised. Ends with 1 if one that is ready is not.
 */
async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error('Expected a folder, as in "npm run e2e:folder -- photos/".');
  const stack = await demoStack();
  try {
    const person = await memberOf(stack.endpoint, 'folder');
    let wrong = 0;
    for (const file of await filesUnder(folder)) {
      const started = performance.now();
      const answer = await handIn(person, await readFile(file)).catch((error: Error) => error.message);
      const took = Math.round(performance.now() - started);
      const faults = typeof answer === 'string' ? [] : await faultsOf(answer);
      wrong += faults.length > 0 ? 1 : 0;
      console.log(
        [relative(folder, file), describe(answer), `${took} ms`, faults.join('; ') || 'ok'].join('\t'),
      );
    }
    if (wrong > 0) throw new Error(`${wrong} photos are ready but not as promised.`);
  } finally {
    await stack.stop();
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(md|tsv|txt)$/i.test(entry.name));
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}

async function handIn(person: Member, bytes: Buffer): Promise<PhotoView> {
  return person.settled((await person.sendPhoto(bytes, '')).id);
}

function describe(answer: PhotoView | string): string {
  if (typeof answer === 'string')
    return answer.replace(/^.*answered (\d+): .*"code":"([\w-]+)".*$/s, '$1 $2');
  if (answer.rejection) return `${answer.status} ${answer.rejection.code}`;
  return `${answer.status} ${answer.format} ${answer.width}x${answer.height}`;
}

/** Bounding boxes of the renditions that fit inside one; `square` is cropped. */
const BOXES: Readonly<Record<string, number>> = {
  small: 320,
  medium: 640,
  large: 1080,
  xlarge: 1920,
  'large-jpeg': 1080,
};

async function faultsOf({ status, width, height, renditions }: PhotoView): Promise<string[]> {
  if (status !== 'ready' || !width || !height) return [];
  const faults =
    renditions.length === Object.keys(BOXES).length + 1 ? [] : [`${renditions.length} renditions`];
  for (const rendition of renditions) {
    const { name, url, format } = rendition;
    const found = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata();
    const [w, h] = name === 'square' ? [150, 150] : within(width, height, BOXES[name] ?? 0);
    if (found.width !== w || found.height !== h) {
      faults.push(`${name} is ${found.width}x${found.height}, not ${w}x${h}`);
    }
    if (found.width !== rendition.width || found.height !== rendition.height || found.format !== format) {
      faults.push(`${name} is said to be ${rendition.width}x${rendition.height} ${format}`);
    }
    if (found.space !== 'srgb') faults.push(`${name} is ${found.space}`);
    if (found.exif || found.icc || found.xmp || found.iptc || found.orientation)
      faults.push(`${name} has metadata`);
  }
  return faults;
}

/** The largest size of these proportions within a square box, never larger than the original. */
function within(width: number, height: number, box: number): [number, number] {
  const scale = Math.min(1, box / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

await main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
