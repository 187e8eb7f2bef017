import { ServiceError } from '../contract.ts';
import type { Bucket } from './bucket.ts';
import { checksumHeader } from './checksums.ts';
import { invalidArgument, invalidRequest, notImplemented } from './errors.ts';
import type { Checksum, StoredObject } from './model.ts';

type Headers = Readonly<Record<string, string>>;

const repeated = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
];

const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
const largestMetadata = 2_048;

/**
 * What an object keeps of its upload's headers: media type and its like, user metadata, storage class, and
 * the bucket's encryption where the upload wishes for none.
 * @throws ServiceError for what S3 refuses, and NotImplemented for what only the local S3 lacks
 */
export function storedHeaders(headers: Headers, bucket: Bucket): Record<string, string> {
  assertPossible(headers);
  const kept = Object.entries(headers).filter(
    ([name]) => repeated.includes(name) || name.startsWith('x-amz-meta-'),
  );
  const unfit = kept.find(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  if (unfit) throw invalidArgument('A header cannot hold control characters.', ...unfit);
  const metadata = kept.filter(([name]) => name.startsWith('x-amz-meta-'));
  const size = metadata.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + value.length,
    0,
  );
  if (size > largestMetadata) {
    const message = 'Your metadata headers exceed the maximum allowed metadata size';
    throw new ServiceError('MetadataTooLarge', message, 400, { Size: size, MaxSizeAllowed: largestMetadata });
  }
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (!storageClasses.includes(storageClass)) {
    throw new ServiceError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
      StorageClassRequested: storageClass,
    });
  }
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(kept),
    ...(storageClass !== 'STANDARD' && { 'x-amz-storage-class': storageClass }),
    ...encryptionHeaders(headers, bucket),
  };
}

/** What the answer to a write says of how the object is encrypted. */
export function encryptionOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-server-side-encryption')),
  );
}

/** The class that listings show. */
export function storageClassOf(object: StoredObject): string {
  return object.headers['x-amz-storage-class'] ?? 'STANDARD';
}

/** How answers tell a checksum. */
export function checksumHeaders({ algorithm, value, type }: Checksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type };
}

/** The version's id, which buckets that never were versioned don't tell. */
export function versionHeader(bucket: Bucket, versionId: string): Record<string, string> {
  return bucket.state.versioning === 'Unversioned' ? {} : { 'x-amz-version-id': versionId };
}

function encryptionHeaders(headers: Headers, bucket: Bucket): Record<string, string> {
  const wish = headers['x-amz-server-side-encryption'];
  if (wish === undefined) return { ...bucket.encryption };
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(wish)) {
    const message = 'The encryption method specified is not supported';
    throw invalidArgument(message, 'x-amz-server-side-encryption', wish);
  }
  const key = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  return {
    'x-amz-server-side-encryption': wish,
    ...(key !== undefined && { 'x-amz-server-side-encryption-aws-kms-key-id': key }),
  };
}

function assertPossible(headers: Headers): void {
  if (headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined) {
    throw notImplemented('x-amz-server-side-encryption-customer-algorithm');
  }
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-object-lock-'))) {
    throw invalidRequest('Bucket is missing Object Lock Configuration');
  }
  const acl = headers['x-amz-acl'] ?? headers.acl ?? 'private';
  const grants = Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'));
  if (grants || !['private', 'bucket-owner-full-control'].includes(acl)) {
    throw new ServiceError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
}
