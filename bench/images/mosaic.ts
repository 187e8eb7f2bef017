import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

/** A photo of 48 megapixels, as phones make them, of four photos of 12: what they show is as fine as theirs. */
export async function mosaic(photos: readonly string[]): Promise<Buffer> {
  const [width, height] = [4_000, 3_000];
  const tiles = await Promise.all(
    [0, 1, 2, 3].map(async (i) => ({
      input: await sharp(await readFile(photos[i % photos.length] as string))
        .autoOrient()
        .resize(width, height, { fit: 'cover' })
        .toBuffer(),
      left: i % 2 === 0 ? 0 : width,
      top: i < 2 ? 0 : height,
    })),
  );
  return sharp({ create: { width: 2 * width, height: 2 * height, channels: 3, background: '#000' } })
    .composite(tiles)
    .jpeg({ quality: 90 })
    .toBuffer();
}
