import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Inside, insideS3 } from './support.ts';

let stateDir: string;
let s3: Inside;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'afterparty-s3-'));
});
afterEach(async () => {
  await s3.stop();
  rmSync(stateDir, { recursive: true });
});

const Bucket = 'bucket';

describe('from inside', () => {
  test('objects are written, read, listed and deleted with the members of the API', async () => {
    s3 = insideS3({}, stateDir);
    const { ask } = s3.context;
    const { ETag } = await ask('s3', 'PutObject', {
      Bucket,
      Key: 'clicks/1',
      Body: new Uint8Array([1, 2, 3]),
      ContentType: 'application/x-ndjson',
      Metadata: { Source: 'firehose' },
      IfNoneMatch: '*',
    });
    const { Body, ...object } = await ask('s3', 'GetObject', { Bucket, Key: 'clicks/1' });
    expect(object).toMatchObject({
      ETag,
      ContentLength: 3,
      ContentType: 'application/x-ndjson',
      Metadata: { source: 'firehose' },
      LastModified: expect.any(Date),
    });
    expect([...(await buffer(Body as AsyncIterable<Buffer>))]).toEqual([1, 2, 3]);
    const listed = await ask('s3', 'ListObjectsV2', { Bucket, Prefix: 'clicks/', MaxKeys: 10 });
    expect(listed.Contents).toMatchObject([{ Key: 'clicks/1', Size: 3 }]);
    await ask('s3', 'DeleteObject', { Bucket, Key: 'clicks/1' });
    await expect(ask('s3', 'HeadObject', { Bucket, Key: 'clicks/1' })).rejects.toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
  });

  test.each([
    ['GetBucketWebsite', 'NotImplemented', 501],
    ['CreateBucket', 'NotImplemented', 501],
  ])('%s is named as missing', async (operation, code, status) => {
    s3 = insideS3({}, stateDir);
    await expect(s3.context.ask('s3', operation, { Bucket })).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining(operation),
    });
  });
});

test('a journal that is mostly history is rewritten at the start', async () => {
  s3 = insideS3({}, stateDir);
  for (let n = 0; n < 1_200; n++) await s3.put('same', String(n));
  await s3.put('other');
  await s3.context.stop({ remove: false });
  const lines = () =>
    readFileSync(join(stateDir, 's3', 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n');
  expect(lines().length).toBeGreaterThan(1_200);
  s3 = insideS3({}, stateDir);
  expect(lines().length).toBeLessThan(10);
  const { Body } = await s3.context.ask('s3', 'GetObject', { Bucket, Key: 'same' });
  expect((await buffer(Body as AsyncIterable<Buffer>)).toString()).toBe('1199');
  expect(await s3.versions()).toEqual(['other object', 'same object']);
});

describe('a template', () => {
  const to = (Queue: string, Event = 's3:ObjectCreated:*') => ({
    NotificationConfiguration: { QueueConfigurations: [{ Queue, Event }] },
  });
  const uploads = 'arn:aws:sqs:eu-west-1:000000000000:uploads';

  test.each([
    ['a queue by name', to('uploads'), /notifies uploads: expected the ARN of an SQS queue/],
    ['an event that is none', to(uploads, 'created'), /notifies of created: expected an event name/],
  ])('that notifies %s is refused', (_what, properties, message) => {
    s3 = insideS3({}, stateDir);
    expect(() => insideS3(properties, mkdtempSync(join(stateDir, 'other-')))).toThrow(message);
  });

  test('that notifies others than queues is told so', () => {
    const properties = {
      NotificationConfiguration: { EventBridgeConfiguration: {}, LambdaConfigurations: [] },
    };
    s3 = insideS3(properties, stateDir);
    expect(s3.context.logged.join('\n')).toMatch(
      /EventBridgeConfiguration is ignored.*\n.*LambdaConfigurations/,
    );
  });

  test('that lost a queue drops what was owed to it, and says so', { retry: 3 }, async () => {
    s3 = insideS3(to('arn:aws:sqs:eu-west-1:000000000000:gone'), stateDir);
    await s3.put('a');
    await s3.engine.idle();
    await s3.context.stop({ remove: false });
    s3 = insideS3({}, stateDir);
    await s3.context.clock.advance(0);
    await vi.waitFor(() =>
      expect(s3.context.logged).toEqual([expect.stringContaining('gone has left the template')]),
    );
  });

  test('that asks for keys of KMS gets them told', async () => {
    const ServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/photos' };
    const BucketEncryption = { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault }] };
    s3 = insideS3({ BucketEncryption, VersioningConfiguration: { Status: 'Enabled' } }, stateDir);
    await s3.put('a');
    const journal = readFileSync(join(stateDir, 's3', 'journal.jsonl'), 'utf8');
    expect(journal).toContain('"x-amz-server-side-encryption":"aws:kms"');
  });
});
