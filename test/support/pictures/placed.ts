import sharp from 'sharp';
import { exifBlock, type Tags } from '../exif.ts';

let places = Math.floor(Math.random() * 10_000);

/** A place of its own in London, 35.7 m above the sea, as a camera writes it and as JSON says it. */
export function aPlace() {
  places += 1;
  // Both end in 1, so that they are never halfway between two rounded ones.
  const [north, west] = [515_000_001 + 10 * places, 1_200_001 + 10 * places];
  const degrees = (parts: number) => [[parts, 1e7] as const, [0, 1] as const, [0, 1] as const];
  const gps: NonNullable<Tags['gps']> = {
    1: 'N',
    2: degrees(north),
    3: 'W',
    4: degrees(west),
    5: 0,
    6: [[357, 10]],
  };
  return { gps, latitude: north / 1e7, longitude: -west / 1e7 };
}

/** A JPEG, each time another, whose EXIF has these tags. */
export async function aPictureWith(tags: Tags): Promise<Buffer> {
  const background = { r: Math.random() * 255, g: Math.random() * 255, b: Math.random() * 255 };
  const jpeg = await sharp({ create: { width: 32, height: 24, channels: 3, background } })
    .jpeg()
    .toBuffer();
  const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifBlock(tags)]);
  const segment = Buffer.from([0xff, 0xe1, 0, 0]);
  segment.writeUInt16BE(block.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, block, jpeg.subarray(2)]);
}
