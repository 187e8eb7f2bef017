import { createHash } from 'node:crypto';
import { ServiceError } from '../../contract.ts';
import { checksumHeader, checksumMember, defaultAlgorithm, joinChecksums, mismatch } from '../checksums.ts';
import { assertWritable } from '../conditions.ts';
import { invalidRequest, malformedXml } from '../errors.ts';
import { owedFor } from '../events.ts';
import type { Checksum, ChecksumAlgorithm, Part, StoredObject, Upload } from '../model.ts';
import { encryptionOf, versionHeader } from '../object-headers.ts';
import { readDocument } from '../payload.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { childText, expectRoot, parseXml, type XmlElement, type XmlMembers } from '../xml.ts';
import { findUpload, mostParts } from './multipart.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const smallestPart = 5 * 1024 ** 2;

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/**
 * Makes an object of an upload's parts. Repeated after it succeeded, it answers as it did the first time, so
 * that a client that lost the answer can ask again.
 */
export async function completeMultipartUpload(service: Service, request: S3Request): Promise<Reply> {
  const document = await readDocument({ ...request, headers: documentHeaders(request.headers) });
  const root = expectRoot(parseXml(document), 'CompleteMultipartUpload');
  const done = completed(service, request);
  if (done) return answer(service, request, done);
  const upload = findUpload(request);
  const parts = chosenParts(request, upload, listedParts(root, upload.algorithm ?? defaultAlgorithm));
  const object = assemble(service, request, upload, parts);
  const owed = owedFor(
    service,
    request.bucket,
    'ObjectCreated:CompleteMultipartUpload',
    object,
    request.call,
  );
  service.change({ op: 'complete', bucket: request.bucket.name, version: object, ...owed });
  return answer(service, request, object);
}

function assemble(
  service: Service,
  request: S3Request,
  upload: Upload,
  parts: readonly Part[],
): StoredObject {
  const { bucket, key, headers } = request;
  assertWritable(key, service.versions(bucket, key)[0], headers);
  const sized = parts.map(({ number, blob, checksum }) => ({ number, size: blob.size, checksum }));
  const size = sized.reduce((sum, part) => sum + part.size, 0);
  const checksum = joinChecksums(upload.algorithm ?? defaultAlgorithm, upload.checksumType, sized);
  assertWhole(headers, size, checksum);
  const md5s = createHash('md5');
  for (const { etag } of parts) md5s.update(etag, 'hex');
  return {
    kind: 'object',
    ...service.nextVersion(bucket, key),
    size,
    etag: `${md5s.digest('hex')}-${parts.length}`,
    blobs: parts.map(({ blob }) => blob),
    headers: upload.headers,
    tags: upload.tags,
    checksum,
    parts: sized,
    uploadId: upload.uploadId,
  };
}

/** The object that this upload became, where it was completed before. */
function completed(service: Service, { bucket, key, input }: S3Request): StoredObject | undefined {
  const version = service
    .versions(bucket, key)
    .find((candidate) => candidate.kind === 'object' && candidate.uploadId === input.UploadId);
  return version?.kind === 'object' ? version : undefined;
}

function answer(service: Service, { bucket, key }: S3Request, object: StoredObject): Reply {
  const { checksum } = object;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const members: XmlMembers = {
    Location: `${service.context.endpoint}/${bucket.name}/${path}`,
    Bucket: bucket.name,
    Key: key,
    ETag: `"${object.etag}"`,
    ...(checksum && { [checksumMember(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
  };
  return {
    status: 200,
    headers: { ...encryptionOf(object.headers), ...versionHeader(bucket, object.versionId) },
    xml: { root: 'CompleteMultipartUploadResult', members },
  };
}

function listedParts(root: XmlElement, algorithm: ChecksumAlgorithm): ListedPart[] {
  const listed = root.children
    .filter(({ name }) => name === 'Part')
    .map((part) => ({
      number: Number(childText(part, 'PartNumber')),
      etag: (childText(part, 'ETag') ?? '').replace(/^"(.*)"$/, '$1'),
      checksum: childText(part, checksumMember(algorithm)),
    }));
  if (listed.length === 0 || listed.length > mostParts) {
    throw malformedXml(`expected 1 to ${mostParts} parts, received ${listed.length}`);
  }
  return listed;
}

/** The uploaded parts that the list names, every one of them held against it. */
function chosenParts({ bucket }: S3Request, upload: Upload, listed: readonly ListedPart[]): Part[] {
  assertAscending(upload, listed);
  const uploaded = bucket.state.uploads.get(upload.uploadId)?.parts;
  return listed.map((named, index) => {
    const part = uploaded?.get(named.number);
    const isLast = index === listed.length - 1;
    if (!part || part.etag !== named.etag || (named.checksum ?? part.checksum) !== part.checksum) {
      const message =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw partError('InvalidPart', message, named, { UploadId: upload.uploadId });
    }
    if (named.checksum === undefined && upload.algorithm && upload.checksumType === 'COMPOSITE') {
      throw invalidRequest(
        `The upload was created using a ${upload.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${named.number} in the request.`,
      );
    }
    if (!isLast && part.blob.size < smallestPart) {
      const message = 'Your proposed upload is smaller than the minimum allowed size';
      const sizes = { ProposedSize: part.blob.size, MinSizeAllowed: smallestPart };
      throw partError('EntityTooSmall', message, named, sizes);
    }
    return part;
  });
}

function assertAscending({ uploadId }: Upload, listed: readonly ListedPart[]): void {
  const disordered = listed.find(({ number }, index) => number <= (listed[index - 1]?.number ?? 0));
  if (!disordered) return;
  const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
  throw partError('InvalidPartOrder', message, disordered, { UploadId: uploadId });
}

function partError(code: string, message: string, { number, etag }: ListedPart, more: object): ServiceError {
  return new ServiceError(code, message, 400, { ...more, PartNumber: number, ETag: etag });
}

/** Holds size, type and checksum of the whole against what the request states of them. */
function assertWhole(headers: Readonly<Record<string, string>>, size: number, checksum: Checksum): void {
  const statedSize = headers['x-amz-mp-object-size'];
  if (statedSize !== undefined && Number(statedSize) !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${statedSize} does not match what was computed: ${size}`,
    );
  }
  const type = headers['x-amz-checksum-type'];
  const value = headers[checksumHeader(checksum.algorithm)];
  if (type !== undefined && type.toUpperCase() !== checksum.type) throw mismatch(checksum.algorithm);
  if (value !== undefined && value !== checksum.value) throw mismatch(checksum.algorithm);
}

/** Here a checksum header speaks of the object, not of the document that is the payload. */
function documentHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^x-amz-.*checksum/.test(name)));
}
