import type { Bucket } from './bucket.ts';
import { invalidArgument, noSuchKey, noSuchVersion, S3Error } from './errors.ts';
import type { StoredObject, Version } from './model.ts';
import { versionHeader } from './object-headers.ts';
import type { Service } from './service.ts';

/**
 * The object that a read is about: the newest, or the version it names.
 * @throws ServiceError NoSuchKey, NoSuchVersion, InvalidArgument, or MethodNotAllowed for a delete marker by id
 */
export function findObject(
  service: Service,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): StoredObject {
  const versions = service.versions(bucket, key);
  if (versionId === undefined) return newestObject(bucket, key, versions[0]);
  assertVersionId(versionId);
  const version = versions.find((candidate) => candidate.versionId === versionId);
  if (!version) throw noSuchVersion(key, versionId);
  if (version.kind === 'object') return version;
  throw new S3Error(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    405,
    { Method: 'GET', ResourceType: 'DeleteMarker' },
    {
      ...markerHeaders(bucket, version),
      allow: 'DELETE',
      'last-modified': new Date(version.lastModified).toUTCString(),
    },
  );
}

/** Throws ServiceError InvalidArgument for what can't be an id of a version. */
export function assertVersionId(versionId: string): void {
  if (/^(null|[0-9a-f]{32})$/.test(versionId)) return;
  throw invalidArgument('Invalid version id specified', 'versionId', versionId);
}

/** What answers tell of a delete marker. */
export function markerHeaders(bucket: Bucket, marker: Version): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', ...versionHeader(bucket, marker.versionId) };
}

function newestObject(bucket: Bucket, key: string, newest: Version | undefined): StoredObject {
  if (newest?.kind === 'object') return newest;
  throw noSuchKey(key, newest ? markerHeaders(bucket, newest) : {});
}
