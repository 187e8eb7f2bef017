import { beforeAll, describe, expect, it } from 'vitest';
import { anonymous, type Client, type Person, people } from '../support/e2e/person.ts';
import { aPicture, aReadyPhoto, aSlot, handIn, type Listed, type PhotoView } from '../support/e2e/photos.ts';
import { idsIn, type Notification } from '../support/e2e/sight.ts';
import { stack } from '../support/e2e/stack.ts';

type Entry = PhotoView | Notification;

let alice: Person;
let bert: Person;
let carol: Person;
/** Alice's, newest first: a dozen that are ready, every third of them private. */
let ids: string[];
let publicIds: string[];
beforeAll(async () => {
  [alice, bert, carol] = await people('alice', 'bert', 'carol');
  await bert.follow(alice);
  const photos: PhotoView[] = [];
  for (let n = 0; n < 12; n++) {
    photos.unshift(await handIn(alice, await aPicture(), { visibility: n % 3 === 0 ? 'private' : 'public' }));
  }
  await stack.idle();
  ids = photos.map(({ id }) => id);
  publicIds = photos.filter(({ visibility }) => visibility === 'public').map(({ id }) => id);
});

/** Every page of a list, from the first to the one without a cursor. */
async function pagesOf(viewer: Client, path: string, limit: number): Promise<Entry[][]> {
  const pages: Entry[][] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await viewer.get<Listed<Entry>>(`${path}?limit=${limit}${at}`);
    expect(status).toBe(200);
    pages.push(body.items);
    cursor = body.nextCursor;
  } while (cursor !== null);
  return pages;
}

const firstCursor = async (viewer: Client, path: string) =>
  (await viewer.get<Listed<Entry>>(path)).body.nextCursor ?? '';

describe('the pages of a list', () => {
  const lists: [path: string, viewer: () => Client, expected: () => string[]][] = [
    ['/me/photos', () => alice, () => ids],
    ['/users/{userId}/photos', () => anonymous, () => publicIds],
    ['/users/{userId}/photos', () => alice, () => ids],
    ['/feed', () => bert, () => publicIds],
    // What nobody else may see is in nobody's feed, its owner's included.
    ['/feed', () => alice, () => publicIds],
  ];
  it.each(lists)('of %s hold everything once, newest first', async (path, viewer, expected) => {
    const url = path.replace('{userId}', alice.userId);
    for (const limit of [5, 12, 100]) {
      const pages = await pagesOf(viewer(), url, limit);
      expect(pages.every((page) => page.length <= limit)).toBe(true);
      expect(pages.flat().map(({ id }) => id)).toEqual(expected());
    }
  });

  it('of notifications hold everything once, newest first', async () => {
    for (const person of [alice, bert]) {
      const [whole = []] = await pagesOf(person, '/notifications', 100);
      const pages = (await pagesOf(person, '/notifications', 5)) as Notification[][];
      expect(pages.flat()).toEqual(whole);
      const times = pages.flat().map(({ at }) => at);
      expect(times).toEqual(times.toSorted().reverse());
      expect(new Set(pages.flat().map(({ photoId }) => photoId)).size).toBe(person === alice ? 13 : 8);
    }
  });

  it('of the trash hold what lies there, newest photo first', async () => {
    const trashed: string[] = [];
    for (let n = 0; n < 3; n++) trashed.unshift((await handIn(carol, await aPicture())).id);
    await stack.idle();
    for (const id of trashed) await carol.delete(`/photos/${id}`);
    expect((await pagesOf(carol, '/me/trash', 2)).flat().map(({ id }) => id)).toEqual(trashed);
  });

  it('stay in step when photos come and go between them', async () => {
    const first = await carol.get<Listed<PhotoView>>(`/users/${alice.userId}/photos?limit=4`);
    const added = await aReadyPhoto(alice);
    await alice.delete(`/photos/${first.body.items[3]?.id}`);
    const rest = await carol.get<Listed<PhotoView>>(
      `/users/${alice.userId}/photos?limit=100&cursor=${first.body.nextCursor}`,
    );
    const seen = [...first.body.items, ...rest.body.items].map(({ id }) => id);
    expect(seen).toEqual(publicIds);
    await alice.delete(`/photos/${added.id}`);
    await alice.post(`/photos/${first.body.items[3]?.id}/restore`);
    expect(await idsIn(alice, '/me/photos')).toEqual(ids);
  });

  it('are thirty long unless told otherwise', async () => {
    expect((await alice.get<Listed<PhotoView>>('/me/photos')).body).toMatchObject({
      items: { length: 12 },
      nextCursor: null,
    });
  });
});

describe('a cursor', () => {
  const invalid = { status: 400, body: { code: 'cursor-invalid' } };

  it.each<[what: string, reader: () => Client, path: string]>([
    ['for another caller', () => bert, '/users/{alice}/photos?limit=5'],
    ['for nobody in particular', () => anonymous, '/users/{alice}/photos?limit=5'],
    ['of another person’s list', () => alice, '/users/{bert}/photos?limit=5'],
    ['on another route', () => alice, '/me/photos?limit=5'],
    ['with another filter', () => alice, '/users/{alice}/photos?limit=5&renditions=square'],
  ])('is no good %s', async (_what, reader, path) => {
    const cursor = await firstCursor(alice, `/users/${alice.userId}/photos?limit=5`);
    const url = path.replace('{alice}', alice.userId).replace('{bert}', bert.userId);
    expect(await reader().get(`${url}&cursor=${cursor}`)).toMatchObject(invalid);
  });

  it('is no good once a filter has come or gone', async () => {
    const plain = await firstCursor(alice, '/me/photos?limit=5');
    const ready = await firstCursor(alice, '/me/photos?limit=5&status=ready');
    expect(await alice.get(`/me/photos?limit=5&status=ready&cursor=${plain}`)).toMatchObject(invalid);
    expect(await alice.get(`/me/photos?limit=5&cursor=${ready}`)).toMatchObject(invalid);
    expect(await alice.get(`/me/photos?limit=5&status=failed&cursor=${ready}`)).toMatchObject(invalid);
  });

  it('may be read on with another limit', async () => {
    const cursor = await firstCursor(alice, '/me/photos?limit=5');
    expect(await idsIn(alice, `/me/photos?limit=2&cursor=${cursor}`)).toEqual(ids.slice(5, 7));
  });

  it('that nobody gave out is no good', async () => {
    const cursor = await firstCursor(alice, '/me/photos?limit=5');
    const changed = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`;
    for (const made of ['', 'x', '!', changed, cursor.slice(0, -4), `${cursor}AAAA`]) {
      const { status, body } = await alice.get(`/me/photos?limit=5&cursor=${encodeURIComponent(made)}`);
      expect([made, status, body.code]).toEqual([made, 400, 'cursor-invalid']);
    }
  });
});

describe('a query', () => {
  const paths = ['/me/photos', '/me/trash', '/feed', '/notifications', '/users/{userId}/photos'];
  it.each(paths)('of %s with a limit that is none is 422', async (path) => {
    for (const limit of ['0', '101', '-1', '1.5', 'x', '']) {
      const url = `${path.replace('{userId}', alice.userId)}?limit=${limit}`;
      const { status, body } = await alice.get(url);
      const pointers = body.errors?.map(({ pointer }) => pointer);
      expect([limit, status, pointers]).toEqual([limit, 422, ['/limit']]);
    }
  });

  it.each([
    'status=done',
    'status=',
    'status=ready,x',
    'renditions=',
    'renditions=huge',
    'renditions=small,',
  ])('that says %s is 422', async (query) => {
    const pointer = `/${query.split('=')[0]}`;
    expect(await alice.get(`/me/photos?${query}`)).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ pointer, detail: expect.any(String) }] },
    });
  });

  it('finds photos by their status', async () => {
    const [dora] = await people('dora');
    const ready = await aReadyPhoto(dora);
    const rejected = await handIn(dora, (await aPicture()).subarray(0, -30));
    const uploading = (await aSlot(dora, await aPicture())).photo;
    await stack.idle();
    expect(await idsIn(dora, '/me/photos')).toEqual([uploading.id, rejected.id, ready.id]);
    for (const photo of [ready, { ...rejected, status: 'rejected' }, uploading]) {
      expect(await idsIn(dora, `/me/photos?status=${photo.status}`)).toEqual([photo.id]);
    }
    expect(await idsIn(dora, '/me/photos?status=ready,uploading')).toEqual([uploading.id, ready.id]);
    expect(await idsIn(dora, '/me/photos?status=failed')).toEqual([]);
    expect(await idsIn(alice, `/users/${dora.userId}/photos`)).toEqual([ready.id]);
    expect(await idsIn(dora, `/users/${dora.userId}/photos`)).toEqual([ready.id]);
  });

  it('brings the renditions that it names', async () => {
    const namesIn = async (path: string) => {
      const { body } = await alice.get<Listed<PhotoView>>(path);
      return body.items[0]?.renditions.map(({ name }) => name);
    };
    for (const list of ['/me/photos', '/feed', `/users/${alice.userId}/photos`]) {
      expect(await namesIn(list)).toEqual(['small', 'large']);
      expect(await namesIn(`${list}?renditions=xlarge,square`)).toEqual(['square', 'xlarge']);
    }
    const one = `/photos/${ids[0]}`;
    expect((await alice.get<PhotoView>(one)).body.renditions).toHaveLength(6);
    expect((await alice.get<PhotoView>(`${one}?renditions=medium`)).body.renditions).toHaveLength(1);
  });
});
