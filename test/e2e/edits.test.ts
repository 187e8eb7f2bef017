import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_STEPS } from '../../lib/images/filters/chain.ts';
import { itemsOf } from '../support/e2e/aws.ts';
import {
  type Asked,
  anEdit,
  askEdit,
  type EditView,
  editNow,
  editObjectsOf,
  entitiesOf,
  settledEdit,
} from '../support/e2e/edits.ts';
import { anonymous, type Person, type ProblemBody, people } from '../support/e2e/person.ts';
import {
  aPicture,
  aReadyPhoto,
  aSlot,
  download,
  type Listed,
  type PhotoView,
  photograph,
  settled,
} from '../support/e2e/photos.ts';
import { inboxOf, toldOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
});

const SEPIA = { filter: 'sepia' };
const urlOf = ({ renditions }: PhotoView, name: string) => renditions.find((each) => each.name === name)?.url;

async function aDoneEdit(photo: PhotoView, ...steps: { filter: string }[]): Promise<EditView> {
  const done = await settledEdit(
    alice,
    await anEdit(alice, photo.id, ...(steps.length > 0 ? steps : [SEPIA])),
  );
  expect(done).toMatchObject({ status: 'done' });
  return done;
}

describe('filters', () => {
  it('are described to everybody, with what each takes', async () => {
    const { status, body } =
      await anonymous.get<Listed<{ name: string; kind: string; schema: object }>>('/filters');
    expect(status).toBe(200);
    const named = new Map(body.items.map((item) => [item.name, item]));
    expect(named.get('exposure')).toMatchObject({
      kind: 'filter',
      description: expect.any(String),
      schema: { type: 'object', properties: { stops: { type: 'number', default: expect.any(Number) } } },
    });
    expect(body.items.filter(({ kind }) => kind === 'look').length).toBeGreaterThanOrEqual(15);
  });

  it('all run with their defaults', async () => {
    const { body } = await anonymous.get<Listed<{ name: string }>>('/filters');
    const photo = await aReadyPhoto(alice);
    for (let from = 0; from < body.items.length; from += MAX_STEPS) {
      const chain = body.items.slice(from, from + MAX_STEPS).map(({ name }) => ({ filter: name }));
      expect(await aDoneEdit(photo, ...chain)).toMatchObject({ renditions: { length: 6 } });
    }
  });
});

describe('an edit', () => {
  it('is taken at once, and ends with renditions of its own that a browser can show', async () => {
    const photo = await aReadyPhoto(alice, {}, photograph('airplane-from-above'));
    const steps = [{ filter: 'crop', params: { x: 0, y: 0, width: 0.5, height: 1 } }, SEPIA];
    const { status, headers, body } = await askEdit(alice, photo.id, steps);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/photos/${photo.id}/edits/${body.edit.id}`);
    expect(headers.get('retry-after')).toBe('1');
    expect(body.edit).toMatchObject({ status: 'queued', photoId: photo.id, current: false });
    const done = await settledEdit(alice, body.edit);
    expect(done).toMatchObject({ status: 'done', height: photo.height, renditions: { length: 6 } });
    expect(done.width).toBe(Math.round((photo.width as number) / 2));
    expect(done.before.map(({ id }) => id)).toEqual(photo.renditions.map(({ id }) => id));
    for (const { url } of done.renditions) expect((await download(url)).status).toBe(200);
    expect(await settled(alice, photo.id)).toMatchObject({ version: photo.version, currentEditId: null });
    expect(await toldOf(alice, photo.id)).toEqual(['edit-done', 'photo-ready']);
    const told = (await inboxOf(alice)).filter(({ editId }) => editId === done.id);
    expect(told).toEqual([expect.objectContaining({ type: 'edit-done', photoId: photo.id })]);
  });

  it('asked for twice is made once', async () => {
    const photo = await aReadyPhoto(alice);
    const first = await aDoneEdit(photo);
    const objects = await editObjectsOf(photo.id);
    const again = await askEdit(alice, photo.id, [{ filter: 'sepia', params: { amount: 1 } }]);
    expect(again).toMatchObject({
      status: 200,
      body: { duplicate: true, edit: { id: first.id, status: 'done' } },
    });
    await stack.idle();
    expect(await editObjectsOf(photo.id)).toEqual(objects);
  });

  it('repeated with its Idempotency-Key answers as the first time', async () => {
    const photo = await aReadyPhoto(alice);
    const key = { 'idempotency-key': 'edit-once' };
    const first = await askEdit(alice, photo.id, [SEPIA], key);
    await stack.idle();
    const again = await askEdit(alice, photo.id, [SEPIA], key);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body.edit).toMatchObject({ id: first.body.edit.id, status: 'done' });
  });

  it('is listed with its photo, newest first, page by page', async () => {
    const photo = await aReadyPhoto(alice);
    const edits: string[] = [];
    for (const filter of ['sepia', 'invert', 'blur']) edits.unshift((await aDoneEdit(photo, { filter })).id);
    const first = await alice.get<Listed<EditView>>(`/photos/${photo.id}/edits?limit=2`);
    const cursor = encodeURIComponent(String(first.body.nextCursor));
    const second = await alice.get<Listed<EditView>>(`/photos/${photo.id}/edits?limit=2&cursor=${cursor}`);
    expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(edits);
    expect(second.body.nextCursor).toBeNull();
  });
});

describe('steps that cannot be', () => {
  const twentyOne = Array.from({ length: 21 }, () => SEPIA);
  it.each<[string, unknown, string]>([
    ['none', [], '/steps'],
    ['too many', twentyOne, '/steps'],
    ['no list', 'sepia', '/steps'],
    ['an unknown filter', [{ filter: 'sparkle' }], '/steps/0'],
    ['a name of every object', [SEPIA, { filter: 'constructor' }], '/steps/1'],
    ['the prototype', [{ filter: '__proto__' }], '/steps/0'],
    ['no filter', [{}], '/steps/0'],
    ['an unknown parameter', [{ filter: 'sepia', params: { amout: 1 } }], '/steps/0/params/amout'],
    [
      'a parameter out of range',
      [SEPIA, { filter: 'exposure', params: { stops: 99 } }],
      '/steps/1/params/stops',
    ],
    ['text for a number', [{ filter: 'exposure', params: { stops: '1' } }], '/steps/0/params/stops'],
    ['a field besides', [{ filter: 'sepia', amount: 1 }], '/steps/0/amount'],
  ])('%s: 422, with a pointer, and nothing is written', async (_what, steps, pointer) => {
    const photo = await aReadyPhoto(alice);
    const { status, body } = await alice.post(`/photos/${photo.id}/edits`, { steps });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'invalid-request' });
    expect(body.errors?.[0]?.pointer.startsWith(pointer)).toBe(true);
    expect(await entitiesOf(photo.id)).toEqual(['photo']);
  });

  it('more than a number can be: 422', async () => {
    const photo = await aReadyPhoto(alice);
    const body = '{"steps":[{"filter":"exposure","params":{"stops":1e999}}]}';
    const answer = await alice.post(`/photos/${photo.id}/edits`, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/steps/0/params/stops' }] } });
  });

  it('a crop that leaves nothing of this photo: 422, naming the step', async () => {
    const photo = await aReadyPhoto(alice);
    const crop = { filter: 'crop', params: { x: 0, y: 0, width: 0.001, height: 0.001 } };
    const { status, body } = await askEdit<ProblemBody>(alice, photo.id, [SEPIA, crop]);
    expect({ status, errors: body.errors }).toMatchObject({ status: 422, errors: [{ pointer: '/steps/1' }] });
  });

  it('a photo that has no picture yet: 409', async () => {
    const { photo } = await aSlot(alice, await aPicture());
    const { status, body } = await askEdit<ProblemBody>(alice, photo.id, [SEPIA]);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'photo-not-ready' });
  });
});

describe('somebody else', () => {
  const routes = (photoId: string, editId: string): [string, string, object?][] => [
    ['POST', `/photos/${photoId}/edits`, { steps: [SEPIA] }],
    ['GET', `/photos/${photoId}/edits`],
    ['GET', `/photos/${photoId}/edits/${editId}`],
    ['DELETE', `/photos/${photoId}/edits/${editId}`],
    ['PUT', `/photos/${photoId}/current-edit`, { editId }],
    ['DELETE', `/photos/${photoId}/current-edit`],
  ];

  it.each([
    ['may not edit what they see', 'public', 403],
    ['does not learn of what they do not see', 'private', 404],
  ])('%s', async (_what, visibility, expected) => {
    const photo = await aReadyPhoto(alice, { visibility });
    const edit = await aDoneEdit(photo);
    for (const [method, path, body] of routes(photo.id, edit.id)) {
      expect([path, (await bert.send(method, path, body)).status]).toEqual([path, expected]);
      expect([path, (await anonymous.send(method, path, body)).status]).toEqual([path, 401]);
    }
    expect((await editNow(alice, edit)).status).toBe('done');
  });

  it('cannot reach an edit through a photo of their own', async () => {
    const edit = await aDoneEdit(await aReadyPhoto(alice));
    const own = await aReadyPhoto(bert);
    for (const [method, path, body] of routes(own.id, edit.id).slice(2, 5)) {
      expect([path, (await bert.send(method, path, body)).status]).toEqual([path, 404]);
    }
  });
});

describe('the current edit', () => {
  it('is what everybody sees, until the owner takes it back', async () => {
    const photo = await aReadyPhoto(alice);
    const edit = await aDoneEdit(photo, { filter: 'invert' });
    const shown = await alice.put<PhotoView>(`/photos/${photo.id}/current-edit`, { editId: edit.id });
    expect(shown).toMatchObject({
      status: 200,
      body: { currentEditId: edit.id, version: photo.version + 1 },
    });
    const seen = (await bert.get<PhotoView>(`/photos/${photo.id}`)).body;
    expect(seen.renditions.map(({ id }) => id)).toEqual(edit.renditions.map(({ id }) => id));
    const small = await download(String(urlOf(seen, 'small')));
    const redirected = await bert.get(`/photos/${photo.id}/renditions/small`);
    expect((await download(String(redirected.headers.get('location')))).body).toEqual(small.body);
    expect((await editNow(alice, edit)).current).toBe(true);

    expect((await alice.delete(`/photos/${photo.id}/edits/${edit.id}`)).body).toMatchObject({
      code: 'edit-is-current',
    });
    expect((await alice.delete(`/photos/${photo.id}/current-edit`)).status).toBe(204);
    expect((await alice.delete(`/photos/${photo.id}/current-edit`)).status).toBe(204);
    const back = (await bert.get<PhotoView>(`/photos/${photo.id}`)).body;
    expect(back).toMatchObject({ currentEditId: null });
    expect(back.renditions.map(({ id }) => id)).toEqual(photo.renditions.map(({ id }) => id));
  });

  it('has to be done, and of this photo', async () => {
    const [photo, other] = [await aReadyPhoto(alice), await aReadyPhoto(alice)];
    const foreign = await aDoneEdit(other);
    const put = (editId: string) => alice.put(`/photos/${photo.id}/current-edit`, { editId });
    expect(await put(foreign.id)).toMatchObject({ status: 404 });
    expect(await put('nonsense')).toMatchObject({ status: 422 });
    const { body } = await askEdit<Asked>(alice, photo.id, [SEPIA]);
    const early = await put(body.edit.id);
    await stack.idle();
    expect([200, 409]).toContain(early.status);
    expect((await put(body.edit.id)).status).toBe(200);
  });
});

describe('a deleted edit', () => {
  it('is gone with its objects; the photo stays', async () => {
    const photo = await aReadyPhoto(alice);
    const edit = await aDoneEdit(photo);
    expect((await alice.delete(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(204);
    await stack.idle();
    expect(await editObjectsOf(photo.id)).toEqual([]);
    expect((await alice.get(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(404);
    expect((await alice.get<Listed<EditView>>(`/photos/${photo.id}/edits`)).body.items).toEqual([]);
    expect((await alice.delete(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(404);
    expect((await settled(alice, photo.id)).status).toBe('ready');
    await pass(11);
    expect(await entitiesOf(photo.id)).toEqual(['photo']);
    expect((await aDoneEdit(photo)).id).not.toBe(edit.id);
  });

  it('may be at work still: it ends, and leaves nothing', async () => {
    const photo = await aReadyPhoto(alice);
    const edit = await anEdit(alice, photo.id, SEPIA);
    expect((await alice.delete(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(204);
    await stack.idle();
    expect(await editObjectsOf(photo.id)).toEqual([]);
    expect((await alice.get(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(404);
  });
});

describe('a photo with edits', () => {
  it('takes them along when it is deleted for good', async () => {
    const photo = await aReadyPhoto(alice);
    await aDoneEdit(photo);
    await anEdit(alice, photo.id, { filter: 'blur' });
    await alice.delete(`/photos/${photo.id}`);
    await alice.delete(`/me/trash/${photo.id}`);
    await stack.idle();
    expect(await editObjectsOf(photo.id)).toEqual([]);
    await pass(11);
    await alice.signInAgain();
    expect(await itemsOf(`PHOTO#${photo.id}`)).toEqual([]);
    expect(await editObjectsOf(photo.id)).toEqual([]);
  });

  it('cannot be edited while it is in the trash, and what was asked for fails', async () => {
    const photo = await aReadyPhoto(alice);
    const edit = await anEdit(alice, photo.id, SEPIA);
    await alice.delete(`/photos/${photo.id}`);
    const refused = await askEdit<ProblemBody>(alice, photo.id, [{ filter: 'blur' }]);
    expect(refused).toMatchObject({ status: 409, body: { code: 'photo-not-ready' } });
    const ended = await settledEdit(alice, edit);
    expect(['done', 'failed']).toContain(ended.status);
    if (ended.status === 'failed') expect(ended.failure?.code).toBe('photo-unavailable');
  });
});
