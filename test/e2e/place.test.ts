import { beforeEach, describe, expect, it } from 'vitest';
import type { Exif } from '../../lib/images/exif.ts';
import { itemsOf } from '../support/e2e/aws.ts';
import { anEvent, report, stored } from '../support/e2e/clicks.ts';
import { anonymous, aPerson, type Person } from '../support/e2e/person.ts';
import { aReadyPhoto, formOf, type Handed, type Listed, type PhotoView } from '../support/e2e/photos.ts';
import { filesThatSay } from '../support/e2e/place.ts';
import { inboxOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';
import { listen } from '../support/e2e/topic.ts';
import { aPictureWith, aPlace } from '../support/pictures/placed.ts';

interface Me {
  readonly id: string;
  readonly version: number;
  readonly locationPrecision: string;
}

let alice: Person;
beforeEach(async () => {
  alice = await aPerson('alice');
});

const choose = async (locationPrecision: string | null) => {
  const { status, body } = await alice.patch<Me>('/me', { locationPrecision });
  expect(status).toBe(200);
  return body;
};
const chooseFor = async ({ id }: PhotoView, locationPrecision: string | null) => {
  const { status, body } = await alice.patch<PhotoView>(`/photos/${id}`, { locationPrecision });
  expect(status).toBe(200);
  return body;
};
const shown = async ({ id }: PhotoView) => (await alice.get<PhotoView>(`/photos/${id}`)).body;
const keptOf = async ({ id }: PhotoView) => (await itemsOf(`PHOTO#${id}`))[0]?.exif as Exif;

type ATaken = ReturnType<typeof aPlace> & { readonly photo: PhotoView };

async function aTakenPhoto(): Promise<ATaken> {
  const place = aPlace();
  return { ...place, photo: await aReadyPhoto(alice, {}, await aPictureWith({ gps: place.gps })) };
}

/** What may be said of a place to so many decimals. */
const roughly = ({ latitude, longitude }: ATaken, decimals: number) => ({
  latitude: Number(latitude.toFixed(decimals)),
  longitude: Number(longitude.toFixed(decimals)),
  altitude: null,
});
const exactly = ({ latitude, longitude }: ATaken) => ({ latitude, longitude, altitude: 35.7 });

describe('what a person chooses', () => {
  it('is exact until they choose, and is shown to them and nobody else', async () => {
    const { headers, body } = await alice.get<Me>('/me');
    expect(body).toMatchObject({ id: alice.userId, version: 1, locationPrecision: 'exact' });
    expect(headers.get('etag')).toBe('"1"');
    expect(await choose('city')).toEqual({ ...body, version: 2, locationPrecision: 'city' });
    expect((await alice.get<Me>('/me')).body.locationPrecision).toBe('city');
    for (const viewer of [anonymous, await aPerson('bert')]) {
      expect((await viewer.get(`/users/${alice.userId}`)).body).not.toHaveProperty('locationPrecision');
    }
    expect((await choose(null)).locationPrecision).toBe('exact');
  });

  it('is changed only at the version that If-Match names', async () => {
    const at = (version: number) =>
      alice.patch<Me>('/me', { locationPrecision: 'street' }, { 'if-match': `"${version}"` });
    expect(await at(1)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await at(1)).toMatchObject({ status: 412, body: { code: 'version-mismatch' } });
    const answers = await Promise.all([at(2), at(2), at(2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it.each([
    [{ locationPrecision: 'planet' }, '/locationPrecision'],
    [{ locationPrecision: 3 }, '/locationPrecision'],
    [{ handle: 'somebody' }, '/handle'],
    [[], ''],
  ])('is refused where it is none: %j', async (body, pointer) => {
    expect(await alice.patch('/me', body)).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ pointer }] },
    });
  });
});

describe('a photo', () => {
  it.each([
    ['exact', exactly],
    ['street', (place: ATaken) => roughly(place, 3)],
    ['neighbourhood', (place: ATaken) => roughly(place, 2)],
    ['city', (place: ATaken) => roughly(place, 1)],
    ['none', () => null],
  ])('of somebody who has chosen %s is kept and shown no finer', async (precision, told) => {
    await choose(precision);
    const taken = await aTakenPhoto();
    expect(taken.photo.exif?.gps).toEqual(told(taken));
    expect((await keptOf(taken.photo)).gps).toEqual(told(taken));
    const files = await filesThatSay(String(taken.latitude), String(taken.longitude));
    expect(files).toEqual(precision === 'exact' ? ['dynamodb.jsonl'] : []);
  });

  it('tells its place to its owner alone, and nothing else that works for it', async () => {
    const bert = await aPerson('bert');
    await bert.follow(alice);
    const place = aPlace();
    const unlistened = await listen();
    const image = { 271: 'Acme', 272: `Snapper ${place.latitude}` };
    const photo = await aReadyPhoto(alice, {}, await aPictureWith({ image, gps: place.gps }));
    const messages = await unlistened();
    expect(messages.map(({ Body = '' }) => JSON.parse(Body).subject.id)).toContain(photo.id);
    await bert.put(`/photos/${photo.id}/like`);
    await report(bert, anEvent('view', photo.id), anEvent('download', photo.id));
    await alice.post(`/photos/${photo.id}/edits`, { steps: [{ filter: 'grayscale' }] });
    await alice.patch(`/photos/${photo.id}`, { caption: 'Here' });
    await stored();
    expect(photo.exif).toMatchObject({ camera: { model: image[272] }, gps: exactly({ ...place, photo }) });
    const others = await Promise.all([
      ...['', '/renditions/small', '/similar'].map((rest) => bert.get(`/photos/${photo.id}${rest}`)),
      ...['/feed', '/recommendations', `/users/${alice.userId}/photos`].map((path) => bert.get(path)),
      anonymous.get(`/photos/${photo.id}`),
      inboxOf(bert),
    ]);
    expect(JSON.stringify(others)).toContain(photo.id);
    const secrets = [String(place.latitude), String(place.longitude), 'Snapper'];
    for (const secret of secrets) expect(JSON.stringify([others, messages])).not.toContain(secret);
    for (const answer of others) expect(JSON.stringify(answer)).not.toMatch(/"exif"|locationPrecision/);
    const files = await filesThatSay(image[272], String(place.latitude));
    expect(files.filter((file) => !file.startsWith('s3/'))).toEqual(['dynamodb.jsonl']);
    // The original.
    expect(files).toHaveLength(2);
  });

  it('with malformed EXIF is ready, and says what can be read', async () => {
    const gps = { ...aPlace().gps, 2: [[51, 0] as const, [0, 0] as const, [7, 0] as const] };
    const tags = {
      image: { 271: '<script>alert(1)</script>\0\u0007', 274: 65_535 },
      photo: { 33434: [[1, 0]] as const, 36867: '2026:13:41 25:61:61', 36881: '+99:99' },
      gps,
    };
    const { status, takenAt, width, exif } = await aReadyPhoto(alice, {}, await aPictureWith(tags));
    expect([status, takenAt, width]).toEqual(['ready', null, 32]);
    expect(exif).toEqual({
      ...{ takenAt: null, takenAtLocal: null, lens: null, exposure: null, gps: null },
      camera: { make: '<script>alert(1)</script>', model: null },
    });
  });
});

describe('a coarser choice', () => {
  it('holds at once for what is shown of earlier photos, and minutes later for what is kept', async () => {
    const [old, trashed, edited] = [await aTakenPhoto(), await aTakenPhoto(), await aTakenPhoto()];
    await alice.delete(`/photos/${trashed.photo.id}`);
    await stack.idle();
    await choose('city');
    const { body } = await alice.get<Listed<PhotoView>>('/me/photos');
    for (const taken of [old, trashed, edited]) {
      expect((await shown(taken.photo)).exif?.gps).toEqual(roughly(taken, 1));
      const listed = body.items.find(({ id }) => id === taken.photo.id);
      if (taken !== trashed) expect(listed?.exif?.gps).toEqual(roughly(taken, 1));
    }
    await pass(6);
    for (const taken of [old, trashed, edited]) {
      expect((await keptOf(taken.photo)).gps).toEqual(roughly(taken, 1));
    }
    expect((await itemsOf(`USER#${alice.userId}`)).map(({ entity }) => entity)).not.toContain('coarsening');
    await choose('exact');
    expect((await shown(old.photo)).exif?.gps).toEqual(roughly(old, 1));
    const fresh = await aTakenPhoto();
    expect(fresh.photo.exif?.gps).toEqual(exactly(fresh));
  });

  it('tells nobody anything', async () => {
    const { photo } = await aTakenPhoto();
    const unlistened = await listen();
    await choose('none');
    await pass(6);
    expect(await keptOf(photo)).toMatchObject({ gps: null });
    const told = (await unlistened()).map(({ Body = '' }) => JSON.parse(Body).subject.id);
    expect(told).not.toContain(photo.id);
  });
});

describe('a choice for one photo', () => {
  let taken: ATaken;
  beforeEach(async () => {
    taken = await aTakenPhoto();
  });

  it('wins over that for all, coarser or finer, before and after', async () => {
    expect(await chooseFor(taken.photo, 'none')).toMatchObject({
      locationPrecision: 'none',
      exif: { gps: null },
    });
    expect((await keptOf(taken.photo)).gps).toBeNull();
    const other = await aTakenPhoto();
    await chooseFor(other.photo, 'exact');
    await choose('city');
    await pass(6);
    expect((await keptOf(other.photo)).gps).toEqual(exactly(other));
    expect((await shown(other.photo)).exif?.gps).toEqual(exactly(other));
    expect(await chooseFor(other.photo, null)).toMatchObject({ locationPrecision: null });
    expect((await keptOf(other.photo)).gps).toEqual(roughly(other, 1));
  });

  it('reads the place anew from the original where it is finer than what is kept', async () => {
    await chooseFor(taken.photo, 'none');
    const { renditions } = await shown(taken.photo);
    await chooseFor(taken.photo, 'street');
    await stack.idle();
    const again = await shown(taken.photo);
    expect(again.exif?.gps).toEqual(roughly(taken, 3));
    expect(again.renditions.map(({ id }) => id)).toEqual(renditions.map(({ id }) => id));
    expect([again.status, (await keptOf(taken.photo)).gps]).toEqual(['ready', roughly(taken, 3)]);
  });

  it('comes with other changes, all or none', async () => {
    const { id, version } = taken.photo;
    const patch = { caption: 'Home', visibility: 'private', locationPrecision: 'city' };
    const ifMatch = { 'if-match': `"${version + 1}"` };
    expect((await alice.patch(`/photos/${id}`, patch, ifMatch)).status).toBe(412);
    expect(await shown(taken.photo)).toMatchObject({ caption: '', locationPrecision: null });
    expect((await alice.patch(`/photos/${id}`, patch)).body).toMatchObject({
      ...patch,
      exif: { gps: roughly(taken, 1) },
    });
  });
});

describe('the answer that is kept for an Idempotency-Key', () => {
  it('says nothing of places, and is told with them again', async () => {
    const place = aPlace();
    const bytes = await aPictureWith({ gps: place.gps });
    await aReadyPhoto(alice, {}, bytes);
    const handIn = () => alice.post<Handed>('/photos', formOf(bytes), { 'idempotency-key': 'again' });
    const answers = [await handIn(), await handIn()];
    expect(answers.map(({ status, body }) => [status, body.photo.exif?.gps?.latitude])).toEqual([
      [200, place.latitude],
      [200, place.latitude],
    ]);
    expect(answers[1]?.headers.get('idempotency-replayed')).toBe('true');
    expect(await itemsOf(`IDEMPOTENCY#${alice.userId}`)).toHaveLength(1);
    expect(JSON.stringify(await itemsOf(`IDEMPOTENCY#${alice.userId}`))).not.toMatch(/exif|gps|latitude/);
  });
});
