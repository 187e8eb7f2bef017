import sharp from 'sharp';
import type { Random } from '../../offline/random.ts';
import { photographs } from '../../scripts/demo/photographs.ts';

/** A tile of grain has so many pixels a side at most: what repeats behind it is beyond the reach of an encoder. */
const TILE = 512;
/** How far the grain goes from grey, of 255: files are then as long as those of a telephone's camera. */
const GRAIN_DEPTH = 24;

/**
 * JPEGs of this size that show what photos show: parts of the photographs that come with the project, each drawn
 * from `random` and another one, brought to the size and with grain upon them.
 */
export async function pictures(
  random: Random,
  count: number,
  width: number,
  height: number,
): Promise<Buffer[]> {
  const sources = await Promise.all(
    (await photographs(undefined)).map(({ bytes }) =>
      sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  // Without grain, a photograph that was enlarged compresses to next to nothing.
  const tile = await grain(random, Math.min(TILE, width, height));
  const made: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const { data, info } = sources[random.integer(sources.length)] as (typeof sources)[number];
    const share = 0.5 + random.next() / 2;
    const part = { width: Math.floor(info.width * share), height: Math.floor(info.height * share) };
    const place = {
      left: random.integer(info.width - part.width + 1),
      top: random.integer(info.height - part.height + 1),
    };
    const picture = sharp(data, { raw: info })
      .extract({ ...part, ...place })
      .resize(width, height)
      .composite([{ input: tile, tile: true, blend: 'overlay' }]);
    made.push(await picture.jpeg({ quality: 90 }).toBuffer());
  }
  return made;
}

function grain(random: Random, side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = 128 + (random.next() + random.next() - 1) * GRAIN_DEPTH;
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}
