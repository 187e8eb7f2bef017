import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const Bucket = 'media';
const put = async (Key: string, Body = Key) =>
  (await stand.s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId as string;
const read = async (Key: string, VersionId?: string) => {
  const object = await stand.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return object.Body?.transformToString();
};
const remove = (Key: string, VersionId?: string) =>
  stand.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const versionsOf = (Prefix: string) => stand.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));

describe('a versioned bucket', () => {
  test('keeps every version', async () => {
    const first = await put('kept', 'one');
    const second = await put('kept', 'two');
    expect(await read('kept')).toBe('two');
    expect(await read('kept', first)).toBe('one');
    const { Versions } = await versionsOf('kept');
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second, true],
      [first, false],
    ]);
  });

  test('hides a deleted object behind a marker; removing the marker brings it back', async () => {
    const version = await put('hidden', 'one');
    const deletion = await remove('hidden');
    expect(deletion.DeleteMarker).toBe(true);
    await expect(read('hidden')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('hidden', version)).toBe('one');
    const { Versions, DeleteMarkers } = await versionsOf('hidden');
    expect(Versions?.map(({ IsLatest }) => IsLatest)).toEqual([false]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: deletion.VersionId, IsLatest: true }]);
    const undone = await remove('hidden', deletion.VersionId);
    expect(undone).toMatchObject({ DeleteMarker: true, VersionId: deletion.VersionId });
    expect(await read('hidden')).toBe('one');
  });

  test('tells that it is a marker that stands in the way', async () => {
    await put('marked');
    const { VersionId } = await remove('marked');
    const answers: Record<string, string | undefined>[] = [];
    const client = stand.client();
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        answers.push((result.response as { headers: Record<string, string> }).headers);
        return result;
      },
      { step: 'deserialize', priority: 'low' },
    );
    const head = (id?: string) =>
      client.send(new HeadObjectCommand({ Bucket, Key: 'marked', VersionId: id }));
    await expect(head()).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    await expect(head(VersionId)).rejects.toMatchObject({ $metadata: { httpStatusCode: 405 } });
    for (const headers of answers) {
      expect(headers).toMatchObject({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': VersionId });
    }
    expect(answers).toHaveLength(2);
  });

  test('forgets a version that is deleted by id', async () => {
    const first = await put('forgotten', 'one');
    const second = await put('forgotten', 'two');
    await remove('forgotten', second);
    expect(await read('forgotten')).toBe('one');
    await remove('forgotten', first);
    await expect(read('forgotten')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(read('forgotten', first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect((await versionsOf('forgotten')).Versions).toBeUndefined();
  });

  test.each(['nonsense', '../../etc/passwd', 'null '])('refuses %j as an id', async (id) => {
    await put('named');
    await expect(read('named', id)).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('deletes many keys and versions at once', async () => {
    const version = await put('many/one');
    await put('many/two');
    const { Deleted } = await stand.s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'many/one', VersionId: version }, { Key: 'many/two' }] },
      }),
    );
    expect(Deleted).toEqual([
      { Key: 'many/one', VersionId: version },
      { Key: 'many/two', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
    ]);
  });

  test('copies an old version, and tells which', async () => {
    const first = await put('restored', 'one');
    await put('restored', 'two');
    const copy = await stand.s3.send(
      new CopyObjectCommand({ Bucket, Key: 'restored', CopySource: `media/restored?versionId=${first}` }),
    );
    expect(copy.CopySourceVersionId).toBe(first);
    expect(await read('restored')).toBe('one');
  });

  test('tags one version', async () => {
    const first = await put('tagged', 'one');
    const second = await put('tagged', 'two');
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    await stand.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', VersionId: first, Tagging }));
    const tags = async (VersionId: string) =>
      (await stand.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged', VersionId }))).TagSet;
    expect(await tags(first)).toEqual(Tagging.TagSet);
    expect(await tags(second)).toEqual([]);
  });

  test('lists versions page by page, each once and in order', async () => {
    for (const key of ['page/a', 'page/a', 'page/a', 'page/b', 'page/c', 'page/c']) await put(key);
    await remove('page/b');
    const seen: string[] = [];
    let at: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page = await stand.s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: 'page/', MaxKeys: 2, ...at }),
      );
      const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      expect(entries.length).toBeLessThanOrEqual(2);
      seen.push(...entries.map(({ VersionId }) => VersionId as string));
      at = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated === true;
    }
    const { Versions = [], DeleteMarkers = [] } = await versionsOf('page/');
    expect(Versions.map(({ Key }) => Key)).toEqual([
      'page/a',
      'page/a',
      'page/a',
      'page/b',
      'page/c',
      'page/c',
    ]);
    expect(new Set(seen)).toEqual(new Set([...Versions, ...DeleteMarkers].map(({ VersionId }) => VersionId)));
    expect(seen).toHaveLength(7);
  });
});

describe('versioning', () => {
  const versioning = (bucket: string) => stand.s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));

  test('is as the template has it', async () => {
    expect((await versioning('media')).Status).toBe('Enabled');
    expect((await versioning('plain')).Status).toBeUndefined();
  });

  test('can be switched on and suspended; the null version is one of them', async () => {
    const own = await startS3();
    const at = { Bucket: 'plain', Key: 'a' };
    const write = async (Body: string) =>
      (await own.s3.send(new PutObjectCommand({ ...at, Body }))).VersionId;
    const set = (Status: 'Enabled' | 'Suspended') =>
      own.s3.send(new PutBucketVersioningCommand({ Bucket: 'plain', VersioningConfiguration: { Status } }));
    try {
      expect(await write('before')).toBeUndefined();
      await set('Enabled');
      const second = await write('enabled');
      await set('Suspended');
      expect(await write('suspended')).toBe('null');
      expect(await write('again')).toBe('null');
      const { Versions } = await own.s3.send(new ListObjectVersionsCommand({ Bucket: 'plain' }));
      expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['null', second]);
      const marker = await own.s3.send(new DeleteObjectCommand(at));
      expect(marker).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
      const listed = await own.s3.send(new ListObjectsV2Command({ Bucket: 'plain' }));
      expect(listed.KeyCount).toBe(0);
    } finally {
      await own.stop();
    }
  });
});
