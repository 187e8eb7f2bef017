import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type S3Stand, startS3, stateFolder } from '../../support/s3.ts';

let stateDir: string;
let stand: S3Stand;
beforeEach(async () => {
  stateDir = stateFolder();
  stand = await startS3({ stateDir });
});
afterEach(async () => {
  await stand.stop();
  rmSync(stateDir, { recursive: true });
});

async function restart(): Promise<void> {
  await stand.stop();
  stand = await startS3({ stateDir });
}

const put = (Bucket: string, Key: string, Body: string, more = {}) =>
  stand.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Bucket: string, Key: string, VersionId?: string) =>
  (await stand.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const blobs = () => readdirSync(join(stateDir, 's3', 'blobs'));

test('a restart keeps objects, versions, tags, headers and uploads under way', async () => {
  const first = await put('media', 'a', 'one', { Tagging: 'x=y', Metadata: { m: '1' }, ContentType: 'a/b' });
  const second = await put('media', 'a', 'two');
  await put('media', 'gone', 'three');
  await stand.s3.send(new DeleteObjectCommand({ Bucket: 'media', Key: 'gone' }));
  const at = { Bucket: 'plain', Key: 'parts' };
  const create = new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' });
  const { UploadId } = await stand.s3.send(create);
  const part = new UploadPartCommand({
    ...at,
    UploadId,
    PartNumber: 1,
    Body: 'photo',
    ChecksumAlgorithm: 'SHA256',
  });
  const { ETag, ChecksumSHA256 } = await stand.s3.send(part);
  const head = { Bucket: 'media', Key: 'a', VersionId: first.VersionId, ChecksumMode: 'ENABLED' } as const;
  const { $metadata: _, ...before } = await stand.s3.send(new HeadObjectCommand(head));

  await restart();
  await restart();

  const { $metadata: __, ...after } = await stand.s3.send(new HeadObjectCommand(head));
  expect(after).toEqual(before);
  expect(await read('media', 'a')).toBe('two');
  expect(await read('media', 'a', first.VersionId)).toBe('one');
  await expect(read('media', 'gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
  const tagging = new GetObjectTaggingCommand({ Bucket: 'media', Key: 'a', VersionId: first.VersionId });
  expect((await stand.s3.send(tagging)).TagSet).toEqual([{ Key: 'x', Value: 'y' }]);
  const third = await put('media', 'a', 'three');
  const { Versions } = await stand.s3.send(new ListObjectVersionsCommand({ Bucket: 'media', Prefix: 'a' }));
  expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(
    [third, second, first].map(({ VersionId }) => VersionId),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumSHA256 }] };
  await stand.s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
  expect(await read('plain', 'parts')).toBe('photo');
});

test('what was acknowledged is on the disk at that moment, its notification too', async () => {
  await stand.stop();
  stand = await startS3({ stateDir, queueRefuses: () => true });
  const killed = stateFolder();
  await Promise.all(Array.from({ length: 20 }, (_, n) => put('media', `originals/${n}`, `photo ${n}`)));
  cpSync(stateDir, killed, { recursive: true });
  const survivor = await startS3({ stateDir: killed });
  try {
    for (let n = 0; n < 20; n++) {
      const object = await survivor.s3.send(new GetObjectCommand({ Bucket: 'media', Key: `originals/${n}` }));
      expect(await object.Body?.transformToString()).toBe(`photo ${n}`);
    }
    const keys = (await survivor.records()).map(({ s3 }) => s3.object.key);
    expect(new Set(keys).size).toBe(20);
  } finally {
    await survivor.stop();
    rmSync(killed, { recursive: true });
  }
});

test('a torn last line of the journal is as if it had not been', async () => {
  await put('plain', 'kept', 'photo');
  await stand.stop();
  appendFileSync(join(stateDir, 's3', 'journal.jsonl'), '{"op":"remove","bucket":"plain","key":"ke');
  stand = await startS3({ stateDir });
  expect(await read('plain', 'kept')).toBe('photo');
  await put('plain', 'more', 'photo');
  await restart();
  expect(await read('plain', 'more')).toBe('photo');
});

test('a journal of another version is refused by name', async () => {
  await stand.stop();
  appendFileSync(join(stateDir, 's3', 'journal.jsonl'), '{"op":"teleport"}\n');
  await expect(startS3({ stateDir })).rejects.toThrow(/unknown entry.*teleport.*npm run reset/s);
  rmSync(join(stateDir, 's3'), { recursive: true });
  stand = await startS3({ stateDir });
});

test('bytes that nothing refers to are removed: at a start what a crash left, else at once', async () => {
  await put('plain', 'a', 'one');
  const [kept] = blobs();
  await stand.stop();
  writeFileSync(join(stateDir, 's3', 'blobs', 'feedfacecafe'), 'half an upload');
  mkdirSync(join(stateDir, 's3', 'blobs', 'folder'));
  stand = await startS3({ stateDir });
  expect(blobs()).toEqual([kept]);
  await put('plain', 'a', 'two');
  await vi.waitFor(() => expect(blobs()).toHaveLength(1));
  await stand.s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
  await vi.waitFor(() => expect(blobs()).toEqual([]));
});

test('an aborted upload leaves no bytes', async () => {
  const at = { Bucket: 'plain', Key: 'parts' };
  const create = new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' });
  const { UploadId } = await stand.s3.send(create);
  for (const PartNumber of [1, 1, 2]) {
    await stand.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: `part ${PartNumber}` }));
  }
  await vi.waitFor(() => expect(blobs()).toHaveLength(2));
  await stand.s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
  await vi.waitFor(() => expect(blobs()).toEqual([]));
  const { Uploads } = await stand.s3.send(new ListMultipartUploadsCommand({ Bucket: 'plain' }));
  expect(Uploads).toBeUndefined();
});

test('a client that goes away in mid-upload leaves nothing', async () => {
  const command = new PutObjectCommand({ Bucket: 'plain', Key: 'half' });
  const signer = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const url = await getSignedUrl(signer, command);
  const upload = request(url, { method: 'PUT', headers: { 'content-length': 1_000_000 } });
  upload.on('error', () => {});
  upload.write(randomBytes(100_000));
  await vi.waitFor(() => expect(blobs()).toHaveLength(1));
  upload.destroy();
  await vi.waitFor(() => expect(blobs()).toEqual([]));
  await expect(read('plain', 'half')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('whoever reads an object gets all of it, though it is overwritten and deleted meanwhile', async () => {
  const body = randomBytes(8 * 1024 ** 2);
  await stand.s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: body }));
  const object = await stand.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a' }));
  await put('plain', 'a', 'other');
  await stand.s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
  const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(body)).toBe(true);
  await vi.waitFor(() => expect(blobs()).toEqual([]));
});

test('a reader that goes away lets go of the bytes', async () => {
  const body = randomBytes(8 * 1024 ** 2);
  await stand.s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: body }));
  const { Body } = await stand.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a' }));
  await stand.s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
  expect(blobs()).toHaveLength(1);
  (Body as Readable).destroy();
  await vi.waitFor(() => expect(blobs()).toEqual([]));
});

test('128 MB stream in and out with flat memory', async () => {
  const chunk = randomBytes(1024 ** 2);
  const count = 128;
  const expected = createHash('md5');
  for (let n = 0; n < count; n++) expected.update(chunk);
  const at = { Bucket: 'plain', Key: 'large' };
  let peak = 0;
  const before = process.memoryUsage().rss;
  const gauge = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const Body = Readable.from(
    (function* () {
      for (let n = 0; n < count; n++) yield chunk;
    })(),
    { objectMode: false },
  );
  const { ETag } = await stand.s3.send(
    new PutObjectCommand({ ...at, Body, ContentLength: count * chunk.length }),
  );
  const md5 = expected.digest('hex');
  expect(ETag).toBe(`"${md5}"`);
  const { Body: out } = await stand.s3.send(new GetObjectCommand(at));
  const hash = createHash('md5');
  for await (const bytes of out as Readable) hash.update(bytes);
  clearInterval(gauge);
  expect(hash.digest('hex')).toBe(md5);
  // Less than it would take to hold it once, though the client shares the process with S3.
  expect((peak - before) / 1024 ** 2).toBeLessThan(count);
});
