import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Progress,
  UploadError,
  type UploadedPhoto,
  type UploadOptions,
  uploadPhoto,
  waitForPhoto,
} from '../../client/upload.ts';
import { aLargePicture, uploadsUnderWay } from '../support/e2e/parts.ts';
import { aPerson, later, type Person } from '../support/e2e/person.ts';
import { aPicture, type Listed, type PhotoView, settled } from '../support/e2e/photos.ts';
import { idsIn } from '../support/e2e/sight.ts';
import { stack } from '../support/e2e/stack.ts';

const MIB = 1024 * 1024;
const PARTS = 3;

let alice: Person;
beforeAll(async () => {
  alice = await aPerson('alice');
});

/** The numbers of the parts that S3 has taken. */
let taken: number[];
/** What the network does to a part on its way. */
let onPart: (partNumber: number) => unknown;
/** What happens before S3 gets a form. */
let onForm: (form: FormData) => unknown;
/** What the network does to the answer of a route. */
let onAnswer: (path: string, answer: Response) => Response | Promise<Response>;

beforeEach(() => {
  taken = [];
  onPart = () => undefined;
  onForm = () => undefined;
  onAnswer = (_path, answer) => answer;
  const { fetch } = globalThis;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { pathname, searchParams } = new URL(String(input));
    const part = searchParams.get('partNumber');
    if (part !== null) await onPart(Number(part));
    if (init?.body instanceof FormData) await onForm(init.body);
    const answer = await onAnswer(pathname, await fetch(input, init));
    if (part !== null && answer.ok) taken.push(Number(part));
    return answer;
  });
});
afterEach(() => vi.restoreAllMocks());

const blobOf = (bytes: Buffer) => new Blob([new Uint8Array(bytes)], { type: 'image/png' });
const aFile = async () => blobOf(await aLargePicture(17 * MIB));

const api = (): UploadOptions => ({
  api: stack.baseUrl,
  token: () => alice.accessToken,
  patience: { tries: 3, firstMs: 1 },
});

/** An upload that is ended with a reason of its own. */
function endable(changes: Partial<UploadOptions> = {}) {
  const controller = new AbortController();
  const options = { ...api(), signal: controller.signal, ...changes };
  return { options, end: () => controller.abort(new Error('changed my mind')) };
}

/** What is behind an upload that was aborted is done when it is. */
const eventually = (expected: () => Promise<void>) => vi.waitFor(expected, { timeout: 10_000, interval: 50 });

async function latest(): Promise<PhotoView> {
  const { body } = await alice.get<Listed<PhotoView>>('/me/photos?limit=1');
  return body.items[0] as PhotoView;
}

const lost = () => {
  throw new TypeError('fetch failed');
};

describe('the client', () => {
  it('sends a large file in parts, and tells how far it is', async () => {
    const told: Progress[] = [];
    const file = await aFile();
    const { photo, outcome } = await uploadPhoto(file, {
      ...api(),
      described: { caption: 'A day out', tags: ['sea'], visibility: undefined, locationPrecision: 'city' },
      onProgress: (progress) => told.push(progress),
    });
    expect([photo.status, outcome]).toEqual(['processing', 'uploaded']);
    expect(taken.sort()).toEqual([1, 2, 3]);
    expect(await settled(alice, photo.id)).toMatchObject({
      status: 'ready',
      caption: 'A day out',
      tags: ['sea'],
      visibility: 'public',
      locationPrecision: 'city',
    });
    for (const phase of ['hashing', 'sending']) {
      const bytes = told.flatMap((each) => (each.phase === phase && 'bytes' in each ? each.bytes : []));
      expect(bytes).toEqual(bytes.toSorted((one, other) => one - other));
      expect(bytes.at(-1)).toBe(file.size);
    }
  });

  it('sends a small file by a form', async () => {
    const { photo } = await uploadPhoto(blobOf(await aPicture()), api());
    expect(taken).toEqual([]);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('does not send what was handed in before', async () => {
    const file = await aFile();
    const first = await uploadPhoto(file, api());
    taken = [];
    const again = await uploadPhoto(file, api());
    expect(again).toMatchObject({ photo: { id: first.photo.id }, outcome: 'duplicate', trashed: false });
    expect(taken).toEqual([]);
    expect((await alice.delete(`/photos/${first.photo.id}`)).status).toBe(204);
    expect(await uploadPhoto(file, api())).toMatchObject({ outcome: 'duplicate', trashed: true });
  });

  it('tells of a photo once it is declared, and waits until it is ready', async () => {
    const told: UploadedPhoto[] = [];
    const onPhoto = (photo: UploadedPhoto) => told.push(photo);
    const { photo } = await uploadPhoto(blobOf(await aPicture()), { ...api(), onPhoto });
    expect(told).toMatchObject([{ id: photo.id, status: 'uploading', renditions: [] }]);
    const ready = await waitForPhoto(photo.id, api());
    expect(ready).toMatchObject({ status: 'ready', width: 24, height: 16 });
    expect(ready.placeholder?.color).toMatch(/^#/);
    expect(ready.renditions.map(({ name }) => name)).toContain('small');
  });

  it('waits until a file that is no picture is rejected', async () => {
    const noPicture = new Blob([crypto.getRandomValues(new Uint8Array(1_000))], { type: 'image/jpg' });
    const { photo } = await uploadPhoto(noPicture, api());
    expect(await waitForPhoto(photo.id, api())).toMatchObject({
      status: 'rejected',
      rejection: { code: 'unsupported-format' },
    });
  });

  it('tries again what the network lost, and what the server was too busy for', async () => {
    const failing = new Map([
      [1, 2],
      [3, 1],
    ]);
    onPart = (part) => {
      const times = failing.get(part) ?? 0;
      failing.set(part, times - 1);
      if (times > 0) lost();
    };
    let busy = 2;
    onAnswer = (path, answer) =>
      path.endsWith('/complete') && busy-- > 0 ? new Response('{"code":"busy"}', { status: 503 }) : answer;
    const { photo } = await uploadPhoto(await aFile(), api());
    expect(taken).toHaveLength(PARTS);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('gives up what stays lost, and sends only the rest when it is called again', async () => {
    onPart = async (part) => {
      if (part !== 3) return;
      await vi.waitUntil(() => taken.length === 2);
      lost();
    };
    const file = await aFile();
    await expect(uploadPhoto(file, api())).rejects.toThrow('fetch failed');
    const { status, id } = await latest();
    expect(status).toBe('uploading');
    onPart = () => undefined;
    const { photo, outcome } = await uploadPhoto(file, api());
    expect([photo.id, outcome]).toEqual([id, 'resumed']);
    expect(taken.slice(2)).toEqual([3]);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('begins anew where the upload has ended meanwhile', async () => {
    let ended: PhotoView | undefined;
    const file = await aFile();
    onAnswer = (path, answer) => {
      if (!path.endsWith('/upload/parts') || ended !== undefined) return answer;
      ended = { id: path.split('/')[2] } as PhotoView;
      return new Response('{"code":"upload-expired"}', { status: 410 });
    };
    const { photo } = await uploadPhoto(file, api());
    expect(ended?.id).toBeDefined();
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('asks for another form where that of the first 15 minutes is over', async () => {
    let forms = 0;
    onForm = async () => {
      forms += 1;
      if (forms === 1) await later(16, alice);
    };
    const { photo, outcome } = await uploadPhoto(blobOf(await aPicture()), api());
    expect([forms, outcome]).toEqual([2, 'uploaded']);
    expect((await settled(alice, photo.id)).status).toBe('ready');
  });

  it('gives the upload up when it is aborted, on the server too', async () => {
    const { options, end } = endable();
    onPart = (part) => {
      if (part === 2) end();
    };
    await expect(uploadPhoto(await aFile(), options)).rejects.toThrow('changed my mind');
    await eventually(async () => {
      const photo = await latest();
      expect(photo.status).toBe('expired');
      expect(await uploadsUnderWay(photo)).toBe(0);
    });
  });

  it('keeps an upload that is only paused, and resumes it', async () => {
    const { options, end } = endable({ onAbort: 'keep' });
    onPart = async (part) => {
      if (part !== 3) return;
      await vi.waitUntil(() => taken.length === 2);
      end();
    };
    const file = await aFile();
    await expect(uploadPhoto(file, options)).rejects.toThrow('changed my mind');
    const paused = await latest();
    expect(paused.status).toBe('uploading');
    onPart = () => undefined;
    const { photo, outcome } = await uploadPhoto(file, api());
    expect([photo.id, outcome]).toEqual([paused.id, 'resumed']);
    expect(taken.slice(2)).toEqual([3]);
  });

  it('puts a photo into the trash that it has sent when it is aborted, by a form or in parts', async () => {
    for (const file of [blobOf(await aPicture()), await aFile()]) {
      const { options, end } = endable();
      let arrivedId = '';
      onAnswer = async (path, answer) => {
        const [, photoId = ''] = /^\/photos\/(\w+)(\/upload\/complete)?$/.exec(path) ?? [];
        if (arrivedId === '' && photoId !== '') {
          arrivedId = photoId;
          await stack.idle();
          end();
        }
        return answer;
      };
      await expect(uploadPhoto(file, options)).rejects.toThrow('changed my mind');
      await eventually(async () => expect(await idsIn(alice, '/me/trash')).toContain(arrivedId));
      expect((await alice.post(`/photos/${arrivedId}/restore`)).status).toBe(200);
      expect((await settled(alice, arrivedId)).status).toBe('ready');
    }
  });

  it('says what the API has against it', async () => {
    const refused = uploadPhoto(blobOf(await aPicture()), { ...api(), described: { tags: ['no good'] } });
    await expect(refused).rejects.toThrow(UploadError);
    await expect(refused).rejects.toMatchObject({ status: 422, code: 'invalid-request', by: 'API' });
    await expect(refused).rejects.toThrow('(/tags/0: Expected 1 to 50 letters');
  });

  it('says what S3 has against it', async () => {
    const file = blobOf(await aPicture());
    onForm = (form) => form.set('file', new Blob([file, 'and more than was declared']));
    await expect(uploadPhoto(file, api())).rejects.toMatchObject({
      by: 'S3',
      status: 400,
      code: 'EntityTooLarge',
      message: expect.stringMatching(/^S3 answered 400 EntityTooLarge: Your proposed upload exceeds/),
    });
  });
});
