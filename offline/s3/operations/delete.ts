import { ServiceError } from '../../contract.ts';
import type { Bucket } from '../bucket.ts';
import { assertWritable } from '../conditions.ts';
import { malformedXml } from '../errors.ts';
import { type Cause, owedFor } from '../events.ts';
import { assertVersionId, markerHeaders } from '../lookup.ts';
import type { DeleteMarker } from '../model.ts';
import { versionHeader } from '../object-headers.ts';
import { assertProtected, readDocument } from '../payload.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { childText, expectRoot, parseXml, type XmlElement, type XmlMembers } from '../xml.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const mostKeys = 1_000;

/** Removes an object, hides it behind a delete marker, or removes one version for good. */
export async function deleteObject(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, input, headers, call } = request;
  if (input.VersionId !== undefined) return deleteVersion(service, request, input.VersionId);
  assertWritable(key, service.versions(bucket, key)[0], headers);
  if (bucket.state.versioning === 'Unversioned') {
    removeVersion(service, bucket, key, 'null', 'ObjectRemoved:Delete', call);
    return { status: 204, headers: {} };
  }
  const marker = putDeleteMarker(service, bucket, key, 'ObjectRemoved:DeleteMarkerCreated', call);
  return { status: 204, headers: markerHeaders(bucket, marker) };
}

/** Hides the key's versions behind a delete marker. */
export function putDeleteMarker(
  service: Service,
  bucket: Bucket,
  key: string,
  event: string,
  cause: Cause,
): DeleteMarker {
  const marker: DeleteMarker = { kind: 'delete-marker', ...service.nextVersion(bucket, key) };
  const owed = owedFor(service, bucket, event, marker, cause);
  service.change({ op: 'put', bucket: bucket.name, version: marker, ...owed });
  return marker;
}

/** Removes a version for good, where it exists. */
export function removeVersion(
  service: Service,
  bucket: Bucket,
  key: string,
  versionId: string,
  event: string,
  cause: Cause,
): void {
  const version = service.versions(bucket, key).find((candidate) => candidate.versionId === versionId);
  if (!version) return;
  // The deletion comes after the write that it removes, in the order of sequencers too.
  const removed = { ...version, sequence: service.store.nextSequence() };
  const owed = owedFor(service, bucket, event, removed, cause);
  service.change({ op: 'remove', bucket: bucket.name, key, versionId, ...owed });
}

function deleteVersion(service: Service, request: S3Request, versionId: string): Reply {
  const { bucket, key, headers, call } = request;
  assertVersionId(versionId);
  const version = service.versions(bucket, key).find((candidate) => candidate.versionId === versionId);
  if (headers['if-match'] !== undefined) assertWritable(key, version, headers);
  removeVersion(service, bucket, key, versionId, 'ObjectRemoved:Delete', call);
  return {
    status: 204,
    headers:
      version?.kind === 'delete-marker' ? markerHeaders(bucket, version) : versionHeader(bucket, versionId),
  };
}

/**
 * Deletes up to 1 000 keys. Each is a call of its own to DeleteObject by the same principal, so that what one
 * key is refused doesn't touch the others.
 */
export async function deleteObjects(service: Service, request: S3Request): Promise<Reply> {
  assertProtected(request);
  const root = expectRoot(parseXml(await readDocument(request)), 'Delete');
  const objects = root.children.filter(({ name }) => name === 'Object').map(wish);
  if (objects.length === 0 || objects.length > mostKeys) {
    throw malformedXml(`expected 1 to ${mostKeys} keys, received ${objects.length}`);
  }
  const quiet = childText(root, 'Quiet') === 'true';
  const Deleted: XmlMembers[] = [];
  const failures: XmlMembers[] = [];
  const { bucket, call } = request;
  for (const { Key, VersionId, IfMatch } of objects) {
    const named = { Key, VersionId };
    const input = { Bucket: bucket.name, ...named, IfMatch };
    try {
      const done = await service.context.call(call.principal, 's3', 'DeleteObject', input, call.signal);
      if (!quiet) Deleted.push({ ...named, ...markerMembers(done) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failures.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  return {
    status: 200,
    headers: {},
    xml: { root: 'DeleteResult', members: { Deleted, Error: failures } },
  };
}

function wish(object: XmlElement): { Key: string; VersionId?: string; IfMatch?: string } {
  const key = childText(object, 'Key');
  if (!key) throw malformedXml('expected a Key in each Object');
  const versionId = childText(object, 'VersionId');
  const etag = childText(object, 'ETag');
  return {
    Key: key,
    ...(versionId && { VersionId: versionId }),
    ...(etag && { IfMatch: etag }),
  };
}

function markerMembers(done: Readonly<Record<string, unknown>>): XmlMembers {
  return done.DeleteMarker === true
    ? { DeleteMarker: true, DeleteMarkerVersionId: String(done.VersionId) }
    : {};
}
