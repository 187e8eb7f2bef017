import { algorithmOf, checksumMember } from '../checksums.ts';
import { assertCopyable, assertWritable } from '../conditions.ts';
import { copySourceOf } from '../copy-source.ts';
import { invalidArgument, invalidRequest } from '../errors.ts';
import { owedFor } from '../events.ts';
import { findObject } from '../lookup.ts';
import type { StoredObject } from '../model.ts';
import { encryptionOf, storedHeaders, versionHeader } from '../object-headers.ts';
import { largestPut, receive } from '../payload.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { tagsOfHeader } from '../tags.ts';
import type { XmlMembers } from '../xml.ts';
import { assertKey } from './put.ts';

/** The object that a copy reads. Throws ServiceError NoSuchBucket, NoSuchKey, PreconditionFailed and so on. */
export function copiedObject(
  service: Service,
  request: S3Request,
): { source: StoredObject; sourceHeaders: Record<string, string> } {
  const named = copySourceOf(request.input.CopySource);
  const bucket = service.bucket(named.bucket);
  const source = findObject(service, bucket, named.key, named.versionId);
  assertCopyable(source, request.headers);
  const [header] = Object.values(versionHeader(bucket, source.versionId));
  return { source, sourceHeaders: header === undefined ? {} : { 'x-amz-copy-source-version-id': header } };
}

/** Writes a new object from another. Throws ServiceError as `copiedObject` and a PutObject do. */
export async function copyObject(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, headers } = request;
  assertKey(key);
  const { source, sourceHeaders } = copiedObject(service, request);
  const replaces = directiveOf(headers, 'x-amz-metadata-directive');
  assertChanges(request, source, replaces);
  if (source.size > largestPut) {
    throw invalidRequest(
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    );
  }
  const wish = headers['x-amz-checksum-algorithm'];
  const algorithm =
    wish === undefined ? source.checksum?.algorithm : algorithmOf(wish, 'x-amz-checksum-algorithm');
  const body = service.blobs.read(source.blobs, 0, source.size);
  const { blob, etag, checksum } = await receive(service, { headers: {}, body, trailers: {} }, algorithm);
  const copy = service.keeping([blob], () => {
    assertWritable(key, service.versions(bucket, key)[0], headers);
    const object: StoredObject = {
      kind: 'object',
      ...service.nextVersion(bucket, key),
      size: blob.size,
      etag,
      blobs: [blob],
      headers: copiedHeaders(request, source, replaces),
      tags: directiveOf(headers, 'x-amz-tagging-directive')
        ? tagsOfHeader(headers['x-amz-tagging'])
        : source.tags,
      checksum,
    };
    const owed = owedFor(service, bucket, 'ObjectCreated:Copy', object, request.call);
    service.change({ op: 'put', bucket: bucket.name, version: object, ...owed });
    return object;
  });
  return {
    status: 200,
    headers: {
      ...encryptionOf(copy.headers),
      ...versionHeader(bucket, copy.versionId),
      ...sourceHeaders,
    },
    xml: { root: 'CopyObjectResult', members: copyMembers(copy) },
  };
}

/** Type, metadata and their like are the source's unless replaced; the rest is always the copy's own. */
function copiedHeaders(request: S3Request, source: StoredObject, replaces: boolean): Record<string, string> {
  const own = storedHeaders(request.headers, request.bucket);
  if (replaces) return own;
  const isOwn = (name: string) =>
    name === 'x-amz-storage-class' || name.startsWith('x-amz-server-side-encryption');
  return Object.fromEntries([
    ...Object.entries(source.headers).filter(([name]) => !isOwn(name)),
    ...Object.entries(own).filter(([name]) => isOwn(name)),
  ]);
}

function copyMembers({ etag, lastModified, checksum }: StoredObject): XmlMembers {
  return {
    ETag: `"${etag}"`,
    LastModified: new Date(lastModified).toISOString(),
    ...(checksum && { [checksumMember(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
  };
}

/** Whether a directive says REPLACE; without one it is COPY. Throws ServiceError InvalidArgument. */
function directiveOf(headers: Readonly<Record<string, string>>, name: string): boolean {
  const directive = headers[name] ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw invalidArgument(`Unknown directive: expected COPY or REPLACE.`, name, directive);
}

function assertChanges({ bucket, key, input, headers }: S3Request, source: StoredObject, replaces: boolean) {
  const named = copySourceOf(input.CopySource);
  const toItself = named.bucket === bucket.name && named.key === key && named.versionId === undefined;
  const changes =
    replaces ||
    (headers['x-amz-storage-class'] ?? source.headers['x-amz-storage-class']) !==
      source.headers['x-amz-storage-class'] ||
    headers['x-amz-server-side-encryption'] !== undefined ||
    headers['x-amz-checksum-algorithm'] !== undefined ||
    headers['x-amz-website-redirect-location'] !== undefined;
  if (!toItself || changes) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}
