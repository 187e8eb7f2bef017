import { readFile } from 'node:fs/promises';
import { renderStepsAs } from '../../lib/images/filters/render.ts';
import { inspectImage } from '../../lib/images/inspect.ts';
import { RENDITIONS, renderRecipes } from '../../lib/images/renditions.ts';
import { sharp } from '../../lib/images/vips.ts';
import { BOX, CHAIN, HEAVY, LEFT } from './chain.ts';

/**
 * Runs of one kind in a process of its own: `node run.ts KIND PHOTO` prints what each cost, as JSON. The first also
 * pays for compiling what it runs, as a function's first photo does.
 */
const TIMES = 4;
const XLARGE = RENDITIONS.filter(({ name }) => name === 'xlarge');

const kinds: Readonly<Record<string, (bytes: Buffer) => Promise<unknown>>> = {
  plain: async (bytes) => renderRecipes(bytes, await inspectImage(bytes), XLARGE),
  ours: async (bytes) => renderStepsAs(bytes, await inspectImage(bytes), CHAIN, XLARGE),
  heavy: async (bytes) => renderStepsAs(bytes, await inspectImage(bytes), HEAVY, XLARGE),
  naive,
};

/** One call a step, as one would write it with sharp's manual at hand; what it can't do is laid over. */
async function naive(bytes: Buffer): Promise<Buffer> {
  const { autoOrient } = await sharp(bytes).metadata();
  const scale = BOX / Math.max(autoOrient.width, autoOrient.height);
  const [width, height] = [Math.round(autoOrient.width * scale), Math.round(autoOrient.height * scale)];
  const corners = { input: vignettePixels(width, height), raw: { width, height, channels: 3 as const } };
  type Picture = ReturnType<typeof sharp>;
  const steps: ((picture: Picture) => Picture)[] = [
    (picture) =>
      picture.autoOrient().resize(Math.round(width / LEFT), Math.round(height / LEFT), { fit: 'fill' }),
    (picture) =>
      picture.extract({ left: Math.round(width * 0.05), top: Math.round(height * 0.05), width, height }),
    (picture) => picture.linear(1.1, 0),
    (picture) => picture.gamma(1.2),
    (picture) => picture.gamma(1.1),
    (picture) => picture.linear(1.1, -12),
    (picture) =>
      picture.recomb([
        [1.05, 0, 0],
        [0, 1, 0],
        [0, 0, 0.95],
      ]),
    (picture) => picture.modulate({ saturation: 1.15 }),
    (picture) => picture.sharpen({ sigma: 1.5 }),
    (picture) => picture.composite([{ ...corners, blend: 'multiply' }]),
    (picture) =>
      picture.composite([{ input: { text: { text: '© Afterparty', dpi: 300 } }, gravity: 'southeast' }]),
  ];
  let current = bytes;
  for (const step of steps) current = await step(sharp(current)).jpeg({ quality: 95 }).toBuffer();
  return sharp(current).webp({ quality: 80, effort: 2 }).toBuffer();
}

function vignettePixels(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(3 * width * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      const value = 255 - 40 * ((2 * x) / width - 1) ** 2 - 40 * ((2 * y) / height - 1) ** 2;
      pixels[at] = pixels[at + 1] = pixels[at + 2] = value;
    }
  }
  return pixels;
}

const [kind = '', photo = ''] = process.argv.slice(2);
const work = kinds[kind];
if (!work) throw new Error(`Expected one of ${Object.keys(kinds).join(', ')}; got ${JSON.stringify(kind)}`);
const bytes = await readFile(photo);
const cpuMs = [];
for (let time = 0; time < TIMES; time += 1) {
  const start = process.cpuUsage();
  await work(bytes);
  const { user, system } = process.cpuUsage(start);
  cpuMs.push((user + system) / 1_000);
}
console.log(JSON.stringify({ cpuMs, peakMb: process.resourceUsage().maxRSS / 1_024 }));
