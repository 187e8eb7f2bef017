import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';
import { etagOfPhoto, plainBucket } from './plain-bucket.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const { get, put, read } = plainBucket(() => stand.s3);

describe('keys', () => {
  test.each([
    'a b',
    'a+b',
    'a%2Fb',
    'a%20b',
    'a//b',
    '/a',
    'a/',
    '../a',
    'a/../b',
    './a',
    'a/./b',
    'a\nb',
    'a\r\nb',
    'ü/ä.jpg',
    '😀/👩‍👩‍👧.jpg',
    "!'()*~-_.",
    ':@&=$,;?#[]{}^`|"<>\\',
    'a?versionId=b',
    'constructor',
    '__proto__',
    'x'.repeat(1024),
  ])('%j comes back as it went in', async (key) => {
    await put(key, key);
    expect(await read(key)).toBe(key);
    await stand.s3.send(
      new CopyObjectCommand({ Bucket: 'media', Key: key, CopySource: `plain/${encodeURIComponent(key)}` }),
    );
    expect((await stand.s3.send(new HeadObjectCommand({ Bucket: 'media', Key: key }))).ContentLength).toBe(
      Buffer.byteLength(key),
    );
    await stand.s3.send(new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects: [{ Key: key }] } }));
    await expect(get(key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('any text is a key', async () => {
    const scalar = fc.integer({ min: 1, max: 0x10ffff }).filter((code) => code < 0xd800 || code > 0xdfff);
    const text = fc
      .array(scalar, { minLength: 1, maxLength: 20 })
      .map((codes) => String.fromCodePoint(...codes));
    await fc.assert(
      fc.asyncProperty(text, async (key) => {
        await put(key, key);
        expect(await read(key)).toBe(key);
      }),
      { numRuns: 30 },
    );
  });

  test('a key of more than 1024 bytes is refused', async () => {
    await expect(put('ü'.repeat(513))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });
});

describe('what an object keeps', () => {
  test('type, caching, disposition, encoding, language, expiry and metadata', async () => {
    const kept = {
      ContentType: 'image/jpeg',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.jpg"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { 'correlation-id': 'abc', camera: 'X-T5' },
    };
    await put('kept', 'photo', { ...kept, Expires: new Date('2030-01-01T00:00:00Z') });
    const object = await get('kept');
    expect(object).toMatchObject({ ...kept, ETag: etagOfPhoto, ContentLength: 5, AcceptRanges: 'bytes' });
    expect(object.ExpiresString).toBe('Tue, 01 Jan 2030 00:00:00 GMT');
    expect(object.ServerSideEncryption).toBe('AES256');
    expect(object.VersionId).toBeUndefined();
    expect(object.LastModified?.getTime()).toBeCloseTo(Date.now(), -5);
    await expect(
      stand.s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'kept' })),
    ).resolves.toMatchObject(kept);
  });

  test('without a type it is binary/octet-stream', async () => {
    await fetchSigned('untyped');
    expect((await get('untyped')).ContentType).toBe('binary/octet-stream');
  });

  test('an empty object is an object', async () => {
    await put('empty', '');
    expect(await get('empty')).toMatchObject({
      ContentLength: 0,
      ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
    });
  });

  test('a read may override what the answer says', async () => {
    await put('override', 'photo', { ContentType: 'image/jpeg' });
    const object = await get('override', {
      ResponseContentType: 'application/octet-stream',
      ResponseContentDisposition: 'attachment; filename="\u00fc b.jpg"',
      ResponseCacheControl: 'no-store',
    });
    expect(object).toMatchObject({ ContentType: 'application/octet-stream', CacheControl: 'no-store' });
  });

  test.each(['attachment; filename="😀.jpg"', 'a\r\nset-cookie: b'])(
    'a read may not override with %j, which no header can hold',
    async (ResponseContentDisposition) => {
      await put('override');
      await expect(get('override', { ResponseContentDisposition })).rejects.toMatchObject({
        name: 'InvalidArgument',
      });
    },
  );

  test.each([
    ['user metadata above 2 KB', { Metadata: { a: 'x'.repeat(2048) } }, 'MetadataTooLarge'],
    ['an unknown storage class', { StorageClass: 'WARM' as 'STANDARD' }, 'InvalidStorageClass'],
    ['an access list', { ACL: 'public-read' as const }, 'AccessControlListNotSupported'],
    ['an object lock', { ObjectLockMode: 'GOVERNANCE' as const }, 'InvalidRequest'],
    ['eleven tags', { Tagging: Array.from({ length: 11 }, (_, n) => `t${n}=v`).join('&') }, 'BadRequest'],
    ['a tag twice', { Tagging: 'a=1&a=2' }, 'InvalidTag'],
  ])('%s is refused', async (_what, more, code) => {
    await expect(put('refused', 'photo', more)).rejects.toMatchObject({ name: code });
    await expect(get('refused')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

/** A PutObject without the headers that the SDK adds on its own. */
async function fetchSigned(key: string): Promise<void> {
  const bare = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  bare.middlewareStack.add(
    (next) => (args) => {
      delete (args.request as { headers: Record<string, string> }).headers['content-type'];
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  await bare.send(new PutObjectCommand({ Bucket: 'plain', Key: key, Body: 'photo' }));
}

test('attributes tell size, tag, class and checksum', async () => {
  await put('attributes', 'photo', { ChecksumAlgorithm: 'SHA256' });
  const attributes = await stand.s3.send(
    new GetObjectAttributesCommand({
      Bucket: 'plain',
      Key: 'attributes',
      ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass', 'ObjectParts'],
    }),
  );
  expect(attributes).toMatchObject({
    ETag: etagOfPhoto.replaceAll('"', ''),
    ObjectSize: 5,
    StorageClass: 'STANDARD',
    Checksum: { ChecksumType: 'FULL_OBJECT', ChecksumSHA256: expect.any(String) },
  });
});

test('a bucket outside the stack does not exist', async () => {
  const command = new GetObjectCommand({ Bucket: 'nowhere', Key: 'a' });
  await expect(stand.s3.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
