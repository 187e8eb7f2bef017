import sharp from 'sharp';
import type { Expectation } from '../demo/manifest.ts';
import type { PhotoView } from '../demo/member.ts';

/** What the API made of a file: the photo, or the status and code of a refusal. */
export type Answer = PhotoView | { readonly status: number; readonly code: string };

/** Bounding boxes of the renditions that fit inside one; `square` is cropped. */
const BOXES: Readonly<Record<string, number>> = {
  small: 320,
  medium: 640,
  large: 1080,
  xlarge: 1920,
  'large-jpeg': 1080,
};

/** Pixels across of the pictures that are compared to see whether a rendition is the photo, upright. */
const SKETCH = 24;
/** Mean difference of brightness, of 255, up to which two sketches show the same; turned ones differ by 15 and more. */
const SAME = 6;
/** Pixels a side from which a picture is compared: in a smaller one, lossy colours are half of it. */
const COMPARED = 64;

/** The answer in a few words, as a manifest would say it. */
export function describe(answer: Answer): string {
  if ('code' in answer) return `${answer.status} ${answer.code}`;
  if (answer.rejection) return `${answer.status} ${answer.rejection.code}`;
  if (answer.status !== 'ready') return answer.status;
  return `ready ${answer.format} ${answer.width}x${answer.height}`;
}

/** What is wrong with an answer: another than was expected, or renditions that are not as promised. */
export async function faultsOf(
  file: Buffer,
  answer: Answer,
  expected: Expectation | undefined,
): Promise<string[]> {
  const surprises =
    expected && !isExpected(answer, expected) ? [`expected ${expected.answers.join(' or ')}`] : [];
  if ('code' in answer || answer.status !== 'ready') return surprises;
  const lying =
    expected?.landscape && (answer.width ?? 0) <= (answer.height ?? 0) ? ['lies on its side'] : [];
  return [...surprises, ...lying, ...(await faultsOfRenditions(file, answer))];
}

function isExpected(answer: Answer, { answers, statuses }: Expectation): boolean {
  if ('code' in answer) return statuses.includes(answer.status);
  return answers.includes(answer.rejection?.code ?? answer.status);
}

async function faultsOfRenditions(file: Buffer, { width, height, renditions }: PhotoView): Promise<string[]> {
  if (!width || !height) return ['has no size'];
  const wanted = Object.keys(BOXES).length + 1;
  const faults = renditions.length === wanted ? [] : [`${renditions.length} renditions, not ${wanted}`];
  for (const { name, url, format, ...said } of renditions) {
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    const found = await sharp(bytes).metadata();
    const [w, h] = name === 'square' ? [150, 150] : within(width, height, BOXES[name] ?? 0);
    if (found.width !== w || found.height !== h) {
      faults.push(`${name} is ${found.width}x${found.height}, not ${w}x${h}`);
    }
    if (found.width !== said.width || found.height !== said.height || found.format !== format) {
      faults.push(`${name} is said to be ${said.width}x${said.height} ${format}`);
    }
    if (found.space !== 'srgb') faults.push(`${name} is ${found.space}`);
    if (found.exif || found.icc || found.xmp || found.iptc || found.orientation)
      faults.push(`${name} has metadata`);
    if (name === 'medium' && Math.min(w, h) >= COMPARED) faults.push(...(await unlike(file, bytes)));
  }
  return faults;
}

/** Whether a rendition shows something else than the file does when it is upright and in sRGB. */
async function unlike(file: Buffer, rendition: Buffer): Promise<string[]> {
  const made = await sketchOf(rendition);
  // Only HEIC is none of sharp's; its size is checked all the same.
  const original = await sketchOf(file).catch(() => made);
  const difference = original.reduce((sum, value, at) => sum + Math.abs(value - (made[at] ?? 0)), 0);
  const mean = difference / original.length;
  return mean <= SAME ? [] : [`medium differs from the file by ${mean.toFixed(1)} of 255`];
}

/** All pixels are converted before any is left out: shrinking first, while decoding, gives inks another colour. */
async function sketchOf(file: Buffer): Promise<Buffer> {
  const upright = sharp(file, { failOn: 'none' }).autoOrient().flatten({ background: '#ffffff' });
  const { data, info } = await upright.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels } })
    .resize(SKETCH, SKETCH, { fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** The largest size of these proportions within a square box, never larger than the original. */
function within(width: number, height: number, box: number): [number, number] {
  const scale = Math.min(1, box / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}
