import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { anonymous, type Person, people } from '../support/e2e/person.ts';
import {
  aPicture,
  aReadyPhoto,
  aSlot,
  bodyOf,
  download,
  type Handed,
  handIn,
  type Listed,
  type PhotoView,
  photograph,
  postForm,
  settled,
} from '../support/e2e/photos.ts';
import { foundIn, promisedOf } from '../support/e2e/renditions.ts';
import { stack } from '../support/e2e/stack.ts';
import { QUADRANTS, quadrantColors, storedAs } from '../support/photos.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
});

const ways = {
  'in a form': async (bytes: Buffer) =>
    (await handIn(alice, bytes, { caption: 'A day out', tags: 'sea, sun' })).id,
  'as the body': async (bytes: Buffer) => {
    const { status, body } = await alice.post<Handed>(
      '/photos?caption=A day out&tags=sea,sun',
      bodyOf(bytes),
    );
    expect(status).toBe(202);
    return body.photo.id;
  },
  'straight to S3': async (bytes: Buffer) => {
    const { photo, upload } = await aSlot(alice, bytes, { caption: 'A day out', tags: ['sea', 'sun'] });
    expect(photo).toMatchObject({ status: 'uploading', renditions: [], width: null });
    expect((await postForm(upload, bytes)).status).toBe(204);
    return photo.id;
  },
};

describe.each(Object.entries(ways))('a photograph that comes %s', (way, send) => {
  const original = photograph(
    ['march-pastoral', 'black-canyon', 'acanthus-mollis'][Object.keys(ways).indexOf(way)] ?? '',
  );
  let photo: PhotoView;
  let size: { width: number; height: number };
  beforeAll(async () => {
    size = await sharp(original).metadata();
    photo = await settled(alice, await send(original));
  });

  it('becomes ready, with what was said and found', () => {
    expect(photo).toMatchObject({
      status: 'ready',
      owner: { id: alice.userId, handle: alice.userName },
      caption: 'A day out',
      tags: ['sea', 'sun'],
      visibility: 'public',
      ...{ width: size.width, height: size.height, format: 'jpeg', animated: false, bytes: original.length },
      placeholder: { color: expect.stringMatching(/^#[0-9a-f]{6}$/) },
    });
    expect(Buffer.from(photo.placeholder?.thumbhash ?? '', 'base64').length).toBeGreaterThan(4);
    expect(photo.rejection).toBeUndefined();
  });

  it('has six renditions of exactly the promised sizes, in sRGB, without metadata', async () => {
    const promised = promisedOf(size);
    expect(
      photo.renditions.map(({ name, width, height, format }) => ({ name, width, height, format })),
    ).toEqual(promised);
    expect(await foundIn(photo)).toEqual(
      promised.map((each) => ({ ...each, space: 'srgb', hasMetadata: false, complete: true })),
    );
  });

  it('gives the original back to its owner, byte for byte', async () => {
    const { status, headers } = await alice.get(`/photos/${photo.id}/original`);
    expect(status).toBe(302);
    expect((await download(headers.get('location') ?? '')).body).toEqual(original);
  });
});

it('says with 202 and Retry-After that the photo is being worked on', async () => {
  const { status, headers, body } = await alice.post<Handed>(
    '/photos',
    bodyOf(await aPicture(), 'image/png'),
  );
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/photos/${body.photo.id}`);
  expect(headers.get('retry-after')).toBe('1');
  expect(body.photo.status).toBe('processing');
  await stack.idle();
  expect((await alice.get(`/photos/${body.photo.id}`)).headers.get('retry-after')).toBeNull();
});

it('turns a photo upright that the camera stored lying', async () => {
  const photo = await aReadyPhoto(alice, {}, await storedAs(6, 640, 400));
  expect(photo).toMatchObject({ width: 640, height: 400 });
  expect((await foundIn(photo)).map(({ width, height }) => [width, height])).toEqual(
    promisedOf({ width: 640, height: 400 }).map(({ width, height }) => [width, height]),
  );
  for (const { url } of photo.renditions) {
    const colors = await quadrantColors((await download(url)).body);
    expect(colors.map(nearest)).toEqual(QUADRANTS);
  }
});

it('never enlarges a small photo, except for the square', async () => {
  const photo = await aReadyPhoto(alice);
  expect(photo.renditions.map(({ width, height }) => `${width}x${height}`)).toEqual([
    '150x150',
    ...Array(5).fill('24x16'),
  ]);
});

it('goes by what the bytes are, not by what the file is called', async () => {
  const png = await aPicture();
  const inForm = await settled(alice, (await handIn(alice, png)).id);
  const { photo, upload } = await aSlot(bert, png, { contentType: 'image/jpeg' });
  await postForm(upload, png);
  const straight = await settled(bert, photo.id);
  expect([inForm, straight].map(({ status, format }) => [status, format])).toEqual([
    ['ready', 'png'],
    ['ready', 'png'],
  ]);
});

describe('a photo that says where it was taken', () => {
  let photo: PhotoView;
  beforeAll(async () => {
    const exif = {
      IFD0: { Make: 'Acme', Model: 'Snapper 3' },
      IFD2: { DateTimeOriginal: '2026:03:04 05:06:07', OffsetTimeOriginal: '+01:00' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '48/1 30/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '2/1 15/1 0/1',
      },
    };
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#804020' } });
    photo = await aReadyPhoto(alice, {}, await picture.jpeg().withExif(exif).toBuffer());
    await bert.follow(alice);
  });

  it('tells its owner', () => {
    expect(Date.parse(photo.takenAt ?? '')).toBe(Date.UTC(2026, 2, 4, 4, 6, 7));
    expect(photo.exif).toMatchObject({
      camera: { make: 'Acme', model: 'Snapper 3' },
      gps: { latitude: 48.5, longitude: 2.25 },
    });
  });

  it.each(['/photos/{photoId}', '/users/{userId}/photos', '/feed'])(
    'tells nobody else at GET %s',
    async (path) => {
      const url = path.replace('{photoId}', photo.id).replace('{userId}', alice.userId);
      const answers = [await bert.get<PhotoView | Listed<PhotoView>>(url)];
      if (path !== '/feed') answers.push(await anonymous.get(url));
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        const shown = 'items' in body ? body.items.find(({ id }) => id === photo.id) : body;
        expect(shown).toMatchObject({ id: photo.id, takenAt: photo.takenAt });
        expect(shown).not.toHaveProperty('exif');
        expect(JSON.stringify(shown)).not.toMatch(/gps|latitude|Snapper|48\.5/);
      }
    },
  );

  it('keeps it out of every rendition', async () => {
    expect((await foundIn(photo)).map(({ hasMetadata }) => hasMetadata)).toEqual(Array(6).fill(false));
  });
});

/** The quadrant's colour that this one was before compression. */
function nearest([red = 0, green = 0, blue = 0]: number[]): string | undefined {
  const distance = (color: string) => {
    const [r = 0, g = 0, b = 0] = [...Buffer.from(color.slice(1), 'hex')];
    return Math.hypot(r - red, g - green, b - blue);
  };
  return QUADRANTS.toSorted((one, other) => distance(one) - distance(other))[0];
}
