import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { firstPictureOf } from '../../../lib/images/first-picture.ts';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { renderRenditions } from '../../../lib/images/renditions.ts';
import { animation, quadrants } from '../../support/photos.ts';

const refused = (code: string, detail: RegExp) =>
  expect.objectContaining({ name: 'ImageRejected', code, detail: expect.stringMatching(detail) });

const progressive = async () =>
  sharp(await quadrants(48, 32))
    .jpeg({ progressive: true })
    .toBuffer();

/** With `what` in front of the end of the image. */
function atTheEnd(jpeg: Buffer, what: Buffer): Buffer {
  const end = jpeg.lastIndexOf(Buffer.from([0xff, 0xd9]));
  return Buffer.concat([jpeg.subarray(0, end), what, jpeg.subarray(end)]);
}

/** The last scan of a JPEG, from its header to the end of the image. */
function lastScan(jpeg: Buffer): Buffer {
  const start = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  return jpeg.subarray(start, jpeg.lastIndexOf(Buffer.from([0xff, 0xd9])));
}

const repeated = (what: Buffer, times: number) => Buffer.alloc(what.length * times, what);

/** What a JPEG says of its size changed to another. */
function sized(jpeg: Buffer, marker: number, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const at = copy.indexOf(Buffer.from([0xff, marker]));
  copy.writeUInt16BE(height, at + 5);
  copy.writeUInt16BE(width, at + 7);
  return copy;
}

function aRedPng(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

describe('a JPEG', () => {
  it('may have as many scans as encoders write, and no more than 100', async () => {
    const photo = await progressive();
    const scan = lastScan(photo);
    await expect(inspectImage(atTheEnd(photo, repeated(scan, 20)))).resolves.toMatchObject({ width: 48 });
    await expect(inspectImage(atTheEnd(photo, repeated(scan, 100)))).rejects.toEqual(
      refused('corrupt-image', /too many scans/),
    );
  });

  it('may have fewer scans the larger it is', async () => {
    const large = sized(await progressive(), 0xc2, 10_000, 10_000);
    await expect(inspectImage(large)).resolves.toMatchObject({ width: 10_000 });
    await expect(inspectImage(atTheEnd(large, repeated(lastScan(large), 20)))).rejects.toEqual(
      refused('corrupt-image', /too many scans/),
    );
  });

  it('of a scan for each channel has its scans counted too', async () => {
    const photo = await sharp(await quadrants(48, 32))
      .jpeg()
      .toBuffer();
    const many = (jpeg: Buffer) => atTheEnd(jpeg, repeated(lastScan(jpeg), 100));
    // The decoder never gets to what comes after a scan of all channels.
    await expect(inspectImage(many(photo))).resolves.toMatchObject({ width: 48 });
    const oneByOne = Buffer.from(photo);
    oneByOne[oneByOne.lastIndexOf(Buffer.from([0xff, 0xda])) + 4] = 1;
    await expect(inspectImage(many(oneByOne))).rejects.toEqual(refused('corrupt-image', /too many scans/));
  });

  it('has its segments counted between scans too', async () => {
    const photo = await progressive();
    const empty = Buffer.from([0xff, 0xe1, 0, 2]);
    await expect(inspectImage(atTheEnd(photo, repeated(empty, 2_000)))).resolves.toMatchObject({ width: 48 });
    await expect(inspectImage(atTheEnd(photo, repeated(empty, 100_000)))).rejects.toEqual(
      refused('corrupt-image', /too many segments/),
    );
  });

  it.each([0x01, 0x02, 0xbf])('hides no scans behind a code that has no length: %i', async (code) => {
    const photo = await progressive();
    const scans = repeated(lastScan(photo), 100);
    const length = Buffer.from([0xff, code, 0xff, 0xff]);
    await expect(inspectImage(atTheEnd(photo, Buffer.concat([length, scans])))).rejects.toEqual(
      refused('corrupt-image', /too many scans/),
    );
  });

  it('may hold anything behind its end, such as a gain map', async () => {
    const photo = await progressive();
    const behind = Buffer.concat([photo, repeated(lastScan(photo), 200)]);
    await expect(inspectImage(behind)).resolves.toMatchObject({ width: 48 });
  });
});

describe('a PNG', () => {
  it('is shown without its texts, which are never unpacked', async () => {
    const png = await quadrants(48, 32);
    const packed = Buffer.concat([
      Buffer.from('Comment\0\0', 'latin1'),
      deflateSync(Buffer.alloc(1_000_000)),
    ]);
    const texts = ['tEXt', 'zTXt', 'iTXt'].map((type) => pngChunk(type, packed));
    const header = png.subarray(0, 33);
    const wordy = Buffer.concat([header, ...texts, png.subarray(33, -12), ...texts, png.subarray(-12)]);
    expect(firstPictureOf(wordy, 'png').bytes.equals(png)).toBe(true);
    const { renditions } = await renderRenditions(wordy, await inspectImage(wordy));
    const { renditions: plain } = await renderRenditions(png, await inspectImage(png));
    expect(renditions).toEqual(plain);
  });

  it('keeps what is missing missing', async () => {
    const png = await quadrants(48, 32);
    const wordy = Buffer.concat([
      png.subarray(0, 33),
      pngChunk('tEXt', Buffer.from('a\0b')),
      png.subarray(33),
    ]);
    const cut = wordy.subarray(0, -40);
    await expect(renderRenditions(cut, await inspectImage(cut))).rejects.toEqual(
      refused('corrupt-image', /./),
    );
  });
});

describe('a GIF', () => {
  it('is cut behind its first frame, however many blocks stand there', async () => {
    const gif = await animation('gif', ['#f00', '#0f0']);
    const first = firstPictureOf(gif, 'gif').bytes;
    const extensions = Buffer.alloc(4 * 100_000, Buffer.from([0x21, 0xfe, 0, 0]));
    const many = Buffer.concat([first.subarray(0, -1), extensions, gif.subarray(first.length - 1)]);
    expect(firstPictureOf(many, 'gif').bytes.equals(first)).toBe(true);
  });
});

describe('a photo', () => {
  it.each([
    [70_000, 1],
    [1, 70_000],
  ])('has sides of 65 535 pixels at most: %i x %i', async (width, height) => {
    const png = await aRedPng(width, height);
    await expect(inspectImage(png)).rejects.toEqual(
      refused('too-many-pixels', new RegExp(`${width} x ${height} pixels; at most 65535`)),
    );
  });

  it.each([
    [65_535, 1],
    [1, 65_535],
  ])('is shown where it is as odd as that: %i x %i', async (width, height) => {
    const png = await aRedPng(width, height);
    const { renditions } = await renderRenditions(png, await inspectImage(png));
    expect(renditions.find(({ name }) => name === 'square')).toMatchObject({ width: 150, height: 150 });
  });
});
