import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Progress, UploadError, uploadPhoto } from '../../client/upload.ts';
import { aLargePicture, uploadsUnderWay } from '../support/e2e/parts.ts';
import { aPerson, type Person } from '../support/e2e/person.ts';
import { aPicture, type Listed, type PhotoView, settled } from '../support/e2e/photos.ts';
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
/** What the network does to the answer of a route. */
let onAnswer: (path: string, answer: Response) => Response;

beforeEach(() => {
  taken = [];
  onPart = () => undefined;
  onAnswer = (_path, answer) => answer;
  const { fetch } = globalThis;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { pathname, searchParams } = new URL(String(input));
    const part = searchParams.get('partNumber');
    if (part !== null) await onPart(Number(part));
    const answer = onAnswer(pathname, await fetch(input, init));
    if (part !== null && answer.ok) taken.push(Number(part));
    return answer;
  });
});
afterEach(() => vi.restoreAllMocks());

const blobOf = (bytes: Buffer) => new Blob([new Uint8Array(bytes)], { type: 'image/png' });
const aFile = async () => blobOf(await aLargePicture(17 * MIB));

const api = () => ({
  api: stack.baseUrl,
  token: () => alice.accessToken,
  patience: { tries: 3, firstMs: 1 },
});

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
    const { photo, duplicate } = await uploadPhoto(file, {
      ...api(),
      described: { caption: 'A day out', tags: ['sea'] },
      onProgress: (progress) => told.push(progress),
    });
    expect([photo.status, duplicate]).toEqual(['processing', false]);
    expect(taken.sort()).toEqual([1, 2, 3]);
    expect(await settled(alice, photo.id)).toMatchObject({
      status: 'ready',
      caption: 'A day out',
      tags: ['sea'],
    });
    for (const phase of ['hashing', 'sending']) {
      const bytes = told.filter((each) => each.phase === phase).map((each) => each.bytes);
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
    expect([again.photo.id, again.duplicate, taken]).toEqual([first.photo.id, true, []]);
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
    const { photo } = await uploadPhoto(file, api());
    expect(photo.id).toBe(id);
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

  it('gives the upload up when it is aborted, on the server too', async () => {
    const controller = new AbortController();
    onPart = (part) => {
      if (part === 2) controller.abort(new Error('changed my mind'));
    };
    const options = { ...api(), signal: controller.signal };
    await expect(uploadPhoto(await aFile(), options)).rejects.toThrow('changed my mind');
    const photo = await latest();
    expect(photo.status).toBe('expired');
    expect(await uploadsUnderWay(photo)).toBe(0);
  });

  it('says what the API has against it', async () => {
    const refused = uploadPhoto(blobOf(await aPicture()), { ...api(), described: { tags: ['no good'] } });
    await expect(refused).rejects.toThrow(UploadError);
    await expect(refused).rejects.toMatchObject({ status: 422, code: 'invalid-request', by: 'API' });
  });
});
