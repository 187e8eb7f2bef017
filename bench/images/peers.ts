import { readFileSync } from 'node:fs';
import type { Recipe } from '../../lib/images/renditions.ts';
import { largestFirst } from './sets.ts';

/** One way to make a set of renditions. Answers the files in the order of the recipes. */
export type Make = (bytes: Buffer, recipes: readonly Recipe[]) => Promise<Buffer[]>;

/**
 * The ways that run in Node. Each imports what it needs when it is asked for, so that a process has only its own
 * library in memory, in the library's own settings.
 */
export const PEERS: Readonly<Record<string, () => Promise<Make>>> = {
  ours: async () => {
    const { inspectImage } = await import('../../lib/images/inspect.ts');
    const { renderRecipes } = await import('../../lib/images/renditions.ts');
    return async (bytes, recipes) => {
      const { renditions } = await renderRecipes(bytes, await inspectImage(bytes), recipes);
      return renditions.map((rendition) => rendition.bytes);
    };
  },

  /**
   * As the documentation of sharp suggests: a pipeline a size, all at once, in sharp's defaults; one more for the
   * ThumbHash, of as many pixels as ours.
   */
  naive: async () => {
    const { default: sharp } = await import('sharp');
    const { rgbaToThumbHash } = await import('thumbhash');
    const placeholder = async (bytes: Buffer) => {
      const small = sharp(bytes).autoOrient().resize(50, 50, { fit: 'inside' }).ensureAlpha().raw();
      const { data, info } = await small.toBuffer({ resolveWithObject: true });
      return rgbaToThumbHash(info.width, info.height, data);
    };
    return async (bytes, recipes) => {
      const files = recipes.map(({ box, fit, format, quality }) =>
        sharp(bytes)
          .autoOrient()
          .resize(box, box, { fit, withoutEnlargement: fit === 'inside' })
          .toFormat(format, { quality })
          .toBuffer(),
      );
      const [, ...made] = await Promise.all([placeholder(bytes), ...files]);
      return made;
    };
  },

  /** Its SIMD resize; a transformer works once, so each size decodes. */
  '@napi-rs/image': async () => {
    const { ResizeFit, Transformer } = await import('@napi-rs/image');
    return (bytes, recipes) =>
      Promise.all(
        recipes.map(({ box, fit, quality }) =>
          new Transformer(bytes)
            .rotate()
            .fastResize({
              width: box,
              height: box,
              fit: fit === 'cover' ? ResizeFit.Cover : ResizeFit.Inside,
            })
            .jpeg(quality),
        ),
      );
  },

  /** Decodes once, and makes each size from the one before. */
  jimp: async () => {
    const { Jimp } = await import('jimp');
    return async (bytes, recipes) => {
      const image = await Jimp.fromBuffer(bytes, { 'image/jpeg': { maxMemoryUsageInMB: 8_192 } });
      const made = new Map<Recipe, Buffer>();
      for (const recipe of largestFirst(recipes)) {
        const { box, fit, quality } = recipe;
        if (fit === 'cover') image.cover({ w: box, h: box });
        else if (Math.max(image.width, image.height) > box) image.scaleToFit({ w: box, h: box });
        made.set(recipe, await image.getBuffer('image/jpeg', { quality }));
      }
      return recipes.map((recipe) => made.get(recipe) as Buffer);
    };
  },
};

/** The package that a peer comes from, and its version. */
export function packageOf(peer: string): string {
  const name = peer === 'ours' || peer === 'naive' ? 'sharp' : peer;
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `${name} ${version}`;
}
