import type { Bucket } from '../bucket.ts';
import { invalidArgument } from '../errors.ts';
import { commonPrefixes, keyWriter, limitOf, type Page, takePage, type Walk, wishOf } from '../listing.ts';
import { assertVersionId } from '../lookup.ts';
import type { Version } from '../model.ts';
import { storageClassOf } from '../object-headers.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { keyOf, orderOf } from '../store.ts';
import type { XmlMembers } from '../xml.ts';
import { checksumFacts, ownerOf } from './list-objects.ts';

interface Listed {
  readonly version: Version;
  readonly isLatest: boolean;
}

/** Every version and delete marker, newest first within a key, page by page. */
export async function listObjectVersions(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, input } = request;
  const limit = limitOf(input.MaxKeys, 'max-keys');
  const write = keyWriter(input.EncodingType);
  const { KeyMarker, VersionIdMarker } = input;
  const walk = versionsAfter(bucket, KeyMarker, VersionIdMarker);
  // With a version to go on after, the marker's own key still has something to show.
  const after = VersionIdMarker ? undefined : KeyMarker;
  const page = takePage(walk, wishOf(input, after, limit));
  const last = page.truncated ? page.entries.at(-1) : undefined;
  const owner = ownerOf(service);
  return {
    status: 200,
    headers: {},
    xml: {
      root: 'ListVersionsResult',
      members: {
        Name: bucket.name,
        Prefix: write(input.Prefix ?? ''),
        KeyMarker: write(KeyMarker ?? ''),
        VersionIdMarker: VersionIdMarker ?? '',
        Delimiter: input.Delimiter && write(input.Delimiter),
        MaxKeys: limit,
        EncodingType: input.EncodingType,
        IsTruncated: page.truncated,
        NextKeyMarker: last && write(keyOf(last.order)),
        NextVersionIdMarker: last?.kind === 'item' ? last.item.version.versionId : undefined,
        Version: elements(page, write, owner, 'object'),
        DeleteMarker: elements(page, write, owner, 'delete-marker'),
        CommonPrefixes: commonPrefixes(page, write),
      },
    },
  };
}

/** All versions, newest first within their key; those up to the marked one are left out. */
function versionsAfter(
  bucket: Bucket,
  keyMarker: string | undefined,
  versionIdMarker: string | undefined,
): Walk<Listed> {
  if (versionIdMarker) {
    if (!keyMarker) {
      const message = 'A version-id marker cannot be specified without a key marker.';
      throw invalidArgument(message, 'version-id-marker', versionIdMarker);
    }
    assertVersionId(versionIdMarker);
  }
  const marked = versionIdMarker ? orderOf(keyMarker ?? '') : undefined;
  return function* (range) {
    const goesOn = marked !== undefined && marked >= (range.from ?? range.after ?? '');
    const { before } = range;
    for (const [order, versions] of bucket.state.keys.entries(goesOn ? { from: marked, before } : range)) {
      const listed = versions.map((version, index) => ({ version, isLatest: index === 0 }));
      const skipped =
        order === marked ? versions.findIndex(({ versionId }) => versionId === versionIdMarker) + 1 : 0;
      for (const item of listed.slice(skipped)) yield [order, item];
    }
  };
}

function elements(
  page: Page<Listed>,
  write: (key: string) => string,
  owner: XmlMembers,
  kind: Version['kind'],
): XmlMembers[] {
  return page.entries.flatMap((entry) => {
    if (entry.kind === 'prefix' || entry.item.version.kind !== kind) return [];
    const { version, isLatest } = entry.item;
    return {
      Key: write(version.key),
      VersionId: version.versionId,
      IsLatest: isLatest,
      LastModified: new Date(version.lastModified).toISOString(),
      ...(version.kind === 'object' && {
        ETag: `"${version.etag}"`,
        ...checksumFacts(version),
        Size: version.size,
        StorageClass: storageClassOf(version),
      }),
      Owner: owner,
    };
  });
}
