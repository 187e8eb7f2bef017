import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';
import { etagOfPhoto, plainBucket } from './plain-bucket.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const { get, put, read } = plainBucket(() => stand.s3);

describe('copies', () => {
  const copy = (Key: string, source: string, more = {}) =>
    stand.s3.send(new CopyObjectCommand({ Bucket: 'plain', Key, CopySource: `plain/${source}`, ...more }));
  beforeAll(() => put('source', 'photo', { ContentType: 'image/png', Metadata: { a: '1' }, Tagging: 't=v' }));

  test('keep what their source keeps', async () => {
    const { CopyObjectResult } = await copy('copied', 'source');
    expect(CopyObjectResult?.ETag).toBe(etagOfPhoto);
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
    ['CopySourceIfNoneMatch', { CopySourceIfNoneMatch: etagOfPhoto }],
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
