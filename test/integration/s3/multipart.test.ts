import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';
import {
  at,
  checksumOf,
  compositeOf,
  etagOfParts,
  first,
  partSize,
  second,
  uploadsTo,
  whole,
} from './parts.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const { begin, send, complete } = uploadsTo(() => stand.s3);

describe('an upload in parts', () => {
  test.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC32C', 'COMPOSITE'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
  ] as const)('is one object with a %s checksum, %s', async (algorithm, type) => {
    const key = `${algorithm}-${type}`;
    const upload = await begin(key, algorithm, type);
    const parts = [
      await send(key, upload, 1, first, algorithm),
      await send(key, upload, 2, second, algorithm),
    ];
    const member = `Checksum${algorithm}` as const;
    const expected = type === 'COMPOSITE' ? compositeOf(algorithm) : checksumOf(algorithm, whole);
    const completed = await complete(key, upload, parts);
    expect(completed).toMatchObject({ ETag: etagOfParts, [member]: expected, ChecksumType: type });
    const object = await stand.s3.send(new GetObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' }));
    expect(object).toMatchObject({ ETag: etagOfParts, [member]: expected, ChecksumType: type });
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);
  });

  test.each([
    ['none at all', undefined, undefined, 'CRC64NVME'],
    ['one of all bytes', 'CRC32C', 'FULL_OBJECT', 'CRC32C'],
  ] as const)('needs no checksum on its parts where its own is %s', async (_what, algorithm, type, kept) => {
    const key = `unstated-${kept}`;
    const bare = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const { UploadId } = await bare.send(
      new CreateMultipartUploadCommand({ ...at(key), ChecksumAlgorithm: algorithm, ChecksumType: type }),
    );
    const Parts = await Promise.all(
      [first, second].map(async (Body, index) => {
        const PartNumber = index + 1;
        const { ETag } = await bare.send(new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body }));
        return { PartNumber, ETag };
      }),
    );
    await complete(key, UploadId ?? '', Parts);
    const head = await stand.s3.send(new HeadObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      [`Checksum${kept}`]: checksumOf(kept, whole),
      ChecksumType: 'FULL_OBJECT',
    });
  });

  test('takes its parts in any order and a part again', async () => {
    const upload = await begin('reordered');
    const two = await send('reordered', upload, 7, second);
    await send('reordered', upload, 3, second);
    const one = await send('reordered', upload, 3, first);
    const { Parts } = await stand.s3.send(new ListPartsCommand({ ...at('reordered'), UploadId: upload }));
    expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [3, partSize],
      [7, 1000],
    ]);
    expect((await complete('reordered', upload, [one, two])).ETag).toBe(etagOfParts);
  });

  test('can be asked to complete again, and cannot be otherwise touched afterwards', async () => {
    const upload = await begin('again');
    const part = await send('again', upload, 1, second);
    const once = await complete('again', upload, [part]);
    const twice = await complete('again', upload, [part]);
    expect(twice.ETag).toBe(once.ETag);
    await expect(send('again', upload, 2, second)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const abort = new AbortMultipartUploadCommand({ ...at('again'), UploadId: upload });
    await expect(stand.s3.send(abort)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('is read by part', async () => {
    const upload = await begin('parts');
    await complete('parts', upload, [
      await send('parts', upload, 1, first),
      await send('parts', upload, 2, second),
    ]);
    const head = await stand.s3.send(new HeadObjectCommand({ ...at('parts'), PartNumber: 2 }));
    expect(head).toMatchObject({ ContentLength: 1000, PartsCount: 2 });
    const across = await stand.s3.send(
      new GetObjectCommand({ ...at('parts'), Range: `bytes=${partSize - 3}-${partSize + 2}` }),
    );
    expect(Buffer.from((await across.Body?.transformToByteArray()) ?? [])).toEqual(
      whole.subarray(partSize - 3, partSize + 3),
    );
    const attributes = await stand.s3.send(
      new GetObjectAttributesCommand({ ...at('parts'), ObjectAttributes: ['ObjectParts', 'Checksum'] }),
    );
    expect(attributes.ObjectParts?.TotalPartsCount).toBe(2);
    expect(attributes.ObjectParts?.Parts?.map(({ Size }) => Size)).toEqual([partSize, 1000]);
    expect(attributes.Checksum?.ChecksumCRC32).not.toContain('-');
  });

  test('takes parts from other objects', async () => {
    await stand.s3.send(new PutObjectCommand({ ...at('source'), Body: whole }));
    const upload = await begin('copied', 'CRC64NVME');
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      stand.s3.send(
        new UploadPartCopyCommand({
          ...at('copied'),
          UploadId: upload,
          PartNumber,
          CopySource: 'plain/source',
          CopySourceRange,
        }),
      );
    const one = await copy(1, `bytes=0-${partSize - 1}`);
    const two = await copy(2, `bytes=${partSize}-${whole.length - 1}`);
    await expect(copy(3, 'bytes=1-')).rejects.toMatchObject({ name: 'InvalidArgument' });
    const completed = await complete('copied', upload, [
      { PartNumber: 1, ETag: one.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult?.ETag },
    ]);
    expect(completed).toMatchObject({ ETag: etagOfParts, ChecksumCRC64NVME: checksumOf('CRC64NVME', whole) });
  });

  test('is gone when aborted', async () => {
    const upload = await begin('aborted');
    const part = await send('aborted', upload, 1, second);
    await stand.s3.send(new AbortMultipartUploadCommand({ ...at('aborted'), UploadId: upload }));
    await expect(complete('aborted', upload, [part])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('binds a presigned part to its checksum and length', async () => {
    const upload = await begin('presigned', 'SHA256');
    const signer = stand.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const ChecksumSHA256 = checksumOf('SHA256', second);
    const command = new UploadPartCommand({
      ...at('presigned'),
      UploadId: upload,
      PartNumber: 1,
      ChecksumSHA256,
      ContentLength: second.length,
    });
    const url = await getSignedUrl(signer, command, {
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      signableHeaders: new Set(['content-length']),
    });
    const attempt = (body: Buffer, sha256?: string) =>
      fetch(url, {
        method: 'PUT',
        body: new Uint8Array(body),
        headers: sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256 },
      });
    expect((await attempt(second)).status).toBe(403);
    expect((await attempt(randomBytes(1000), ChecksumSHA256)).status).toBe(400);
    expect((await attempt(randomBytes(999), ChecksumSHA256)).status).toBe(403);
    const answer = await attempt(second, ChecksumSHA256);
    expect(answer.status).toBe(200);
    const completed = await complete('presigned', upload, [
      { PartNumber: 1, ETag: answer.headers.get('etag') ?? '', ChecksumSHA256 },
    ]);
    expect(completed.ChecksumSHA256).toMatch(/-1$/);
  });
});

test('parts and uploads are listed page by page', async () => {
  const uploads = [await begin('listed/a'), await begin('listed/a'), await begin('listed/b/c')];
  for (const number of [1, 2, 3]) await send('listed/a', uploads[0] as string, number, second);
  const page = (PartNumberMarker?: string) =>
    stand.s3.send(
      new ListPartsCommand({ ...at('listed/a'), UploadId: uploads[0], MaxParts: 2, PartNumberMarker }),
    );
  const one = await page();
  expect(one).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2', ChecksumAlgorithm: 'CRC32' });
  expect((await page(one.NextPartNumberMarker)).Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);

  const seen: (string | undefined)[] = [];
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (let more = true; more; ) {
    const listed = await stand.s3.send(
      new ListMultipartUploadsCommand({ Bucket: 'plain', Prefix: 'listed/', MaxUploads: 1, ...marker }),
    );
    seen.push(...(listed.Uploads ?? []).map(({ UploadId }) => UploadId));
    marker = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    more = listed.IsTruncated === true;
  }
  expect(seen).toEqual(uploads);
  const rolled = await stand.s3.send(
    new ListMultipartUploadsCommand({ Bucket: 'plain', Prefix: 'listed/', Delimiter: '/' }),
  );
  expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'listed/b/' }]);
});
