import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { beforeAll, describe, expect, it } from 'vitest';
import { MEDIA_BUCKET, objectsOf, s3 } from '../support/e2e/aws.ts';
import { aPerson, type Person } from '../support/e2e/person.ts';
import {
  aPicture,
  aReadyPhoto,
  aSlot,
  type PhotoView,
  photograph,
  postForm,
  settled,
  type Upload,
} from '../support/e2e/photos.ts';
import { pass } from '../support/e2e/stack.ts';

let alice: Person;
beforeAll(async () => {
  alice = await aPerson('alice');
});

describe('an upload form', () => {
  const bytes = photograph('locomotion-house-cat');
  let photo: PhotoView;
  let upload: Upload;
  beforeAll(async () => {
    ({ photo, upload } = await aSlot(alice, bytes));
  });

  const policyOf = (change: (policy: { expiration: string; conditions: unknown[] }) => void) => {
    const policy = JSON.parse(Buffer.from(upload.fields.Policy ?? '', 'base64').toString());
    change(policy);
    return Buffer.from(JSON.stringify(policy)).toString('base64');
  };
  const changedBytes = () => Buffer.from(bytes).fill(0x20, 1_000, 1_010);
  const own = async () => {
    const key = `originals/${photo.id}/own`;
    const { fields } = await createPresignedPost(s3, { Bucket: MEDIA_BUCKET, Key: key });
    return fields['X-Amz-Signature'];
  };

  type Tampered = [what: string, status: number, code: string, send: () => Promise<Response>];
  it.each<Tampered>([
    ['a longer body', 400, 'EntityTooLarge', () => postForm(upload, Buffer.concat([bytes, Buffer.alloc(1)]))],
    ['a shorter body', 400, 'EntityTooSmall', () => postForm(upload, bytes.subarray(1))],
    ['other bytes of the same length', 400, 'BadDigest', () => postForm(upload, changedBytes())],
    ['another type', 403, 'AccessDenied', () => postForm(upload, bytes, { 'Content-Type': 'text/html' })],
    ['no type', 403, 'AccessDenied', () => postForm(upload, bytes, { 'Content-Type': undefined })],
    [
      'another key',
      403,
      'AccessDenied',
      () => postForm(upload, bytes, { key: `originals/${photo.id}/other` }),
    ],
    [
      'another hash',
      403,
      'AccessDenied',
      () => postForm(upload, bytes, { 'x-amz-checksum-sha256': 'A'.repeat(43) }),
    ],
    [
      'no hash',
      403,
      'AccessDenied',
      () => postForm(upload, changedBytes(), { 'x-amz-checksum-sha256': undefined }),
    ],
    ['an extra field', 403, 'AccessDenied', () => postForm(upload, bytes, { acl: 'public-read' })],
    ['extra metadata', 403, 'AccessDenied', () => postForm(upload, bytes, { 'x-amz-meta-owner': 'bert' })],
    [
      'a policy with more time',
      403,
      'SignatureDoesNotMatch',
      () =>
        postForm(upload, bytes, {
          Policy: policyOf((policy) => (policy.expiration = '2099-01-01T00:00:00Z')),
        }),
    ],
    [
      'a policy without conditions',
      403,
      'SignatureDoesNotMatch',
      () => postForm(upload, bytes, { Policy: policyOf((policy) => policy.conditions.splice(0)) }),
    ],
    [
      'a signature of one’s own',
      403,
      'SignatureDoesNotMatch',
      async () => postForm(upload, bytes, { 'X-Amz-Signature': (await own()) ?? '' }),
    ],
    [
      'no signature',
      403,
      'SignatureDoesNotMatch',
      () => postForm(upload, bytes, { 'X-Amz-Signature': undefined }),
    ],
    ['no policy', 403, 'AccessDenied', () => postForm(upload, bytes, { Policy: undefined })],
  ])('with %s is refused: %i %s', async (_what, status, code, send) => {
    const answer = await send();
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
    expect(answer.status).toBe(status);
  });

  it('stores nothing that was refused, and takes the file as it was declared', async () => {
    expect(await objectsOf(photo.id)).toEqual([]);
    expect((await settled(alice, photo.id)).status).toBe('uploading');
    expect((await postForm(upload, bytes)).status).toBe(204);
    expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', bytes: bytes.length });
  });

  it('ends after 15 minutes', async () => {
    const late = await aPicture();
    const slot = await aSlot(alice, late);
    await pass(16);
    const answer = await postForm(slot.upload, late);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toMatch(/AccessDenied.*Policy expired/s);
    expect(await objectsOf(slot.photo.id)).toEqual([]);
    await alice.signInAgain();
  });
});

describe('the URL of a rendition', () => {
  let photo: PhotoView;
  let url: URL;
  const other = (change: (url: URL) => void) => {
    const changed = new URL(url);
    change(changed);
    return changed;
  };
  beforeAll(async () => {
    photo = await aReadyPhoto(alice);
    url = new URL(photo.renditions.find(({ name }) => name === 'small')?.url ?? '');
  });

  it('works for who has it, as a picture that may be kept', async () => {
    const { status, headers } = await fetch(url);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('image/webp');
    expect(headers.get('cache-control')).toBe('private, max-age=900, immutable');
  });

  type Tampered = [what: string, change: (url: URL) => void, method?: string];
  it.each<Tampered>([
    ['another object', (changed) => (changed.pathname = new URL(photo.renditions[2]?.url ?? '').pathname)],
    [
      'the original',
      (changed) => (changed.pathname = changed.pathname.replace(/renditions.*/, `originals/${photo.id}/x`)),
    ],
    ['more time', (changed) => changed.searchParams.set('X-Amz-Expires', '90000')],
    ['a later start', (changed) => changed.searchParams.set('X-Amz-Date', '20991122T000000Z')],
    ['another type', (changed) => changed.searchParams.set('response-content-type', 'text/html')],
    ['another signature', (changed) => changed.searchParams.set('X-Amz-Signature', 'a'.repeat(64))],
    ['no signature', (changed) => changed.searchParams.delete('X-Amz-Signature')],
    ['nothing signed at all', (changed) => (changed.search = '')],
    ['another token', (changed) => changed.searchParams.set('X-Amz-Security-Token', 'x')],
    ['HEAD', () => {}, 'HEAD'],
    ['PUT', () => {}, 'PUT'],
    ['DELETE', () => {}, 'DELETE'],
  ])('with %s is refused', async (_what, change, method = 'GET') => {
    const answer = await fetch(other(change), { method, ...(method === 'PUT' && { body: 'x' }) });
    expect([400, 403]).toContain(answer.status);
    expect(answer.headers.get('content-type') ?? '').not.toMatch(/^image/);
  });

  it('is the same for five minutes, so that it can be cached', async () => {
    const ask = async () => (await alice.get<PhotoView>(`/photos/${photo.id}`)).body.renditions[1]?.url;
    // The five minutes may be over between two of them.
    expect(new Set([await ask(), await ask(), await ask()]).size).toBeLessThanOrEqual(2);
  });

  it('ends after a quarter of an hour', async () => {
    await pass(16);
    const expired = await fetch(url);
    expect(expired.status).toBe(403);
    expect(await expired.text()).toMatch(/AccessDenied.*Request has expired/s);
    await alice.signInAgain();
    const fresh = await alice.get<PhotoView>(`/photos/${photo.id}`);
    expect((await fetch(fresh.body.renditions[0]?.url ?? '')).status).toBe(200);
  });
});

it('an original comes as an attachment of no particular type, whatever it is', async () => {
  const html = Buffer.concat([await aPicture(), Buffer.from('<script>alert(1)</script>')]);
  const { photo, upload } = await aSlot(alice, html, { contentType: 'image/png' });
  await postForm(upload, html);
  expect((await settled(alice, photo.id)).status).toBe('ready');
  const { status, headers } = await alice.get(`/photos/${photo.id}/original`);
  expect(status).toBe(302);
  expect(headers.get('cache-control')).toBe('private, no-store');
  const file = await fetch(headers.get('location') ?? '');
  expect(file.headers.get('content-type')).toBe('application/octet-stream');
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${photo.id}.png"`);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(html);
});
