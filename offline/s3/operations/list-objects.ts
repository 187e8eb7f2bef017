import { createHash } from 'node:crypto';
import type { Bucket } from '../bucket.ts';
import { invalidArgument } from '../errors.ts';
import { commonPrefixes, keyWriter, limitOf, type Page, takePage, type Walk, wishOf } from '../listing.ts';
import type { StoredObject } from '../model.ts';
import { storageClassOf } from '../object-headers.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { keyOf } from '../store.ts';
import type { XmlMembers } from '../xml.ts';

/** Objects page by page, going on after a token. */
export async function listObjectsV2(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, input } = request;
  const limit = limitOf(input.MaxKeys, 'max-keys');
  const write = keyWriter(input.EncodingType);
  const { ContinuationToken: token, StartAfter, FetchOwner } = input;
  const after = token === undefined ? StartAfter : keyOfToken(token);
  const page = takePage(newestObjects(bucket), wishOf(input, after, limit));
  const last = page.entries.at(-1);
  const owner = FetchOwner === 'true' ? { Owner: ownerOf(service) } : {};
  return listing({
    Name: bucket.name,
    Prefix: write(input.Prefix ?? ''),
    Delimiter: input.Delimiter && write(input.Delimiter),
    StartAfter: StartAfter && write(StartAfter),
    MaxKeys: limit,
    KeyCount: page.entries.length,
    EncodingType: input.EncodingType,
    IsTruncated: page.truncated,
    ContinuationToken: token,
    NextContinuationToken: page.truncated && last ? tokenOf(keyOf(last.order)) : undefined,
    Contents: contentsOf(page, write, owner),
    CommonPrefixes: commonPrefixes(page, write),
  });
}

/** Objects page by page as the first version of the API has it: going on after a key. */
export async function listObjects(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, input } = request;
  const limit = limitOf(input.MaxKeys, 'max-keys');
  const write = keyWriter(input.EncodingType);
  const page = takePage(newestObjects(bucket), wishOf(input, input.Marker, limit));
  const last = page.entries.at(-1);
  return listing({
    Name: bucket.name,
    Prefix: write(input.Prefix ?? ''),
    Marker: write(input.Marker ?? ''),
    Delimiter: input.Delimiter && write(input.Delimiter),
    MaxKeys: limit,
    EncodingType: input.EncodingType,
    IsTruncated: page.truncated,
    // Without a delimiter clients go on after the last key, and S3 tells no marker.
    NextMarker: page.truncated && last && input.Delimiter ? write(keyOf(last.order)) : undefined,
    Contents: contentsOf(page, write, { Owner: ownerOf(service) }),
    CommonPrefixes: commonPrefixes(page, write),
  });
}

/** The account as S3 shows it: a canonical user id. */
export function ownerOf(service: Service): XmlMembers {
  return { ID: createHash('sha256').update(service.context.account).digest('hex') };
}

function newestObjects(bucket: Bucket): Walk<StoredObject> {
  return function* (range) {
    for (const [order, [newest]] of bucket.state.keys.entries(range)) {
      if (newest?.kind === 'object') yield [order, newest];
    }
  };
}

function contentsOf(
  page: Page<StoredObject>,
  write: (key: string) => string,
  owner: XmlMembers,
): XmlMembers[] {
  return page.entries.flatMap((entry) => {
    if (entry.kind === 'prefix') return [];
    const { item } = entry;
    return {
      Key: write(item.key),
      LastModified: new Date(item.lastModified).toISOString(),
      ETag: `"${item.etag}"`,
      ...checksumFacts(item),
      Size: item.size,
      ...owner,
      StorageClass: storageClassOf(item),
    };
  });
}

/** What listings tell of an object's checksum: all but its value. */
export function checksumFacts({ checksum }: StoredObject): XmlMembers {
  return checksum ? { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type } : {};
}

function listing(members: XmlMembers): Reply {
  return { status: 200, headers: {}, xml: { root: 'ListBucketResult', members } };
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyOfToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token !== '' && tokenOf(key) === token) return key;
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
