import {
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  type ListObjectsCommandInput,
  type ListObjectsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';

const keys = [
  'a.jpg',
  'b/',
  'b/1',
  'b/2/x',
  'b/2/y',
  'b//z',
  'c d+e%2F',
  'd&<>"\'\n\r\t',
  'ü',
  '\ue000',
  '😀',
];

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
  for (const Key of [...keys, 'gone']) {
    await stand.s3.send(new PutObjectCommand({ Bucket: 'media', Key, Body: Key }));
  }
  await stand.s3.send(new DeleteObjectCommand({ Bucket: 'media', Key: 'gone' }));
});
afterAll(() => stand.stop());

const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  stand.s3.send(new ListObjectsV2Command({ Bucket: 'media', ...more }));
const listOld = (more: Partial<ListObjectsCommandInput> = {}) =>
  stand.s3.send(new ListObjectsCommand({ Bucket: 'media', ...more }));
type Listed = ListObjectsV2CommandOutput | ListObjectsCommandOutput;
const keysOf = ({ Contents = [] }: Listed) => Contents.map(({ Key }) => Key);
const prefixesOf = ({ CommonPrefixes = [] }: Listed) => CommonPrefixes.map(({ Prefix }) => Prefix);
const inBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe('a listing', () => {
  test('shows every key as it is, in the order of its bytes, and none that is deleted', async () => {
    const listed = await list();
    expect(keysOf(listed)).toEqual(inBytes);
    expect(listed).toMatchObject({ KeyCount: keys.length, IsTruncated: false, MaxKeys: 1000, Name: 'media' });
    expect(listed.Contents?.[0]).toMatchObject({
      Size: 5,
      StorageClass: 'STANDARD',
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      LastModified: expect.any(Date),
    });
  });

  test.each([
    [{ Prefix: 'b/' }, ['b/', 'b//z', 'b/1', 'b/2/x', 'b/2/y'], []],
    [{ Prefix: 'nothing' }, [], []],
    [{ Delimiter: '/', Prefix: 'b' }, [], ['b/']],
    [{ Delimiter: '/', Prefix: 'b/' }, ['b/', 'b/1'], ['b//', 'b/2/']],
    [{ Delimiter: '/', Prefix: 'b/2/' }, ['b/2/x', 'b/2/y'], []],
    [{ Delimiter: '2/', Prefix: 'b' }, ['b/', 'b//z', 'b/1'], ['b/2/']],
    [{ Prefix: 'b/', StartAfter: 'b/1' }, ['b/2/x', 'b/2/y'], []],
    [{ Prefix: 'b/', StartAfter: 'a' }, ['b/', 'b//z', 'b/1', 'b/2/x', 'b/2/y'], []],
    [{ Delimiter: '/', Prefix: 'b/', StartAfter: 'b/2/' }, [], []],
    [{ Delimiter: '/', Prefix: 'b/', StartAfter: 'b/2/x' }, [], ['b/2/']],
  ])('of %j', async (wish, contents, prefixes) => {
    const listed = await list(wish);
    expect(keysOf(listed)).toEqual(contents);
    expect(prefixesOf(listed)).toEqual(prefixes);
    expect(listed.KeyCount).toBe(contents.length + prefixes.length);
  });

  test.each([1, 2, 3, 5, 1000])('in pages of %i shows each entry once', async (MaxKeys) => {
    for (const Delimiter of [undefined, '/']) {
      const entries: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list({ MaxKeys, Delimiter, ContinuationToken });
        expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
        entries.push(...keysOf(page), ...prefixesOf(page));
        expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      const whole = await list({ Delimiter });
      expect(new Set(entries)).toEqual(new Set([...keysOf(whole), ...prefixesOf(whole)]));
      expect(entries).toHaveLength(whole.KeyCount ?? 0);
    }
  });

  test('of the first version goes on after a marker', async () => {
    const entries: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await listOld({ MaxKeys: 2, Delimiter: '/', Marker });
      entries.push(...keysOf(page), ...prefixesOf(page));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(entries.sort()).toEqual(['a.jpg', 'b/', ...inBytes.filter((key) => !/^[ab]/.test(key))].sort());
    expect((await listOld({ MaxKeys: 2 })).NextMarker).toBeUndefined();
  });

  test('encodes keys where asked', async () => {
    const listed = await list({ EncodingType: 'url', Delimiter: '/' });
    expect(keysOf(listed)).toContain('c%20d%2Be%252F');
    expect(keysOf(listed)).toContain('d%26%3C%3E%22%27%0A%0D%09');
    expect(prefixesOf(listed)).toEqual(['b/']);
    expect(keysOf(listed).map((key) => decodeURIComponent(key ?? ''))).toEqual(
      inBytes.filter((key) => !key.startsWith('b/')),
    );
  });

  test('tells owners where asked', async () => {
    expect((await list()).Contents?.[0]?.Owner).toBeUndefined();
    expect((await list({ FetchOwner: true })).Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  test('of nothing is empty', async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test.each([
    [{ MaxKeys: -1 }],
    [{ MaxKeys: 1.5 }],
    [{ ContinuationToken: 'tampered!' }],
    [{ EncodingType: 'base64' as 'url' }],
  ])('with %j is refused', async (wish) => {
    await expect(list(wish)).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});

describe('buckets', () => {
  test('are listed, located and owned', async () => {
    const { Buckets } = await stand.s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['media', 'plain']);
    const at = { Bucket: 'media' };
    expect((await stand.s3.send(new HeadBucketCommand(at))).BucketRegion).toBe('eu-west-1');
    expect((await stand.s3.send(new GetBucketLocationCommand(at))).LocationConstraint).toBe('eu-west-1');
    const acl = await stand.s3.send(new GetBucketAclCommand(at));
    expect(acl.Grants).toMatchObject([{ Grantee: { Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
    await expect(stand.s3.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('of another account are out of reach', async () => {
    const command = new HeadBucketCommand({ Bucket: 'media', ExpectedBucketOwner: '111111111111' });
    await expect(stand.s3.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});
