import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { objectsOf } from '../support/e2e/aws.ts';
import {
  aLargePicture,
  arrived,
  aSlotInParts,
  askFor,
  complete,
  cut,
  putPart,
  sendParts,
  signed,
  type UploadInParts,
  uploadsUnderWay,
} from '../support/e2e/parts.ts';
import { anonymous, later, type Person, type ProblemBody, people } from '../support/e2e/person.ts';
import {
  aPicture,
  aSlot,
  declarationOf,
  download,
  formOf,
  type Handed,
  type PhotoView,
  settled,
  sha256Of,
} from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

const MIB = 1024 * 1024;

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
});

let file: Buffer;
let photo: PhotoView;
let upload: UploadInParts;

/** Two parts, of 8 and 1 MiB. */
async function begun(): Promise<void> {
  await alice.signInAgain();
  file = await aLargePicture(9 * MIB);
  ({ photo, upload } = await aSlotInParts(alice, file));
}

describe('a file that comes in parts', () => {
  it('is whole once all parts are there, in whatever order they came', async () => {
    file = await aLargePicture(20 * MIB);
    ({ photo, upload } = await aSlotInParts(alice, file));
    expect(upload).toMatchObject({ method: 'PUT', partBytes: 8 * MIB, parts: 3 });
    await sendParts(alice, photo, file, upload, 3, 1, 2);
    expect(await arrived(alice, photo)).toEqual(
      [1, 2, 3].map((partNumber) => {
        const bytes = cut(file, upload, partNumber);
        return { partNumber, bytes: bytes.length, sha256: sha256Of(bytes) };
      }),
    );
    const { status, headers, body } = await complete(alice, photo);
    expect([status, body.photo.status]).toEqual([202, 'processing']);
    expect([headers.get('location'), headers.get('retry-after')]).toEqual([`/photos/${photo.id}`, '1']);
    expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', format: 'png', bytes: 20 * MIB });
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect(await objectsOf(photo.id)).toHaveLength(7);
    const original = await alice.get(`/photos/${photo.id}/original`);
    expect((await download(original.headers.get('location') ?? '')).body.equals(file)).toBe(true);
  });

  it('may be small', async () => {
    const picture = await aPicture();
    ({ photo, upload } = await aSlotInParts(alice, picture));
    expect(upload.parts).toBe(1);
    await sendParts(alice, photo, picture, upload, 1);
    await complete(alice, photo);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('is rejected where the whole is not what was declared', async () => {
    const declared = await aLargePicture(9 * MIB);
    const other = await aLargePicture(9 * MIB);
    ({ photo, upload } = await aSlotInParts(alice, declared));
    await sendParts(alice, photo, other, upload, 1, 2);
    expect((await complete(alice, photo)).status).toBe(202);
    expect(await settled(alice, photo.id)).toMatchObject({
      status: 'rejected',
      rejection: { code: 'checksum-mismatch' },
    });
  });

  it('is resumed by whoever has only the file left', async () => {
    await begun();
    await sendParts(alice, photo, file, upload, 2);
    const again = await alice.post<Handed>('/photos', declarationOf(file, { multipart: true }));
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      photo: { id: photo.id, status: 'uploading' },
      duplicate: true,
      upload: { method: 'PUT', partBytes: upload.partBytes, parts: 2 },
    });
    expect((await arrived(alice, photo)).map(({ partNumber }) => partNumber)).toEqual([2]);
    await sendParts(alice, photo, file, upload, 1);
    await complete(alice, photo);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('may come by a form or through the API after all, and leaves no parts behind', async () => {
    await begun();
    await sendParts(alice, photo, file, upload, 1);
    const form = await alice.post<Handed>('/photos', declarationOf(file));
    expect(form.body).toMatchObject({ photo: { id: photo.id }, upload: { method: 'POST' } });

    const picture = await aPicture();
    const slot = await aSlotInParts(alice, picture);
    await sendParts(alice, slot.photo, picture, slot.upload, 1);
    expect((await alice.post<Handed>('/photos', formOf(picture))).body.photo.id).toBe(slot.photo.id);
    expect((await settled(alice, slot.photo.id)).status).toBe('ready');
    expect(await uploadsUnderWay(slot.photo)).toBe(0);
  });

  it('is the same upload for the same Idempotency-Key, and completed once', async () => {
    file = await aLargePicture(9 * MIB);
    const key = { 'idempotency-key': 'one-upload' };
    const declare = () => alice.post<Handed>('/photos', declarationOf(file, { multipart: true }), key);
    const [first, second] = [await declare(), await declare()];
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toMatchObject({
      photo: { id: first.body.photo.id },
      upload: { method: 'PUT', parts: 2 },
    });
    photo = first.body.photo;
    await sendParts(alice, photo, file, first.body.upload as UploadInParts, 1, 2);
    const finish = () =>
      alice.post<{ photo: PhotoView }>(`/photos/${photo.id}/upload/complete`, undefined, {
        'idempotency-key': 'its-end',
      });
    expect((await finish()).status).toBe(202);
    expect((await settled(alice, photo.id)).status).toBe('ready');
    const replayed = await finish();
    expect([replayed.status, replayed.body.photo.status]).toEqual([202, 'ready']);
    expect(replayed.body).not.toHaveProperty('upload');
  });
});

describe('the URL of a part', () => {
  beforeEach(begun);

  it('takes exactly the bytes that it was signed for', async () => {
    const [first, second] = await signed(alice, photo, file, upload, 1, 2);
    if (!first || !second) throw new Error('Expected two URLs');
    const [one, two] = [cut(file, upload, 1), cut(file, upload, 2)];
    const other = Buffer.from(two).fill(0, 0, 1);
    expect(first).toMatchObject({ partNumber: 1, bytes: one.length });
    expect(second).toMatchObject({ partNumber: 2, bytes: two.length });
    const refused = {
      'other bytes': await putPart(second, other),
      'more bytes': await putPart(second, Buffer.concat([two, two])),
      'fewer bytes': await putPart(second, two.subarray(1)),
      'another part': await putPart(
        { ...second, url: second.url.replace('partNumber=2', 'partNumber=1') },
        two,
      ),
      'no hash': await putPart({ ...second, headers: {} }, two),
      'the hash of the other bytes': await putPart(
        { ...second, headers: { 'x-amz-checksum-sha256': sha256Of(other) } },
        other,
      ),
    };
    for (const [what, { status }] of Object.entries(refused)) {
      expect([what, status >= 400 && status < 500]).toEqual([what, true]);
    }
    expect(await arrived(alice, photo)).toEqual([]);
    expect((await putPart(second, two)).status).toBe(200);
  });

  it('ends after an hour, and another one is to be had', async () => {
    const [part] = await signed(alice, photo, file, upload, 2);
    if (!part) throw new Error('Expected a URL');
    const bytes = cut(file, upload, 2);
    await later(50, alice);
    await signed(alice, photo, file, upload, 1);
    await later(11, alice);
    expect((await putPart(part, bytes)).status).toBe(403);
    await sendParts(alice, photo, file, upload, 2);
  });

  it('is refused for parts that the file does not have', async () => {
    const asked = { parts: [...askFor(file, upload, 2).parts, { partNumber: 3, sha256: sha256Of(file) }] };
    const { status, body } = await alice.post(`/photos/${photo.id}/upload/parts`, asked);
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { pointer: '/parts/1/partNumber', detail: expect.stringMatching(/1 to 2.*received 3/) },
    ]);
  });

  it.each([
    [
      '51 parts',
      Array.from({ length: 51 }, () => ({ partNumber: 1, sha256: sha256Of(Buffer.of()) })),
      '/parts',
    ],
    ['a hash in hexadecimal', [{ partNumber: 1, sha256: 'ab'.repeat(32) }], '/parts/0/sha256'],
    ['a negative number', [{ partNumber: -1, sha256: sha256Of(Buffer.of()) }], '/parts/0/partNumber'],
  ])('is refused with 422 for %s', async (_what, parts, pointer) => {
    const { status, body } = await alice.post(`/photos/${photo.id}/upload/parts`, { parts });
    expect([status, body.errors?.map((error) => error.pointer)]).toEqual([422, [pointer]]);
  });
});

/** Everything that can be asked about an upload. */
const ROUTES = {
  'POST parts': (person, id) =>
    person.post(`/photos/${id}/upload/parts`, { parts: [{ partNumber: 1, sha256: sha256Of(file) }] }),
  'GET parts': (person, id) => person.get(`/photos/${id}/upload/parts`),
  'POST complete': (person, id) => person.post(`/photos/${id}/upload/complete`),
  'DELETE upload': (person, id) => person.delete(`/photos/${id}/upload`),
} satisfies Record<string, (person: Pick<Person, 'post' | 'get' | 'delete'>, id: string) => unknown>;

type Asked = { readonly status: number; readonly body: ProblemBody | undefined };

/** What each of them answers, in short. */
async function answersOf(person: Pick<Person, 'post' | 'get' | 'delete'>, id: string) {
  const answers: Record<string, string> = {};
  for (const [name, ask] of Object.entries(ROUTES)) {
    const { status, body } = (await ask(person, id)) as Asked;
    answers[name] = [status, body?.code].filter(Boolean).join(' ');
  }
  return answers;
}

const all = (answer: string) => Object.fromEntries(Object.keys(ROUTES).map((name) => [name, answer]));

describe('an upload', () => {
  beforeEach(begun);

  it('is its owner’s alone, and nobody else learns of it', async () => {
    await bert.signInAgain();
    await sendParts(alice, photo, file, upload, 1);
    expect(await answersOf(bert, photo.id)).toEqual(all('404 not-found'));
    expect(await answersOf(anonymous, photo.id)).toEqual(all('401'));
    expect(await answersOf(alice, 'not-an-id')).toEqual(all('404 not-found'));
    await alice.patch(`/photos/${photo.id}`, { visibility: 'public' });
    expect(await answersOf(bert, photo.id)).toEqual(all('404 not-found'));
    expect(await arrived(alice, photo)).toHaveLength(1);
  });

  it('cannot be completed before all parts are there', async () => {
    await sendParts(alice, photo, file, upload, 2);
    const { status, body } = await complete<ProblemBody & { missing: number[] }>(alice, photo);
    expect([status, body.code, body.missing]).toEqual([409, 'upload-incomplete', [1]]);
    expect((await alice.get<PhotoView>(`/photos/${photo.id}`)).body.status).toBe('uploading');
  });

  it('is completed once, however often and however many ask', async () => {
    await sendParts(alice, photo, file, upload, 1, 2);
    const answers = await Promise.all(Array.from({ length: 4 }, () => complete(alice, photo)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect((await settled(alice, photo.id)).status).toBe('ready');
    const { status, body } = await complete(alice, photo);
    expect([status, body.photo.status]).toEqual([202, 'ready']);
    expect(await objectsOf(photo.id)).toHaveLength(7);
    expect(await answersOf(alice, photo.id)).toEqual({ ...all('409 not-uploading'), 'POST complete': '202' });
  });

  it('is given up by DELETE, as often as asked, and what has come of it goes', async () => {
    const [late] = await signed(alice, photo, file, upload, 2);
    await sendParts(alice, photo, file, upload, 1);
    expect((await alice.delete(`/photos/${photo.id}/upload`)).status).toBe(204);
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect((await alice.delete(`/photos/${photo.id}/upload`)).status).toBe(204);
    expect((await putPart(late as never, cut(file, upload, 2))).status).toBe(404);
    expect((await settled(alice, photo.id)).status).toBe('expired');
    expect(await answersOf(alice, photo.id)).toEqual({
      ...all('410 upload-expired'),
      'DELETE upload': '204',
    });
    const again = await aSlotInParts(alice, file);
    expect(again.photo.id).not.toBe(photo.id);
    expect(await arrived(alice, again.photo)).toEqual([]);
  });

  it('expires with its parts where nothing is heard of it for an hour', async () => {
    await sendParts(alice, photo, file, upload, 1);
    await later(58, alice);
    expect(await uploadsUnderWay(photo)).toBe(1);
    await later(3, alice);
    expect((await settled(alice, photo.id)).status).toBe('expired');
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect((await complete<ProblemBody>(alice, photo)).body.code).toBe('upload-expired');
  });

  it('ends with its parts when the photo goes to the trash, from where it comes back without', async () => {
    await sendParts(alice, photo, file, upload, 1);
    expect((await alice.delete(`/photos/${photo.id}`)).status).toBe(204);
    await stack.idle();
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect(await answersOf(alice, photo.id)).toMatchObject({ 'POST complete': '410 upload-expired' });
    expect((await alice.post<PhotoView>(`/photos/${photo.id}/restore`)).body.status).toBe('expired');
  });

  it('goes with a photo that is deleted for good', async () => {
    await sendParts(alice, photo, file, upload, 1);
    await alice.delete(`/photos/${photo.id}`);
    expect((await alice.delete(`/me/trash/${photo.id}`)).status).toBe(204);
    await stack.idle();
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect(await objectsOf(photo.id)).toEqual([]);
    expect(await answersOf(alice, photo.id)).toEqual(all('404 not-found'));
  });

  it('by a form has no parts, but can be given up too', async () => {
    const slot = await aSlot(alice, await aPicture());
    expect(await answersOf(alice, slot.photo.id)).toEqual({
      ...all('409 not-in-parts'),
      'DELETE upload': '204',
    });
    expect((await settled(alice, slot.photo.id)).status).toBe('expired');
  });
});

it('at most 100 files of a person are waited for at once', async () => {
  const [carol] = await people('carol');
  const declare = (n: number) => carol.post('/photos', declarationOf(Buffer.from(`${carol.userId} ${n}`)));
  for (let n = 0; n < 100; n += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => declare(n + index)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  }
  const { status, headers, body } = await declare(100);
  expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too-many-uploads', '60']);
});
