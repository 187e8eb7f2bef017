import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readExif } from '../../../lib/images/exif.ts';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { ImageRejected } from '../../../lib/images/rejection.ts';
import { exifBlock } from '../../support/exif.ts';
import {
  animation,
  heicPhoto,
  heicPhotoWithExif,
  quadrants,
  storedAs,
  turnedHeicPhoto,
} from '../../support/photos.ts';
import { aPictureWith } from '../../support/pictures/placed.ts';

const jpeg = async () =>
  sharp(await quadrants(48, 32))
    .jpeg()
    .toBuffer();

/** A JPEG that says in its frame header to be larger than it is. */
async function lyingJpeg(width: number, height: number): Promise<Buffer> {
  const bytes = await jpeg();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/** The same as a PNG, its checksum being right. */
async function lyingPng(width: number, height: number): Promise<Buffer> {
  const bytes = await quadrants(48, 32);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

/** A HEIF file whose spatial extents say another size. */
function resizedHeif(bytes: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf('ispe'); at !== -1; at = copy.indexOf('ispe', at + 1)) {
    copy.writeUInt32BE(width, at + 8);
    copy.writeUInt32BE(height, at + 12);
  }
  return copy;
}

/** After the start of image, `count` empty segments of one kind. */
async function jpegWithSegments(count: number, marker: number): Promise<Buffer> {
  const bytes = await jpeg();
  const segments = Buffer.alloc(4 * count, Buffer.from([0xff, marker, 0, 2]));
  return Buffer.concat([bytes.subarray(0, 2), segments, bytes.subarray(2)]);
}

const rejection = (code: string, detail: RegExp = /./) =>
  expect.objectContaining({ name: 'ImageRejected', code, detail: expect.stringMatching(detail) });

describe('the facts of a photo', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('are read from a %s', async (format) => {
    const bytes = await sharp(await quadrants(48, 32))
      [format]()
      .toBuffer();
    expect(await inspectImage(bytes)).toMatchObject({
      format,
      width: 48,
      height: 32,
      pages: 1,
      animated: false,
      profile: 'none',
      orientation: 1,
    });
  });

  it('are read from a HEIC, turned as it says itself', async () => {
    expect(await inspectImage(heicPhoto())).toMatchObject({
      format: 'heic',
      width: 48,
      height: 32,
      profile: 'rgb',
    });
    expect(await inspectImage(turnedHeicPhoto())).toMatchObject({ width: 32, height: 48, orientation: 1 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('give the size as seen, with orientation %i', async (orientation) => {
    const facts = await inspectImage(await storedAs(orientation, 48, 32));
    expect(facts).toMatchObject({ width: 48, height: 32, orientation });
  });

  it.each([0, 9, 65_535])('take orientation %i, which is none, for upright', async (orientation) => {
    const facts = await inspectImage(await aPictureWith({ image: { 274: orientation } }));
    expect(facts).toMatchObject({ width: 32, height: 24, orientation: 1 });
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('have the EXIF block of a %s', async (format) => {
    const picture = sharp(await quadrants(48, 32))
      .toFormat(format)
      .withExif({ IFD0: { Make: 'Acme' } });
    expect(readExif((await inspectImage(await picture.toBuffer())).exif).camera?.make).toBe('Acme');
  });

  it('have the EXIF block of a HEIC, whose orientation there says nothing', async () => {
    const { exif, ...facts } = await inspectImage(heicPhotoWithExif());
    expect(facts).toMatchObject({ width: 48, height: 32, orientation: 1 });
    expect(readExif(exif)).toMatchObject({
      takenAt: '2026-06-21T21:30:00+02:00',
      camera: { make: 'Acme' },
      gps: { latitude: 52.52, longitude: 13.405 },
    });
  });

  it('have the EXIF block of a PNG that comes after the pixels', async () => {
    const png = await quadrants(48, 32);
    const typed = Buffer.concat([Buffer.from('eXIf'), exifBlock({ image: { 271: 'Acme' } })]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(typed.length - 4);
    checksum.writeUInt32BE(crc32(typed));
    const end = png.length - 12;
    const bytes = Buffer.concat([png.subarray(0, end), length, typed, checksum, png.subarray(end)]);
    expect(readExif((await inspectImage(bytes)).exif).camera?.make).toBe('Acme');
  });

  it('count the frames of an animation', async () => {
    const colors = ['#f00', '#0f0', '#00f'];
    for (const format of ['gif', 'webp'] as const) {
      const facts = await inspectImage(await animation(format, colors));
      expect(facts).toMatchObject({ format, width: 24, height: 16, pages: 3, animated: true });
    }
  });

  it('name the kind of colours', async () => {
    const image = sharp(await quadrants(48, 32));
    const profiles = {
      srgb: await image.clone().withIccProfile('srgb').jpeg().toBuffer(),
      rgb: await image.clone().withIccProfile('p3').jpeg().toBuffer(),
      cmyk: await image.clone().withIccProfile('cmyk').toColourspace('cmyk').jpeg().toBuffer(),
    };
    for (const [profile, bytes] of Object.entries(profiles)) {
      expect(await inspectImage(bytes)).toMatchObject({ profile });
    }
  });

  it('say whether there is alpha', async () => {
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: '#ff000080' } });
    expect(await inspectImage(await clear.png().toBuffer())).toMatchObject({ hasAlpha: true });
    expect(await inspectImage(await jpeg())).toMatchObject({ hasAlpha: false });
  });
});

describe('a file that is refused', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'empty-file'],
    ['one byte', Buffer.from([0xff]), 'corrupt-image'],
    [
      'SVG called a JPEG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9"/>'),
      'unsupported-format',
    ],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 'unsupported-format'],
    ['ZIP', Buffer.from('PK\x03\x04\x14\0\0\0\x08\0 and more'), 'unsupported-format'],
    [
      'a JPEG that ends after its first bytes',
      Buffer.from('ffd8ffe000104a464946000101', 'hex'),
      'corrupt-image',
    ],
    ['a GIF without a picture', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'), 'corrupt-image'],
  ])('is %s', async (_, bytes, code) => {
    await expect(inspectImage(bytes)).rejects.toEqual(rejection(code));
  });

  it('has more bytes than are taken', async () => {
    await expect(inspectImage(Buffer.alloc(200_000_001))).rejects.toEqual(
      rejection('too-large', /200\.0 MB/),
    );
  });

  it('has more pixels than are taken, or says so', async () => {
    const avif = await sharp(await quadrants(48, 32))
      .avif()
      .toBuffer();
    await expect(inspectImage(await lyingJpeg(65_500, 65_500))).rejects.toEqual(
      rejection('too-many-pixels', /4290\.3 megapixels \(65500 x 65500\); at most 100/),
    );
    await expect(inspectImage(await lyingPng(30_000, 30_000))).rejects.toEqual(
      rejection('too-many-pixels', /900\.0 megapixels/),
    );
    await expect(inspectImage(resizedHeif(avif, 7_000, 6_000))).rejects.toEqual(
      rejection('too-many-pixels', /42\.0 megapixels .* at most 40/),
    );
    await expect(inspectImage(resizedHeif(heicPhoto(), 8_000, 7_000))).rejects.toEqual(
      rejection('too-many-pixels', /56\.0 megapixels .* at most 50/),
    );
  });

  it('is a HEIC of which a part is missing', async () => {
    const bytes = heicPhoto();
    await expect(inspectImage(bytes.subarray(0, bytes.length - 20))).rejects.toEqual(
      rejection('corrupt-image'),
    );
  });

  it('holds more segments than any camera writes', async () => {
    await expect(inspectImage(await jpegWithSegments(200_000, 0xe1))).rejects.toEqual(
      rejection('corrupt-image'),
    );
    await expect(inspectImage(await jpegWithSegments(2_000, 0xe1))).resolves.toMatchObject({ width: 48 });
  });

  it('never makes the decoder walk a million frames', async () => {
    const bytes = await animation('webp', ['#f00', '#0f0']);
    const frame = bytes.subarray(bytes.lastIndexOf('ANMF'));
    const many = Buffer.concat([bytes, Buffer.alloc(frame.length * 50_000, frame)]);
    many.writeUInt32LE(many.length - 8, 4);
    const start = process.cpuUsage();
    expect(await inspectImage(many)).toMatchObject({ width: 24, height: 16, pages: 50_002, animated: true });
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });
});

describe('any bytes whatsoever', () => {
  const isFactsOrRejection = async (bytes: Buffer) => {
    const answer = await inspectImage(bytes).catch((error: unknown) => error);
    if (answer instanceof ImageRejected) return;
    if (answer instanceof Error) throw answer;
    const { width, height } = answer as { width: number; height: number };
    expect(Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0).toBe(true);
  };

  it('give facts or a rejection, where they are random after the first', async () => {
    const heads = [
      'ffd8ff',
      '89504e470d0a1a0a',
      '474946383961',
      '524946461000000057454250',
      '0000001c6674797061766966',
      '0000001c6674797068656963',
      '',
    ];
    const bytes = fc
      .tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 400 }))
      .map(([head, tail]) => Buffer.concat([Buffer.from(head, 'hex'), tail]));
    await fc.assert(fc.asyncProperty(bytes, isFactsOrRejection), { numRuns: 500 });
  });

  it('give facts or a rejection, where a photo was damaged or cut', async () => {
    const photos = await Promise.all([
      ...(['jpeg', 'png', 'webp', 'avif'] as const).map(async (format) =>
        sharp(await quadrants(16, 16))
          .withIccProfile('p3')
          .withMetadata({ orientation: 6 })
          [format]()
          .toBuffer(),
      ),
      animation('gif', ['#f00', '#0f0']),
      animation('webp', ['#f00', '#0f0']),
      heicPhoto(),
    ]);
    const bytes = fc
      .tuple(
        fc.constantFrom(...photos),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        fc.nat(),
      )
      .map(([photo, changes, cut]) => {
        const copy = Buffer.from(photo);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy;
      });
    await fc.assert(fc.asyncProperty(bytes, isFactsOrRejection), { numRuns: 500 });
  });
});
