import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aPerson, later, type Person, people } from '../support/e2e/person.ts';
import {
  aPicture,
  aReadyPhoto,
  aSlot,
  declarationOf,
  download,
  formOf,
  type Handed,
  handIn,
  type PhotoView,
  postForm,
  settled,
  type Upload,
} from '../support/e2e/photos.ts';
import { idsIn, toldOf } from '../support/e2e/sight.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
});

let bytes: Buffer;
beforeEach(async () => {
  bytes = await aPicture();
});

describe('the same bytes again', () => {
  const declare = (person: Person) => person.post<Handed>('/photos', declarationOf(bytes));
  const send = (person: Person) => person.post<Handed>('/photos', formOf(bytes));

  it('are the same photo, however they come', async () => {
    const { id } = await aReadyPhoto(alice, { caption: 'First' }, bytes);
    for (const again of [await declare(alice), await send(alice)]) {
      expect(again).toMatchObject({
        status: 200,
        body: { photo: { id, caption: 'First' }, duplicate: true },
      });
      expect(again.body).not.toHaveProperty('upload');
      expect(again.body).not.toHaveProperty('trashed');
    }
  });

  it('are the same slot with a fresh form, as long as no file has come', async () => {
    const { photo, upload } = await aSlot(alice, bytes);
    await later(16, alice);
    expect((await postForm(upload, bytes)).status).toBe(403);
    const { status, body } = await declare(alice);
    expect(status).toBe(200);
    expect(body).toMatchObject({ photo: { id: photo.id, status: 'uploading' }, duplicate: true });
    expect((await postForm((body.upload as Upload) ?? upload, bytes)).status).toBe(204);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('fill the slot that waits for them, when they come through the API', async () => {
    const { photo } = await aSlot(alice, bytes);
    const { status, body } = await send(alice);
    expect([status, body.photo.id]).toEqual([202, photo.id]);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('are found in the trash', async () => {
    const { id } = await aReadyPhoto(alice, {}, bytes);
    await alice.delete(`/photos/${id}`);
    expect(await declare(alice)).toMatchObject({
      status: 200,
      body: { photo: { id, trashedAt: expect.any(String) }, duplicate: true, trashed: true },
    });
  });

  it('are a new photo once the old one is deleted for good', async () => {
    const { id } = await aReadyPhoto(alice, {}, bytes);
    await alice.delete(`/photos/${id}`);
    expect((await alice.delete(`/me/trash/${id}`)).status).toBe(204);
    const { status, body } = await declare(alice);
    expect(status).toBe(201);
    expect(body.photo.id).not.toBe(id);
  });

  it('are a new photo where the first was rejected', async () => {
    bytes = bytes.subarray(0, -30);
    const { id } = await handIn(alice, bytes);
    expect((await settled(alice, id)).status).toBe('rejected');
    const { status, body } = await send(alice);
    expect(status).toBe(202);
    expect(body.photo.id).not.toBe(id);
  });

  it('are a photo of their own for anybody else', async () => {
    const { id } = await aReadyPhoto(alice, {}, bytes);
    const { status, body } = await declare(bert);
    expect(status).toBe(201);
    expect(body.photo.id).not.toBe(id);
    expect(body).not.toHaveProperty('duplicate');
  });

  it('sent twice at once are one photo', async () => {
    const carol = await aPerson('carol');
    const answers = await Promise.all([send(carol), send(carol), declare(carol), declare(carol)]);
    expect(new Set(answers.map(({ body }) => body.photo.id)).size).toBe(1);
    const { id, status } = await settled(carol, answers[0].body.photo.id);
    expect(status).toBe('ready');
    expect(await idsIn(carol, '/me/photos')).toEqual([id]);
    expect(await toldOf(carol, id)).toEqual(['photo-ready']);
  });
});

describe('an Idempotency-Key', () => {
  const key = (value: string) => ({ 'idempotency-key': `${value}-${alice.userId}` });
  const declared = (body: object, name: string) => alice.post<Handed>('/photos', body, key(name));

  it('gives the first answer again, with fresh signatures', async () => {
    const first = await declared(declarationOf(bytes), 'slot');
    await later(16, alice);
    const again = await declared(declarationOf(bytes), 'slot');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([again.status, again.body.photo]).toEqual([201, first.body.photo]);
    expect(again.body).not.toHaveProperty('duplicate');
    expect((await postForm(again.body.upload as never, bytes)).status).toBe(204);
    expect((await settled(alice, first.body.photo.id)).status).toBe('ready');
  });

  it('knows the same form by another boundary', async () => {
    const first = await declared(formOf(bytes), 'form');
    const again = await declared(formOf(bytes), 'form');
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body.photo.id).toBe(first.body.photo.id);
  });

  it('gives a restored photo again with signatures that work', async () => {
    const { id } = await aReadyPhoto(alice, {}, bytes);
    await alice.delete(`/photos/${id}`);
    const restore = () => alice.post<PhotoView>(`/photos/${id}/restore`, undefined, key('restore'));
    expect((await restore()).headers.get('idempotency-replayed')).toBeNull();
    await later(16, alice);
    const again = await restore();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect((await download(again.body.renditions[0]?.url ?? '')).status).toBe(200);
  });

  it('is for one request: another body is 422', async () => {
    await declared(declarationOf(bytes), 'other');
    expect(await declared(declarationOf(bytes, { caption: 'Other' }), 'other')).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
  });

  it('is one person’s own', async () => {
    const first = await declared(declarationOf(bytes), 'own');
    const others = await bert.post<Handed>('/photos', declarationOf(bytes), key('own'));
    expect(others.status).toBe(201);
    expect(others.body.photo.id).not.toBe(first.body.photo.id);
  });

  it('lets one of two requests at once through', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => declared(declarationOf(bytes), 'at-once')),
    );
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ body }) => body.photo.id)).size).toBe(1);
    expect(done.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency-in-flight' } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });

  it('does not keep a failure: the corrected request may have it', async () => {
    expect((await declared(declarationOf(bytes, { visibility: 'secret' }), 'wrong')).status).toBe(422);
    expect((await declared(declarationOf(bytes), 'wrong')).status).toBe(201);
  });

  it.each(['', 'ü', 'x'.repeat(129)])('that is none is 400: "%s"', async (value) => {
    const headers = { 'idempotency-key': Buffer.from(value).toString('latin1') };
    expect(await alice.post('/photos', declarationOf(bytes), headers)).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key-invalid' },
    });
  });
});
