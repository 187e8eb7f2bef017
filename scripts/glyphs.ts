import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Face, type Outline } from './glyphs/face.ts';

/**
 * `npm run glyphs -- FONT.ttf`: takes the outlines of the letters that watermarks may have out of a TrueType font and
 * writes them as lib/images/filters/glyphs.ts. It was run with DejaVuSansCondensed-Bold.ttf of DejaVu 2.37.
 */
const RANGES = [
  [0x20, 0x7e],
  [0xa1, 0x17f],
  [0x384, 0x3ce],
  [0x401, 0x45f],
  [0x490, 0x491],
  [0x1e9e, 0x1e9e],
  [0x1ea0, 0x1ef9],
  [0x2010, 0x2027],
  [0x2030, 0x203a],
  [0x20ac, 0x20ac],
  [0x2116, 0x2122],
  [0x2190, 0x2193],
  [0x2605, 0x2606],
  [0x2660, 0x2667],
  [0x266a, 0x266b],
] as const;

/** Units a font's height is cut into: a tenth of a pixel at 50 pixels. */
const EM = 512;

const file = process.argv[2];
if (!file) throw new Error('Expected a TrueType font: npm run glyphs -- FONT.ttf');
const face = new Face(await readFile(file));
const characters = RANGES.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, offset) => String.fromCodePoint(first + offset)),
).filter((character) => face.glyphOf(character) > 0);

const licence = (await readFile(new URL('glyphs/licence.txt', import.meta.url), 'utf8')).trimEnd();
const lines = characters.map((character) => {
  const glyph = face.glyphOf(character);
  const advance = Math.round((face.advanceOf(glyph) * EM) / face.unitsPerEm);
  return `  [${JSON.stringify(character)}, ${advance}, '${packed(face.outlineOf(glyph))}'],`;
});
const text = `/*! @license
${licence.replaceAll(/^/gm, ' * ').replaceAll(/ +$/gm, '')}
 */

/** Units of the height of a line of text; all lengths below are in these. */
export const EM = ${EM};

/**
 * Letters with their widths and outlines, made by scripts/glyphs.ts: base64 of variable-length numbers, first how
 * many contours, then for each how many points, then for each point how far right and up it lies of the one before,
 * and whether the curve goes through it (the lowest bit of the first number) or is drawn towards it.
 */
// biome-ignore format: one letter a line
export const GLYPHS: readonly (readonly [character: string, width: number, outline: string])[] = [
${lines.join('\n')}
];
`;
await writeFile(join(import.meta.dirname, '../lib/images/filters/glyphs.ts'), text);
console.log(`${characters.length} letters, ${Math.round(text.length / 1_000)} kB`);

function packed(outline: Outline): string {
  const bytes: number[] = [];
  const put = (value: number) => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
  let [lastX, lastY] = [0, 0];
  put(outline.length);
  for (const contour of outline) {
    put(contour.length);
    for (const point of contour) {
      const x = Math.round((point.x * EM) / face.unitsPerEm);
      const y = Math.round((point.y * EM) / face.unitsPerEm);
      put(2 * zigzag(x - lastX) + (point.on ? 1 : 0));
      put(zigzag(y - lastY));
      [lastX, lastY] = [x, y];
    }
  }
  return Buffer.from(bytes).toString('base64');
}
