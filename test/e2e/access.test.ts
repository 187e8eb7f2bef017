import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { anonymous, type Client, type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

/** Every route of the API, as `GET /photos/{photoId}`, and whether it wants a token. */
const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, { security = [{}] }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    signedIn: !security.some((scheme) => Object.keys(scheme).length === 0),
  })),
);
const names = routes.map(({ name }) => name);
const naming = (part: string) => names.filter((name) => name.includes(part));

let alice: Person;
let bert: Person;
let open: PhotoView;
let secret: PhotoView;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  open = await aReadyPhoto(alice);
  secret = await aReadyPhoto(alice, { visibility: 'private' });
});

/** Calls a route with these ids in its path, and no body. */
function call(who: Client, name: string, { photoId = '', userId = '' }) {
  const [method = '', path = ''] = name.split(' ');
  const filled = path.replace('{photoId}', photoId).replace('{userId}', userId).replace('{name}', 'small');
  return who.send(method, filled);
}

/** What a route says that may know nothing of what its path names: nothing, as of what is not there. */
const nothing = { status: 404, body: { code: 'not-found', detail: expect.any(String) } };

describe('nobody in particular', () => {
  it.each(routes.filter(({ signedIn }) => signedIn))('is turned away by $name', async ({ name }) => {
    const answer = await call(anonymous, name, { photoId: open.id, userId: alice.userId });
    expect(answer).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
  });

  const answers: Readonly<Record<string, number>> = {
    'GET /photos/{photoId}/original': 403,
    'GET /photos/{photoId}/renditions/{name}': 302,
    // It has a body, of a type that a browser sends without asking first.
    'POST /events/beacon': 415,
  };
  const others = routes.filter(({ signedIn }) => !signedIn);
  it.each(others)('gets an answer from $name', async ({ name }) => {
    const { status } = await call(anonymous, name, { photoId: open.id, userId: alice.userId });
    expect(status).toBe(answers[name] ?? 200);
  });

  it.each(others.filter(({ name }) => name.includes('{photoId}')))(
    'does not learn of a private photo from $name',
    async ({ name }) => expect(await call(anonymous, name, { photoId: secret.id })).toMatchObject(nothing),
  );
});

/** They end what may not be there anyway, and so say nothing of what their path names. */
const indifferent = ['DELETE /users/{userId}/follow', 'DELETE /photos/{photoId}/like'];
const telling = (name: string) => !indifferent.includes(name);

describe('somebody else', () => {
  it.each(naming('{photoId}').filter(telling))('does not learn of a private photo from %s', async (name) => {
    expect(await call(bert, name, { photoId: secret.id })).toMatchObject(nothing);
  });

  it.each<[name: string, status: number]>([
    ['PATCH /photos/{photoId}', 403],
    ['DELETE /photos/{photoId}', 403],
    ['POST /photos/{photoId}/restore', 403],
    ['GET /photos/{photoId}/original', 403],
    // The trash in the path is the caller's own, where this photo is not.
    ['DELETE /me/trash/{photoId}', 404],
  ])('cannot %s of a public photo: %i', async (name, status) => {
    const answer = await call(bert, name, { photoId: open.id });
    expect(answer).toMatchObject({ status, body: { code: status === 403 ? 'forbidden' : 'not-found' } });
  });

  it('has changed nothing by all that', async () => {
    for (const { id, version } of [open, secret]) {
      expect((await alice.get(`/photos/${id}`)).body).toMatchObject({ version, trashedAt: null });
    }
  });
});

describe('an id', () => {
  const UNKNOWN = { photoId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', userId: '00000000-0000-4000-8000-000000000000' };
  const withIds = [...naming('{photoId}'), ...naming('{userId}')];

  it.each(withIds.filter(telling))('of nothing is 404: %s', async (name) => {
    expect(await call(alice, name, UNKNOWN)).toMatchObject(nothing);
  });

  it.each(withIds)('that is none is 404: %s', async (name) => {
    for (const id of ['x', `${open.id}0`, '%00', '..%2f..', '%E0%A4%A', `PHOTO%23${open.id}`]) {
      const { status } = await call(alice, name, { photoId: id, userId: id });
      expect([id, status]).toEqual([id, 404]);
    }
  });

  it('of a rendition that there is none of is 404', async () => {
    for (const name of ['huge', 'Small', 'x'.repeat(41)]) {
      expect((await alice.get(`/photos/${open.id}/renditions/${name}`)).status).toBe(404);
    }
  });
});
