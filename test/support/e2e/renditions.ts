import sharp from 'sharp';
import type { PhotoView } from './photos.ts';
import { download } from './photos.ts';

/** What docs/api.md promises of each rendition: the box that it fits inside, and its format. */
const PROMISED = {
  small: { box: 320, format: 'webp' },
  medium: { box: 640, format: 'webp' },
  large: { box: 1080, format: 'webp' },
  xlarge: { box: 1920, format: 'webp' },
  'large-jpeg': { box: 1080, format: 'jpeg' },
} as const;

/** Every rendition of a photo of this size as it must be: never larger than the original, but for `square`. */
export function promisedOf({ width, height }: { width: number; height: number }) {
  const inside = Object.entries(PROMISED).map(([name, { box, format }]) => {
    const scale = Math.min(1, box / Math.max(width, height));
    return { name, width: Math.round(width * scale), height: Math.round(height * scale), format };
  });
  return [{ name: 'square', width: 150, height: 150, format: 'webp' }, ...inside];
}

/** What the renditions of a photo are, by what is found in their bytes. */
export function foundIn({ renditions }: PhotoView) {
  return Promise.all(
    renditions.map(async ({ name, url, bytes }) => {
      const { headers, body } = await download(url);
      const { width, height, format, space, ...more } = await sharp(body).metadata();
      const hasMetadata = Boolean(more.exif || more.icc || more.xmp || more.iptc || more.orientation);
      const complete = body.length === bytes && headers.get('content-type') === `image/${format}`;
      return { name, width, height, format, space, hasMetadata, complete };
    }),
  );
}
