import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, aPerson, type Person } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

let alice: Person;
let path: string;
beforeAll(async () => {
  alice = await aPerson('alice');
  path = `/photos/${(await aReadyPhoto(alice)).id}`;
});

const read = () => alice.get<PhotoView>(path);
const patch = (body: object | string, headers = {}) => alice.patch<PhotoView>(path, body, headers);

let photo: PhotoView;
beforeEach(async () => {
  photo = (await patch({ caption: 'First light', tags: ['sea', 'morning'] })).body;
});

describe('If-Match', () => {
  const etag = async () => (await read()).headers.get('etag') ?? '';

  it('with the version that was read lets the change through', async () => {
    const answer = await patch({ caption: 'Dawn' }, { 'if-match': await etag() });
    expect(answer).toMatchObject({ status: 200, body: { caption: 'Dawn', version: photo.version + 1 } });
    expect(answer.headers.get('etag')).toBe(await etag());
    expect((await patch({ caption: 'Noon' }, { 'if-match': await etag() })).status).toBe(200);
  });

  it('with an older version is 412, and nothing has changed', async () => {
    const old = await etag();
    await patch({ caption: 'Dawn' });
    expect(await patch({ caption: 'Noon' }, { 'if-match': old })).toMatchObject({
      status: 412,
      body: { code: 'version-mismatch', detail: expect.stringContaining(old.replaceAll('"', '')) },
    });
    expect((await read()).body).toMatchObject({ caption: 'Dawn', version: photo.version + 1 });
  });

  it('lets one of several changes at once through', async () => {
    const headers = { 'if-match': await etag() };
    const answers = await Promise.all([1, 2, 3].map((n) => patch({ caption: `Take ${n}` }, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    const won = answers.find(({ status }) => status === 200);
    expect((await read()).body.caption).toBe(won?.body.caption);
  });

  it('with * lets the change through at whatever version', async () => {
    const answer = await patch({ caption: 'Dawn' }, { 'if-match': '*' });
    expect(answer).toMatchObject({ status: 200, body: { version: photo.version + 1 } });
  });

  it.each(['3', 'W/"3"', '""', '"x"', '"1", "2"'])('that is no ETag of a photo is 422: %s', async (value) => {
    expect(await patch({ caption: 'Dawn' }, { 'if-match': value })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/if-match', detail: expect.stringContaining('ETag') }] },
    });
  });
});

describe('a merge patch', () => {
  it('changes what it names, and leaves the rest', async () => {
    const { body } = await patch({ tags: ['Sea', 'sea', ' Été '] });
    const expected = { ...photo, version: photo.version + 1, tags: ['sea', 'été'] };
    expect(comparable(body)).toEqual(comparable(expected));
    expect(comparable((await read()).body)).toEqual(comparable(expected));
  });

  it('clears what it names with null', async () => {
    expect((await patch({ caption: null })).body).toMatchObject({ caption: '', tags: ['sea', 'morning'] });
    expect((await patch({ tags: null })).body).toMatchObject({ caption: '', tags: [] });
  });

  it.each(['application/merge-patch+json', 'application/json; charset=utf-8'])(
    'comes as %s',
    async (type) => {
      const { status, body } = await patch({ caption: 'Dämmerung 🌅' }, { 'content-type': type });
      expect([status, body.caption]).toEqual([200, 'Dämmerung 🌅']);
    },
  );

  it.each<[what: string, pointer: string, body: object | string]>([
    ['an unknown field', '/color', { color: 'red' }],
    ['an owner', '/ownerId', { ownerId: '00000000-0000-4000-8000-000000000000' }],
    ['a status', '/status', { status: 'ready' }],
    ['a name from the prototype', '/__proto__', '{"__proto__":{"caption":"x"}}'],
    ['no visibility', '/visibility', { visibility: null }],
    ['an unknown visibility', '/visibility', { visibility: 'friends' }],
    ['too long a caption', '/caption', { caption: 'x'.repeat(2_201) }],
    ['a caption that is none', '/caption', { caption: 7 }],
    ['a tag that is none', '/tags/1', { tags: ['sea', ''] }],
    ['a list', '', []],
    ['null', '', 'null'],
  ])('with %s is 422 with the pointer "%s"', async (_what, pointer, body) => {
    expect(await patch(body)).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ pointer, detail: expect.any(String) }] },
    });
    expect(comparable((await read()).body)).toEqual(comparable(photo));
  });

  it('says of every field at once what is wrong with it', async () => {
    const { body } = (await patch({ caption: 7, visibility: 'x', a: 1, b: 2 })) as unknown as Answer<{
      errors: { pointer: string }[];
    }>;
    expect(body.errors.map(({ pointer }) => pointer).sort()).toEqual(['/a', '/b', '/caption', '/visibility']);
  });

  it.each([
    [400, 'unparsable', '{"caption":', 'application/json'],
    [400, 'unparsable', '', 'application/json'],
    [415, 'unsupported-media-type', 'caption=Dawn', 'application/x-www-form-urlencoded'],
  ])('that is none is %i %s', async (status, code, body, type) => {
    expect(await patch(body, { 'content-type': type })).toMatchObject({ status, body: { code } });
  });

  it('of a photo in the trash is kept when it comes back', async () => {
    await alice.delete(path);
    expect((await patch({ caption: 'Dawn', visibility: 'private' })).status).toBe(200);
    const { body } = await alice.post<PhotoView>(`${path}/restore`);
    expect(body).toMatchObject({ caption: 'Dawn', visibility: 'private', trashedAt: null });
    await stack.idle();
  });
});

/** A photo without what is signed anew. */
function comparable({ renditions, ...photo }: PhotoView) {
  return { ...photo, renditions: renditions.map(({ url: _, ...rendition }) => rendition) };
}
