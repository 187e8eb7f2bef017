import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checksumAlgorithms } from '../../../offline/s3/checksums.ts';
import { type S3Stand, startS3 } from '../../support/s3.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const body = 'photo';
/** Of "photo". */
const values = {
  SHA1: createHash('sha1').update(body).digest('base64'),
  SHA256: createHash('sha256').update(body).digest('base64'),
};
/** Of nothing. */
const wrong = {
  CRC32: 'AAAAAA==',
  CRC32C: 'AAAAAA==',
  CRC64NVME: 'AAAAAAAAAAA=',
  SHA1: '2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
  SHA256: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
};

const put = (Key: string, more: Partial<PutObjectCommandInput>) =>
  stand.s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body: body, ...more }));
const head = (Key: string) =>
  stand.s3.send(new HeadObjectCommand({ Bucket: 'plain', Key, ChecksumMode: 'ENABLED' }));
const blobs = () => {
  const folder = join(stand.context.stateDir, 's3', 'blobs');
  return existsSync(folder) ? readdirSync(folder).length : 0;
};

describe.each(checksumAlgorithms)('a %s', (algorithm) => {
  const member = `Checksum${algorithm}` as const;

  test('in a header or a trailer is verified, kept and told', async () => {
    const inHeader = await put(`header-${algorithm}`, { ChecksumAlgorithm: algorithm });
    const inTrailer = await put(`trailer-${algorithm}`, {
      ChecksumAlgorithm: algorithm,
      Body: Readable.from([Buffer.from('pho'), Buffer.from('to')]),
      ContentLength: body.length,
    });
    expect(inTrailer[member]).toBe(inHeader[member]);
    for (const key of [`header-${algorithm}`, `trailer-${algorithm}`]) {
      expect(await head(key)).toMatchObject({ [member]: inHeader[member], ChecksumType: 'FULL_OBJECT' });
      // The client holds the bytes against the checksum itself, too.
      const object = await stand.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: key }));
      expect(await object.Body?.transformToString()).toBe(body);
    }
  });

  test('that does not match leaves nothing behind', async () => {
    const before = blobs();
    await expect(put(`wrong-${algorithm}`, { [member]: wrong[algorithm] })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(head(`wrong-${algorithm}`)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    expect(blobs()).toBe(before);
  });

  test('that is malformed is refused', async () => {
    await expect(put(`bad-${algorithm}`, { [member]: 'AAAA' })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
  });

  test('is chosen for a copy', async () => {
    await put('source', {});
    const command = new CopyObjectCommand({
      Bucket: 'plain',
      Key: `copy-${algorithm}`,
      CopySource: 'plain/source',
      ChecksumAlgorithm: algorithm,
    });
    await stand.s3.send(command);
    expect((await head(`copy-${algorithm}`))[member]).toEqual(expect.any(String));
  });
});

test('a failed write does not touch what was there', async () => {
  await put('safe', { Body: 'before' });
  await expect(put('safe', { ChecksumSHA256: wrong.SHA256 })).rejects.toThrow();
  const object = await stand.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'safe' }));
  expect(await object.Body?.transformToString()).toBe('before');
});

test('without a wish of the client it is a CRC64NVME', async () => {
  const bare = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  await bare.send(new PutObjectCommand({ Bucket: 'plain', Key: 'unasked', Body: '123456789' }));
  expect(await head('unasked')).toMatchObject({
    ChecksumCRC64NVME: 'rosUhgp5mIg=',
    ChecksumType: 'FULL_OBJECT',
  });
});

test('several at once are refused', async () => {
  await expect(
    put('several', { ChecksumSHA1: wrong.SHA1, ChecksumSHA256: wrong.SHA256 }),
  ).rejects.toMatchObject({ name: 'InvalidRequest' });
});

describe('a Content-MD5', () => {
  const md5 = createHash('md5').update(body).digest('base64');

  test.each([
    ['that matches', md5, undefined],
    ['of other bytes', createHash('md5').digest('base64'), 'BadDigest'],
    ['that is none', 'AAAA', 'InvalidDigest'],
  ])('%s', async (_what, ContentMD5, code) => {
    const attempt = put('md5', { ContentMD5 });
    if (code === undefined) await attempt;
    else await expect(attempt).rejects.toMatchObject({ name: code });
  });
});

describe('a presigned PUT', () => {
  test('binds the bytes that it was signed for', async () => {
    const signer = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const command = new PutObjectCommand({
      Bucket: 'plain',
      Key: 'bound',
      ContentType: 'image/jpeg',
      ContentLength: body.length,
      ChecksumSHA256: values.SHA256,
    });
    const url = await getSignedUrl(signer, command, {
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      signableHeaders: new Set(['content-type', 'content-length']),
    });
    const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': values.SHA256 };
    const attempt = async (bytes: string, changed: Record<string, string> = {}) =>
      (await fetch(url, { method: 'PUT', body: bytes, headers: { ...headers, ...changed } })).status;
    expect(await attempt('other')).toBe(400);
    expect(await attempt('photos')).toBe(403);
    expect(await attempt(body, { 'content-type': 'text/html' })).toBe(403);
    expect(await attempt(body, { 'x-amz-checksum-sha256': wrong.SHA256 })).toBe(403);
    await expect(head('bound')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    expect(await attempt(body)).toBe(200);
    expect(await head('bound')).toMatchObject({ ChecksumSHA256: values.SHA256, ContentType: 'image/jpeg' });
  });

  test('is refused where the SDK signed the checksum of nothing into it', async () => {
    const url = await getSignedUrl(stand.s3, new PutObjectCommand({ Bucket: 'plain', Key: 'hoisted' }));
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA');
    const answer = await fetch(url, { method: 'PUT', body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>BadDigest</Code>');
  });
});
