import { fromRaster, type Raster, toRaster } from '../../../lib/images/raster.ts';
import type { Size } from '../../../lib/images/size.ts';
import { sharp } from '../../../lib/images/vips.ts';
import { photographs } from '../../../scripts/demo/photographs.ts';

/** The photograph that the demo of filters shows, small. */
export async function demoPhoto(width = 160): Promise<Raster> {
  const photo = (await photographs(undefined)).find(({ title }) => title === 'allium oreophilum');
  return toRaster(sharp(photo?.bytes).resize(width));
}

/**
 * A picture that has every hue, dark to light, pale to strong, with edges and some noise: as the photographs of the
 * demo are black and white, it stands for those that are not.
 */
export function colourful({ width, height }: Size, channels: 3 | 4 = 3): Raster {
  const data = Buffer.alloc(width * height * channels);
  let seed = 7;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += channels) {
      seed = (seed * 16_807) % 2_147_483_647;
      const angle = (2 * Math.PI * x) / width;
      const light = 30 + (190 * y) / height + (seed % 9) + ((x >> 3) % 2) * 12;
      const strength = 0.25 + 0.5 * (((y >> 3) % 4) / 3);
      for (let channel = 0; channel < 3; channel += 1) {
        const swing = 1 + strength * Math.cos(angle - (2 * Math.PI * channel) / 3);
        data[at + channel] = Math.max(0, Math.min(255, light * swing));
      }
      if (channels === 4) data[at + 3] = x < width / 2 ? 255 : Math.round((255 * y) / height);
    }
  }
  return { data, width, height, channels };
}

export function pngOf(raster: Raster): Promise<Buffer> {
  return fromRaster(raster).png().toBuffer();
}
