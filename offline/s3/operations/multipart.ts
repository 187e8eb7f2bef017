import {
  algorithmOf,
  checksumHeader,
  checksumMember,
  checksumTypes,
  defaultAlgorithm,
  statedChecksum,
} from '../checksums.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from '../errors.ts';
import type { ChecksumType, Part, Upload } from '../model.ts';
import { encryptionOf, storedHeaders } from '../object-headers.ts';
import { type Received, receive } from '../payload.ts';
import { byteRange } from '../ranges.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { tagsOfHeader } from '../tags.ts';
import { copiedObject } from './copy.ts';
import { assertKey } from './put.ts';

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const mostParts = 10_000;

/** Begins a multipart upload. */
export async function createMultipartUpload(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, headers } = request;
  assertKey(key);
  const sequence = service.store.nextSequence();
  const upload: Upload = {
    uploadId: service.uniqueId(sequence, 48),
    key,
    sequence,
    initiated: service.context.clock.now(),
    headers: storedHeaders(headers, bucket),
    tags: tagsOfHeader(headers['x-amz-tagging']),
    ...chosenChecksum(headers),
  };
  service.change({ op: 'upload', bucket: bucket.name, upload });
  return {
    status: 200,
    headers: {
      ...encryptionOf(upload.headers),
      ...(upload.algorithm && {
        'x-amz-checksum-algorithm': upload.algorithm,
        'x-amz-checksum-type': upload.checksumType,
      }),
    },
    xml: {
      root: 'InitiateMultipartUploadResult',
      members: { Bucket: bucket.name, Key: key, UploadId: upload.uploadId },
    },
  };
}

/** Takes a part; one of the same number is replaced. Throws ServiceError as `receive` does, and NoSuchUpload. */
export async function uploadPart(service: Service, request: S3Request): Promise<Reply> {
  const upload = findUpload(request);
  const number = partNumberOf(request.input.PartNumber);
  assertAlgorithm(upload, request.headers);
  const received = await receive(service, request, upload.algorithm ?? defaultAlgorithm);
  keepPart(service, request, number, received);
  return {
    status: 200,
    headers: {
      etag: `"${received.etag}"`,
      [checksumHeader(received.checksum.algorithm)]: received.checksum.value,
      ...encryptionOf(upload.headers),
    },
  };
}

/** Takes a part from an object, or from the stretch of it that `x-amz-copy-source-range` names. */
export async function uploadPartCopy(service: Service, request: S3Request): Promise<Reply> {
  const upload = findUpload(request);
  const number = partNumberOf(request.input.PartNumber);
  const { source, sourceHeaders } = copiedObject(service, request);
  const header = request.headers['x-amz-copy-source-range'];
  if (header !== undefined && !/^bytes=\d+-\d+$/.test(header)) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy';
    throw invalidArgument(message, 'x-amz-copy-source-range', header);
  }
  const { from, to } = byteRange(header, source.size) ?? { from: 0, to: source.size };
  const body = service.blobs.read(source.blobs, from, to);
  const algorithm = upload.algorithm ?? defaultAlgorithm;
  const received = await receive(service, { headers: {}, body, trailers: {} }, algorithm);
  const part = keepPart(service, request, number, received);
  return {
    status: 200,
    headers: { ...encryptionOf(upload.headers), ...sourceHeaders },
    xml: {
      root: 'CopyPartResult',
      members: {
        ETag: `"${part.etag}"`,
        LastModified: new Date(part.lastModified).toISOString(),
        [checksumMember(algorithm)]: part.checksum,
      },
    },
  };
}

/** Forgets an upload and its parts. Throws ServiceError NoSuchUpload. */
export async function abortMultipartUpload(service: Service, request: S3Request): Promise<Reply> {
  const { uploadId } = findUpload(request);
  service.change({ op: 'abort', bucket: request.bucket.name, uploadId });
  return { status: 204, headers: {} };
}

/** The upload that a request names. Throws ServiceError NoSuchUpload. */
export function findUpload({ bucket, key, input }: S3Request): Upload {
  const uploadId = input.UploadId ?? '';
  const upload = bucket.state.uploads.get(uploadId)?.upload;
  if (upload?.key !== key) throw noSuchUpload(uploadId);
  return upload;
}

function keepPart(service: Service, request: S3Request, number: number, received: Received): Part {
  const part: Part = {
    number,
    blob: received.blob,
    etag: received.etag,
    checksum: received.checksum.value,
    lastModified: service.context.clock.now(),
  };
  return service.keeping([part.blob], () => {
    const { uploadId } = findUpload(request);
    service.change({ op: 'part', bucket: request.bucket.name, uploadId, part });
    return part;
  });
}

function partNumberOf(text: string | undefined): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= mostParts) return number;
  const message = `Part number must be an integer between 1 and ${mostParts}, inclusive`;
  throw invalidArgument(message, 'partNumber', text ?? '');
}

function chosenChecksum(
  headers: Readonly<Record<string, string>>,
): Pick<Upload, 'algorithm' | 'checksumType'> {
  const named = headers['x-amz-checksum-algorithm'];
  const wished = headers['x-amz-checksum-type']?.toUpperCase();
  if (named === undefined) {
    if (wished === undefined) return { checksumType: 'FULL_OBJECT' };
    throw invalidRequest(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const algorithm = algorithmOf(named, 'x-amz-checksum-algorithm');
  const types = checksumTypes(algorithm);
  const checksumType = wished === undefined ? types[0] : types.find((type) => type === wished);
  if (checksumType) return { algorithm, checksumType: checksumType satisfies ChecksumType };
  throw invalidRequest(
    `The ${wished} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

/**
 * A part must state the checksum that its upload was begun with. Without one, S3 computes it itself only
 * where the object's checksum is one of all bytes.
 */
function assertAlgorithm(upload: Upload, headers: Readonly<Record<string, string>>): void {
  const stated = statedChecksum(headers)?.algorithm;
  const missing =
    stated === undefined && upload.algorithm !== undefined && upload.checksumType === 'COMPOSITE';
  const other = stated !== undefined && stated !== upload.algorithm;
  const isDefault = upload.algorithm === undefined && stated === defaultAlgorithm;
  if (!missing && (!other || isDefault)) return;
  const expected = upload.algorithm?.toLowerCase() ?? 'null';
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${stated?.toLowerCase() ?? 'null'}`,
  );
}
