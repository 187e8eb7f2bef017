import { decode } from './decode.ts';
import type { ImageFacts } from './inspect.ts';
import { type Placeholder, placeholderOf } from './placeholder.ts';
import { fromRaster, type Raster, release, resized } from './raster.ts';
import type { RenditionName } from './rendition-names.ts';
import { type Size, scaled } from './size.ts';
import { LIBRARY_VERSIONS } from './vips.ts';

/** How one rendition is made. */
export interface Recipe {
  readonly name: string;
  /** The square, in pixels, that the rendition fits `inside`, or fills (`cover`). */
  readonly box: number;
  /** `inside` never enlarges; `cover` is cut at the centre and always has the box's size. */
  readonly fit: 'inside' | 'cover';
  readonly format: 'webp' | 'jpeg';
  readonly quality: number;
}

/**
 * Every rendition. WebP for clients; JPEG for mail and link previews, whose readers know nothing else. Qualities
 * stand at the knee: more bytes are hardly seen.
 */
export const RENDITIONS = [
  { name: 'square', box: 150, fit: 'cover', format: 'webp', quality: 80 },
  { name: 'small', box: 320, fit: 'inside', format: 'webp', quality: 80 },
  { name: 'medium', box: 640, fit: 'inside', format: 'webp', quality: 80 },
  { name: 'large', box: 1080, fit: 'inside', format: 'webp', quality: 80 },
  { name: 'xlarge', box: 1920, fit: 'inside', format: 'webp', quality: 80 },
  { name: 'large-jpeg', box: 1080, fit: 'inside', format: 'jpeg', quality: 80 },
] as const satisfies readonly (Recipe & { readonly name: RenditionName })[];

/** One finished rendition: upright, sRGB, without metadata. */
export interface Rendition<Name extends string = RenditionName> extends Size {
  readonly name: Name;
  readonly format: 'webp' | 'jpeg';
  readonly bytes: Buffer;
}

/** To be raised when this file or decode.ts changes what a rendition looks like. */
const PIPELINE = 3;
/** Effort 2 gives 97 % of effort 4's compression in 45 % of its time. */
const WEBP_EFFORT = 2;

/**
 * Everything besides the original that decides a rendition's bytes, as one line: the other half of the hash in
 * its key.
 *
 * @throws RangeError for a name that isn't in RENDITIONS
 */
export function recipeOf(name: string): string {
  const recipe = RENDITIONS.find((candidate) => candidate.name === name);
  if (!recipe) throw new RangeError(`Expected the name of a rendition; got ${JSON.stringify(name)}`);
  const { box, fit, format, quality } = recipe;
  const effort = format === 'webp' ? ` effort ${WEBP_EFFORT}` : '';
  return `pipeline ${PIPELINE}, ${fit} ${box}, ${format} quality ${quality}${effort}, ${LIBRARY_VERSIONS}`;
}

/**
 * Makes all renditions of a photo, in the order of the table, and its placeholder. The file is decoded once; each
 * size is derived from the next larger one; one thing is done at a time, so that memory stays that of one.
 *
 * @param facts what inspectImage said of the same bytes
 * @throws ImageRejected `corrupt-image` where the file turns out damaged
 */
export async function renderRenditions(
  bytes: Buffer,
  facts: ImageFacts,
): Promise<{ renditions: Rendition[]; placeholder: Placeholder }> {
  return renderRecipes(bytes, facts, RENDITIONS);
}

/** The same, with a table of one's own. */
export async function renderRecipes<Name extends string>(
  bytes: Buffer,
  facts: ImageFacts,
  recipes: readonly (Recipe & { readonly name: Name })[],
): Promise<{ renditions: Rendition<Name>[]; placeholder: Placeholder }> {
  return renditionsOf(await decode(bytes, facts, baseSize(facts, recipes)), facts, recipes);
}

/**
 * The renditions of a decoded photo, and its placeholder.
 *
 * @param base the photo at its base size; a smaller one is enlarged. Its pixels are released.
 * @param full the size that the photo has in full
 */
export async function renditionsOf<Name extends string>(
  base: Raster,
  full: Size,
  recipes: readonly (Recipe & { readonly name: Name })[],
): Promise<{ renditions: Rendition<Name>[]; placeholder: Placeholder }> {
  const levels = await cascade(base, full, recipes);
  const encoded = new Map<string, Buffer>();
  const renditions: Rendition<Name>[] = [];
  for (const { name, box, fit, format, quality } of recipes) {
    const { width, height } = fit === 'cover' ? { width: box, height: box } : sizeInside(full, box);
    // A small photo has the same size in several rows.
    const key = `${fit} ${width}x${height} ${format} ${quality}`;
    const picture = () =>
      fit === 'cover' ? covering(levels, box) : fromRaster(levelOf(levels, { width, height }));
    const finished = encoded.get(key) ?? (await encode(picture(), format, quality));
    encoded.set(key, finished);
    renditions.push({ name, width, height, format, bytes: finished });
  }
  const placeholder = await placeholderOf(levels.at(-1) as Raster);
  for (const level of new Set(levels)) release(level);
  return { renditions, placeholder };
}

/**
 * The photo at the base size and then at every size of the table, each from the one before; a step of two is too
 * small for the kernel to be seen.
 */
async function cascade(base: Raster, full: Size, recipes: readonly Recipe[]): Promise<Raster[]> {
  const insides = recipes.filter(({ fit }) => fit === 'inside').map(({ box }) => box);
  const levels = [base];
  for (const box of insides.toSorted((one, other) => other - one)) {
    levels.push(await resized(levels.at(-1) as Raster, sizeInside(full, box), 'cubic'));
  }
  return levels;
}

type Picture = ReturnType<typeof fromRaster>;

/** A square cut from the smallest level that has twice its size, or from the largest. */
function covering(levels: readonly Raster[], box: number): Picture {
  const source = levels.findLast(({ width, height }) => Math.min(width, height) >= 2 * box) ?? levels[0];
  return fromRaster(source as Raster).resize(box, box, { fit: 'cover' });
}

async function encode(picture: Picture, format: Recipe['format'], quality: number): Promise<Buffer> {
  if (format === 'webp') return picture.webp({ quality, effort: WEBP_EFFORT }).toBuffer();
  // Optimal Huffman tables cost a second pass, 15 ms for 1 % of the bytes.
  return picture.flatten({ background: '#ffffff' }).jpeg({ quality, optimiseCoding: false }).toBuffer();
}

/** The size of a photo within a square box, never enlarged, computed from the original so that roundings don't add up. */
export function sizeInside({ width, height }: Size, box: number): Size {
  return scaled({ width, height }, Math.min(1, box / Math.max(width, height)));
}

/** The smallest size from which every rendition can be had: a panorama's short side must still cover. */
export function baseSize({ width, height }: Size, recipes: readonly Recipe[]): Size {
  const largest = (wanted: Recipe['fit']) =>
    Math.max(1, ...recipes.filter(({ fit }) => fit === wanted).map(({ box }) => box));
  const scale = Math.max(
    largest('inside') / Math.max(width, height),
    largest('cover') / Math.min(width, height),
  );
  return scaled({ width, height }, Math.min(1, scale));
}

function levelOf(levels: readonly Raster[], { width, height }: Size): Raster {
  return levels.find((level) => level.width === width && level.height === height) as Raster;
}
