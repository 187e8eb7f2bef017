import { createHash } from 'node:crypto';
import { ServiceError } from '../contract.ts';
import {
  assertStated,
  defaultAlgorithm,
  type RunningChecksum,
  startChecksum,
  statedChecksum,
} from './checksums.ts';
import { invalidRequest } from './errors.ts';
import type { Blob, Checksum, ChecksumAlgorithm } from './model.ts';
import type { S3Request } from './request.ts';
import type { Service } from './service.ts';

/**
 * What one request may write, in bytes.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
 */
export const largestPut = 5 * 1024 ** 3;

/** The largest document S3 reads is a DeleteObjects of 1 000 long keys, each byte of them escaped. */
const largestDocument = 16 * 1024 ** 2;

/** A payload that arrived whole and as stated. */
export interface Received {
  readonly blob: Blob;
  /** MD5 in hexadecimal. */
  readonly etag: string;
  readonly checksum: Checksum;
}

type Payload = Pick<S3Request, 'headers' | 'body' | 'trailers'>;

/**
 * Takes a payload into a new blob, and keeps it only if its length, its Content-MD5 and its stated checksum
 * hold. `wanted` is computed even where the request states another algorithm or none.
 * @throws ServiceError BadDigest, InvalidDigest, EntityTooLarge, InvalidRequest
 */
export async function receive(
  service: Service,
  payload: Payload,
  wanted?: ChecksumAlgorithm,
): Promise<Received> {
  const stated = statedChecksum(payload.headers);
  const kept = wanted ?? stated?.algorithm ?? defaultAlgorithm;
  const running = new Map<ChecksumAlgorithm, RunningChecksum>([[kept, startChecksum(kept)]]);
  if (stated && stated.algorithm !== kept) running.set(stated.algorithm, startChecksum(stated.algorithm));
  const md5 = createHash('md5');
  const values = new Map<ChecksumAlgorithm, string>();
  let etag = '';
  let size = 0;
  const blob = await service.blobs.write(service.store.nextBlobName(), payload.body, {
    take(chunk) {
      size += chunk.length;
      if (size > largestPut) throw tooLarge(size);
      md5.update(chunk);
      for (const checksum of running.values()) checksum.update(chunk);
    },
    end() {
      etag = md5.digest('hex');
      for (const [algorithm, checksum] of running) values.set(algorithm, checksum.digest());
      assertMd5(payload.headers, etag);
      if (stated) assertStated(stated, payload.trailers, values.get(stated.algorithm) as string);
    },
  });
  const checksum: Checksum = {
    algorithm: kept,
    value: values.get(kept) as string,
    type: 'FULL_OBJECT',
  };
  return { blob, etag, checksum };
}

/** Reads the XML document of a request, verified like any payload. Throws ServiceError as `receive` does. */
export async function readDocument({ headers, body, trailers }: Payload): Promise<Buffer> {
  const stated = statedChecksum(headers);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestDocument) {
      throw new ServiceError('MaxMessageLengthExceeded', 'Your request was too big.', 400, {
        MaxMessageLengthBytes: largestDocument,
      });
    }
    chunks.push(chunk);
  }
  const document = Buffer.concat(chunks);
  assertMd5(headers, createHash('md5').update(document).digest('hex'));
  if (stated) {
    const checksum = startChecksum(stated.algorithm);
    checksum.update(document);
    assertStated(stated, trailers, checksum.digest());
  }
  return document;
}

/** Throws ServiceError InvalidRequest where a document that must be protected states no digest. */
export function assertProtected({ headers }: Payload): void {
  if (headers['content-md5'] === undefined && statedChecksum(headers) === undefined) {
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
}

function assertMd5(headers: Readonly<Record<string, string>>, computed: string): void {
  const stated = headers['content-md5'];
  if (stated === undefined) return;
  const bytes = Buffer.from(stated, 'base64');
  if (bytes.length !== 16) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
      'Content-MD5': stated,
    });
  }
  if (bytes.toString('hex') === computed) return;
  throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, {
    ExpectedDigest: stated,
    CalculatedDigest: Buffer.from(computed, 'hex').toString('base64'),
  });
}

function tooLarge(size: number): ServiceError {
  const message = 'Your proposed upload exceeds the maximum allowed size';
  return new ServiceError('EntityTooLarge', message, 400, { ProposedSize: size, MaxSizeAllowed: largestPut });
}
