import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const put = (Key: string, Body = 'photo', more: Partial<PutObjectCommandInput> = {}) =>
  stand.s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body, ...more }));
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  stand.s3.send(new GetObjectCommand({ Bucket: 'plain', Key, ...more }));
const read = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body?.transformToString();

/** md5 of "photo" */
const etag = '"5ae0c1c8a5260bc7b6648f6fbd115c35"';

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
    expect(object).toMatchObject({ ...kept, ETag: etag, ContentLength: 5, AcceptRanges: 'bytes' });
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

describe('ranges', () => {
  beforeAll(() => put('digits', '0123456789'));

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('%s gives %s', async (Range, body, ContentRange) => {
    const object = await get('digits', { Range });
    expect(object).toMatchObject({ ContentRange, ContentLength: body.length });
    expect(object.$metadata.httpStatusCode).toBe(206);
    expect(await object.Body?.transformToString()).toBe(body);
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    await expect(get('digits', { Range })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  test.each(['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes='])(
    '%s asks for everything',
    async (Range) => {
      const object = await get('digits', { Range });
      expect(object.$metadata.httpStatusCode).toBe(200);
      expect(await object.Body?.transformToString()).toBe('0123456789');
    },
  );

  test('a head tells the length of the range', async () => {
    const head = await stand.s3.send(
      new HeadObjectCommand({ Bucket: 'plain', Key: 'digits', Range: 'bytes=0-3' }),
    );
    expect(head.ContentLength).toBe(4);
  });
});

describe('conditions', () => {
  const past = new Date('2020-01-01T00:00:00Z');
  const future = new Date('2040-01-01T00:00:00Z');
  beforeAll(() => put('conditional'));

  test.each([
    ['If-Match that holds', { IfMatch: etag }, 200],
    ['If-Match *', { IfMatch: '*' }, 200],
    ['If-Match that fails', { IfMatch: '"other"' }, 412],
    ['If-None-Match that fails', { IfNoneMatch: etag }, 304],
    ['If-None-Match that holds', { IfNoneMatch: '"other"' }, 200],
    ['If-Modified-Since that holds', { IfModifiedSince: past }, 200],
    ['If-Modified-Since that fails', { IfModifiedSince: future }, 304],
    ['If-Unmodified-Since that holds', { IfUnmodifiedSince: future }, 200],
    ['If-Unmodified-Since that fails', { IfUnmodifiedSince: past }, 412],
    ['If-Match over If-Unmodified-Since', { IfMatch: etag, IfUnmodifiedSince: past }, 200],
    ['If-None-Match over If-Modified-Since', { IfNoneMatch: '"other"', IfModifiedSince: future }, 200],
  ])('a read with %s', async (_what, condition, status) => {
    const answer = get('conditional', condition).then(
      ({ $metadata }) => $metadata.httpStatusCode,
      (error) => error.$metadata.httpStatusCode,
    );
    expect(await answer).toBe(status);
  });

  test('of twenty racing If-None-Match writes one wins', async () => {
    const writes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => put('race', `writer ${n}`, { IfNoneMatch: '*' })),
    );
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const write of writes) {
      if (write.status === 'rejected') expect(write.reason.name).toBe('PreconditionFailed');
    }
    const winner = writes.findIndex(({ status }) => status === 'fulfilled');
    expect(await read('race')).toBe(`writer ${winner}`);
  });

  test('an If-Match write replaces only what it knows', async () => {
    const first = await put('known', 'one');
    await put('known', 'two', { IfMatch: first.ETag });
    await expect(put('known', 'three', { IfMatch: first.ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put('unknown', 'one', { IfMatch: first.ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('known')).toBe('two');
  });
});

describe('copies', () => {
  const copy = (Key: string, source: string, more = {}) =>
    stand.s3.send(new CopyObjectCommand({ Bucket: 'plain', Key, CopySource: `plain/${source}`, ...more }));
  beforeAll(() => put('source', 'photo', { ContentType: 'image/png', Metadata: { a: '1' }, Tagging: 't=v' }));

  test('keep what their source keeps', async () => {
    const { CopyObjectResult } = await copy('copied', 'source');
    expect(CopyObjectResult?.ETag).toBe(etag);
    expect(await get('copied')).toMatchObject({
      ContentType: 'image/png',
      Metadata: { a: '1' },
      TagCount: 1,
    });
  });

  test('replace metadata and tags where asked', async () => {
    await copy('replaced', 'source', {
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ContentType: 'image/webp',
      Metadata: { b: '2' },
    });
    const object = await get('replaced');
    expect(object).toMatchObject({ ContentType: 'image/webp', Metadata: { b: '2' } });
    expect(object.TagCount).toBeUndefined();
  });

  test('onto themselves need a change', async () => {
    await expect(copy('source', 'source')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await copy('source', 'source', {
      MetadataDirective: 'REPLACE',
      ContentType: 'image/png',
      Metadata: { a: '1' },
    });
    expect(await read('source')).toBe('photo');
  });

  test.each([
    ['CopySourceIfMatch', { CopySourceIfMatch: '"other"' }],
    ['CopySourceIfNoneMatch', { CopySourceIfNoneMatch: etag }],
    ['CopySourceIfModifiedSince', { CopySourceIfModifiedSince: new Date('2040-01-01') }],
    ['CopySourceIfUnmodifiedSince', { CopySourceIfUnmodifiedSince: new Date('2020-01-01') }],
  ])('honour %s', async (_what, condition) => {
    await expect(copy('never', 'source', condition)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  test.each([
    ['no such key', 'plain/nothing', 'NoSuchKey'],
    ['no such bucket', 'nowhere/source', 'NoSuchBucket'],
    ['no key at all', 'plain', 'InvalidArgument'],
  ])('from %s are refused', async (_what, CopySource, code) => {
    const command = new CopyObjectCommand({ Bucket: 'plain', Key: 'never', CopySource });
    await expect(stand.s3.send(command)).rejects.toMatchObject({ name: code });
  });
});

describe('tags', () => {
  const at = { Bucket: 'plain', Key: 'tagged' };
  const TagSet = [
    { Key: 'state', Value: 'trashed & <gone>' },
    { Key: 'größe', Value: '' },
  ];

  test('are set, read, counted and removed', async () => {
    await put('tagged', 'photo', { Tagging: 'first=a%20b' });
    const tags = async () => (await stand.s3.send(new GetObjectTaggingCommand(at))).TagSet;
    expect(await tags()).toEqual([{ Key: 'first', Value: 'a b' }]);
    await stand.s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }));
    expect(await tags()).toEqual(TagSet);
    expect((await get('tagged')).TagCount).toBe(2);
    await stand.s3.send(new DeleteObjectTaggingCommand(at));
    expect(await tags()).toEqual([]);
    expect(await read('tagged')).toBe('photo');
  });
});

describe('deletions', () => {
  test('of what does not exist succeed', async () => {
    await expect(
      stand.s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'nothing' })),
    ).resolves.toMatchObject({ $metadata: { httpStatusCode: 204 } });
  });

  test('of many keys tell each one, or none when quiet', async () => {
    await Promise.all(['one', 'two', 'three'].map((key) => put(key)));
    const remove = (keys: string[], Quiet: boolean) =>
      stand.s3.send(
        new DeleteObjectsCommand({
          Bucket: 'plain',
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet },
        }),
      );
    expect((await remove(['one', 'nothing'], false)).Deleted).toEqual([{ Key: 'one' }, { Key: 'nothing' }]);
    expect((await remove(['two', 'three'], true)).Deleted).toBeUndefined();
    await expect(get('three')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('of many keys: one that is refused does not touch the others', async () => {
    await Promise.all(['stays', 'goes'].map((key) => put(key)));
    const { Deleted, Errors } = await stand.s3.send(
      new DeleteObjectsCommand({
        Bucket: 'plain',
        Delete: { Objects: [{ Key: 'stays', ETag: '"other"' }, { Key: 'goes' }] },
      }),
    );
    expect(Errors).toEqual([{ Key: 'stays', Code: 'PreconditionFailed', Message: expect.any(String) }]);
    expect(Deleted).toEqual([{ Key: 'goes' }]);
    expect(await read('stays')).toBe('photo');
  });

  test.each([0, 1001])('of %i keys at once are malformed', async (count) => {
    const Objects = Array.from({ length: count }, (_, n) => ({ Key: `k${n}` }));
    await expect(
      stand.s3.send(new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects } })),
    ).rejects.toMatchObject({ name: 'MalformedXML' });
  });
});

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
    ETag: etag.replaceAll('"', ''),
    ObjectSize: 5,
    StorageClass: 'STANDARD',
    Checksum: { ChecksumType: 'FULL_OBJECT', ChecksumSHA256: expect.any(String) },
  });
});

test('a bucket outside the stack does not exist', async () => {
  const command = new GetObjectCommand({ Bucket: 'nowhere', Key: 'a' });
  await expect(stand.s3.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
