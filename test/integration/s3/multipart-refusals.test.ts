import { type CompletedPart, CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';
import { at, checksumOf, first, second, uploadsTo } from './parts.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const { begin, send, complete } = uploadsTo(() => stand.s3);

describe('an upload in parts refuses', () => {
  test('a list that is not ascending, names what was not sent, or is empty', async () => {
    const upload = await begin('lists');
    const one = await send('lists', upload, 1, first);
    const two = await send('lists', upload, 2, second);
    await expect(complete('lists', upload, [two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    const unsent = { ...two, PartNumber: 3 };
    await expect(complete('lists', upload, [one, unsent])).rejects.toMatchObject({ name: 'InvalidPart' });
    const other = { ...two, ETag: one.ETag };
    await expect(complete('lists', upload, [one, other])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete('lists', upload, [])).rejects.toMatchObject({ name: 'MalformedXML' });
    await complete('lists', upload, [one, two]);
  });

  test('a part below 5 MiB that is not the last', async () => {
    const upload = await begin('small');
    const parts = [await send('small', upload, 1, second), await send('small', upload, 2, second)];
    await expect(complete('small', upload, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  test('a composite list without the checksums of its parts', async () => {
    const upload = await begin('unproven');
    const { ETag } = await send('unproven', upload, 1, second);
    await expect(complete('unproven', upload, [{ PartNumber: 1, ETag }])).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('must include the checksum for each part'),
    });
  });

  test('a whole of another size or checksum', async () => {
    const upload = await begin('whole', 'CRC32', 'FULL_OBJECT');
    const part = await send('whole', upload, 1, second, 'CRC32');
    await expect(complete('whole', upload, [part], { MpuObjectSize: 999 })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    await expect(complete('whole', upload, [part], { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(complete('whole', upload, [part], { ChecksumType: 'COMPOSITE' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    const ChecksumCRC32 = checksumOf('CRC32', second);
    await complete('whole', upload, [part], {
      MpuObjectSize: 1000,
      ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
    });
  });

  test.each([
    ['SHA256', 'FULL_OBJECT'],
    ['CRC64NVME', 'COMPOSITE'],
  ] as const)('%s with %s', async (algorithm, type) => {
    await expect(begin('types', algorithm, type)).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  test('a part with another checksum than its upload', async () => {
    const upload = await begin('mixed', 'SHA256');
    await expect(send('mixed', upload, 1, second, 'CRC32')).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('expected checksum Type: sha256, actual checksum Type: crc32'),
    });
  });

  test('a part with a checksum where its upload was begun with none, and the other way round', async () => {
    const bare = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const { UploadId } = await bare.send(new CreateMultipartUploadCommand(at('bare')));
    await expect(send('bare', UploadId ?? '', 1, second)).rejects.toMatchObject({
      message: expect.stringContaining('expected checksum Type: null, actual checksum Type: crc32'),
    });
    const upload = await begin('bare', 'SHA256');
    const part = new UploadPartCommand({ ...at('bare'), UploadId: upload, PartNumber: 1, Body: second });
    await expect(bare.send(part)).rejects.toMatchObject({
      message: expect.stringContaining('expected checksum Type: sha256, actual checksum Type: null'),
    });
  });

  test('part numbers outside 1 to 10000, and foreign uploads', async () => {
    const upload = await begin('numbers');
    for (const number of [0, 10_001]) {
      await expect(send('numbers', upload, number, second)).rejects.toMatchObject({
        name: 'InvalidArgument',
      });
    }
    await expect(send('other', upload, 1, second)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(send('numbers', 'nonsense', 1, second)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('an If-None-Match completion that comes second', async () => {
    const uploads = [await begin('once'), await begin('once')];
    const parts = await Promise.all(uploads.map((upload) => send('once', upload, 1, second)));
    const results = await Promise.allSettled(
      uploads.map((upload, n) => complete('once', upload, [parts[n] as CompletedPart], { IfNoneMatch: '*' })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
