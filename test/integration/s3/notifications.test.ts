import { rmSync } from 'node:fs';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type S3Stand, type S3StandOptions, startS3, stateFolder } from '../../support/s3.ts';

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

async function restart(options: S3StandOptions = {}): Promise<void> {
  await stand.stop();
  stand = await startS3({ stateDir, ...options });
}

const put = (Key: string, Bucket = 'media') =>
  stand.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'photo' }));
const remove = (Key: string, Bucket = 'media', VersionId?: string) =>
  stand.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const heard = async () => (await stand.records()).map(({ eventName, s3 }) => [eventName, s3.object.key]);

describe('a queue hears', () => {
  test('of a put, as S3 tells it', async () => {
    const { VersionId } = await put('originals/a+b%2Bc/ü(1) 😀.jpg');
    expect(await stand.records()).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'eu-west-1',
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: expect.stringMatching(/^AWS:/) },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: expect.any(String),
          bucket: {
            name: 'media',
            ownerIdentity: { principalId: expect.any(String) },
            arn: 'arn:aws:s3:::media',
          },
          object: {
            key: 'originals/a%2Bb%252Bc/%C3%BC%281%29+%F0%9F%98%80.jpg',
            size: 5,
            eTag: '5ae0c1c8a5260bc7b6648f6fbd115c35',
            versionId: VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
        },
      },
    ]);
    const [message] = stand.sent;
    expect(message).toMatchObject({
      operation: 'SendMessage',
      principal: { kind: 'service', name: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::media' },
      input: { QueueUrl: `${stand.endpoint}/000000000000/uploads` },
    });
  });

  test('of forms, copies and uploads in parts by their own names', async () => {
    const { url, fields } = await createPresignedPost(stand.s3, { Bucket: 'media', Key: 'originals/form' });
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    data.append('file', new Blob(['photo']));
    await fetch(url, { method: 'POST', body: data });
    const copied = { Bucket: 'media', Key: 'originals/copy', CopySource: 'media/originals/form' };
    await stand.s3.send(new CopyObjectCommand(copied));
    const at = { Bucket: 'media', Key: 'originals/parts' };
    const create = new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' });
    const { UploadId } = await stand.s3.send(create);
    const part: CompletedPart = await stand.s3.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'photo' }),
    );
    const { ETag, ChecksumCRC32 } = part;
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
    await stand.s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
    expect(await heard()).toEqual([
      ['ObjectCreated:Post', 'originals/form'],
      ['ObjectCreated:Copy', 'originals/copy'],
      ['ObjectCreated:CompleteMultipartUpload', 'originals/parts'],
    ]);
  });

  test('of deletions, with what S3 tells of them', async () => {
    const { VersionId } = await put('a.jpg');
    await put('a.png');
    await remove('a.jpg');
    await remove('a.jpg', 'media', VersionId);
    await remove('a.png');
    await put('a', 'plain');
    await remove('a', 'plain');
    const records = await stand.records();
    expect(records.map(({ eventName, s3 }) => [eventName, s3.bucket.name, s3.object])).toEqual([
      [
        'ObjectRemoved:DeleteMarkerCreated',
        'media',
        {
          key: 'a.jpg',
          eTag: 'd41d8cd98f00b204e9800998ecf8427e',
          versionId: expect.any(String),
          sequencer: expect.any(String),
        },
      ],
      [
        'ObjectRemoved:Delete',
        'media',
        { key: 'a.jpg', versionId: VersionId, sequencer: expect.any(String) },
      ],
      ['ObjectRemoved:Delete', 'plain', { key: 'a', sequencer: expect.any(String) }],
    ]);
  });

  test('nothing of what fails, or what it did not ask for', async () => {
    await put('elsewhere/a');
    await expect(
      stand.s3.send(
        new PutObjectCommand({
          Bucket: 'media',
          Key: 'originals/a',
          Body: 'photo',
          ChecksumSHA256: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
        }),
      ),
    ).rejects.toThrow();
    expect(await heard()).toEqual([]);
  });

  test('rising sequencers for one key, over a restart too', async () => {
    await put('originals/a');
    await remove('originals/a');
    await put('originals/a');
    const before = await stand.records();
    await restart();
    await put('originals/a');
    const sequencers = [...before, ...(await stand.records())].map(({ s3 }) => s3.object.sequencer);
    expect(sequencers).toHaveLength(3);
    expect([...sequencers].sort()).toEqual(sequencers);
    expect(new Set(sequencers).size).toBe(3);
  });
});

describe('what a queue refuses', () => {
  let refuses = true;
  beforeEach(async () => {
    refuses = true;
    await restart({ queueRefuses: () => refuses });
  });

  test('is tried again, with growing pauses, until it is taken', async () => {
    await put('originals/a');
    await stand.engine.idle();
    expect(stand.sent).toHaveLength(1);
    expect(stand.logged.join()).toContain('refused a notification');
    await stand.clock.advance(10_000);
    expect(stand.sent.length).toBeGreaterThanOrEqual(3);
    expect(stand.sent.length).toBeLessThanOrEqual(8);
    refuses = false;
    await stand.clock.advance(60_000);
    expect(await heard()).toEqual([['ObjectCreated:Put', 'originals/a']]);
    const attempts = stand.sent.length;
    await stand.clock.advance(600_000);
    expect(stand.sent).toHaveLength(attempts);
  });

  test('is delivered after a restart, once', async () => {
    await put('originals/a');
    await put('originals/b');
    await restart();
    expect((await heard()).map(([, key]) => key).sort()).toEqual(['originals/a', 'originals/b']);
    await restart();
    await stand.clock.advance(60_000);
    expect(await heard()).toEqual([]);
  });
});
