import { crc32, deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { putObject } from '../support/e2e/aws.ts';
import { type Answer, aPerson, type Person, type ProblemBody } from '../support/e2e/person.ts';
import {
  aPicture,
  aSlot,
  bodyOf,
  declarationOf,
  formOf,
  handIn,
  photograph,
  postForm,
  settled,
} from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

let alice: Person;
beforeAll(async () => {
  alice = await aPerson('alice');
});

const JPEG_START = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

/** A PNG whose header promises pixels that never come. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a file that turns out unusable', () => {
  const straight = async (bytes: Buffer) => {
    const { photo, upload } = await aSlot(alice, bytes);
    expect((await postForm(upload, bytes)).status).toBe(204);
    return photo.id;
  };
  /** S3 lets nothing else through a form than what was declared; an operator can store anything. */
  const instead = async (declared: Buffer, stored: Buffer) => {
    const { photo, upload } = await aSlot(alice, declared);
    await putObject(upload.fields.key as string, stored);
    return photo.id;
  };

  const cases: [code: string, send: () => Promise<string>, detail: RegExp][] = [
    ['unsupported-format', () => straight(Buffer.from('<html>not a photo</html>')), /JPEG, PNG, WebP/],
    [
      'corrupt-image',
      async () => (await handIn(alice, photograph('dust-bowl-home').subarray(0, 90_000))).id,
      /damaged/,
    ],
    ['too-many-pixels', async () => (await handIn(alice, hugePng(20_000, 20_000))).id, /400\.0 megapixels/],
    ['empty-file', async () => instead(await aPicture(), Buffer.alloc(0)), /empty/],
    ['checksum-mismatch', async () => instead(await aPicture(), await aPicture()), /announced/],
    ['too-large', async () => instead(await aPicture(), Buffer.alloc(200_000_001)), /200 MB/],
  ];

  it.each(cases)('is rejected as %s, and its owner is told once', async (code, send, detail) => {
    const photo = await settled(alice, await send());
    const rejection = { code, detail: expect.stringMatching(detail) };
    expect(photo).toMatchObject({ status: 'rejected', rejection, renditions: [], placeholder: null });
    const { body } = await alice.get<{ items: { photoId: string }[] }>('/notifications');
    const told = body.items.filter(({ photoId }) => photoId === photo.id);
    expect(told).toEqual([expect.objectContaining({ type: 'photo-rejected', rejection })]);
  });
});

describe('a request that cannot be taken', () => {
  const declared = declarationOf(Buffer.from('x'));
  const post = (body: Parameters<Person['post']>[1], type?: string) =>
    alice.post('/photos', body, type === undefined ? {} : { 'content-type': type });

  it.each<[what: string, status: number, code: string, send: () => Promise<Answer<ProblemBody>>]>([
    ['JSON that is none', 400, 'unparsable', () => post('{"bytes":')],
    ['a form that is none', 400, 'unparsable', () => post('hello', 'multipart/form-data; boundary=x')],
    ['an empty file in a form', 400, 'empty-file', () => post(formOf(Buffer.alloc(0)))],
    ['an empty file as the body', 400, 'empty-file', () => post(bodyOf(Buffer.alloc(0)))],
    ['a body that is too large', 413, 'too-large', () => post(bodyOf(padded(4_500_001)))],
    ['a form that is too large', 413, 'too-large', () => post(formOf(padded(4_500_001)))],
    ['text', 415, 'unsupported-media-type', () => post('hello', 'text/plain')],
    ['no content type', 415, 'unsupported-media-type', () => post(new Blob(['hello']))],
    [
      'text that is called an image',
      415,
      'unsupported-format',
      () => post(bodyOf(Buffer.from('hello, photograph'))),
    ],
    ['text in a form', 415, 'unsupported-format', () => post(formOf(Buffer.from('hello, photograph')))],
  ])('is %s: %i %s', async (_what, status, code, send) => {
    const answer = await send();
    expect(answer).toMatchObject({
      status,
      body: { status, code, instance: '/photos', type: `/problems/${code}` },
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('is told what would do instead', async () => {
    expect((await post('hello', 'text/plain')).headers.get('accept')).toBe(
      'application/json, multipart/form-data, image/*',
    );
  });

  it('is one over what Lambda takes: API Gateway answers by itself', async () => {
    const answer = await post(bodyOf(padded(5_000_000)));
    expect(answer).toMatchObject({ status: 413, body: { message: 'Request Entity Too Large' } });
  });

  it.each<[pointer: string, send: () => Promise<Answer<ProblemBody>>]>([
    ['/bytes', () => post({ ...declared, bytes: 0 })],
    ['/bytes', () => post({ ...declared, bytes: 200_000_001 })],
    ['/bytes', () => post({ ...declared, bytes: undefined })],
    ['/contentType', () => post({ ...declared, contentType: 'image/tiff' })],
    ['/sha256', () => post({ ...declared, sha256: 'abc' })],
    ['/caption', () => post({ ...declared, caption: 'x'.repeat(2_201) })],
    ['/tags/1', () => post({ ...declared, tags: ['sea', 'two words'] })],
    ['/tags', () => post({ ...declared, tags: Array.from({ length: 31 }, (_, n) => `t${n}`) })],
    ['/visibility', () => post({ ...declared, visibility: 'secret' })],
    ['/ownerId', () => post({ ...declared, ownerId: alice.userId })],
    ['/file', () => post(withoutFile())],
    ['/visibility', () => post(formOf(JPEG_START, { visibility: 'secret' }))],
    ['/ownerId', () => post(formOf(JPEG_START, { ownerId: alice.userId }))],
    ['/visibility', () => alice.post('/photos?visibility=secret', bodyOf(JPEG_START))],
    ['/owner~1Id', () => alice.post('/photos?owner%2FId=x', bodyOf(JPEG_START))],
  ])('has a field that cannot be used: 422 with %s', async (pointer, send) => {
    expect(await send()).toMatchObject({
      status: 422,
      body: { code: 'invalid-request', errors: [{ pointer, detail: expect.any(String) }] },
    });
  });

  it('leaves nothing behind', async () => {
    await stack.idle();
    const bert = await aPerson('bert');
    await bert.post('/photos', formOf(Buffer.from('hello, photograph')));
    expect((await bert.get('/me/photos')).body).toEqual({ items: [], nextCursor: null });
  });
});

function padded(length: number): Buffer {
  return Buffer.concat([JPEG_START, Buffer.alloc(length - JPEG_START.length)]);
}

function withoutFile(): FormData {
  const form = new FormData();
  form.set('caption', 'Nothing');
  return form;
}
