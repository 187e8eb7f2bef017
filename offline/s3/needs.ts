import type { Call, Need } from '../contract.ts';
import { type CopySource, copySourceOf } from './copy-source.ts';
import { headersOf } from './request.ts';

/** The operations whose IAM action is not called `s3:` and their own name. */
const renamed: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: 'PutObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketAnalyticsConfiguration: 'GetAnalyticsConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketIntelligentTieringConfiguration: 'GetIntelligentTieringConfiguration',
  GetBucketInventoryConfiguration: 'GetInventoryConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetBucketMetricsConfiguration: 'GetMetricsConfiguration',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListBuckets: 'ListAllMyBuckets',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListParts: 'ListMultipartUploadParts',
  PostObject: 'PutObject',
  UploadPart: 'PutObject',
  UploadPartCopy: 'PutObject',
};

/** The actions that have a sibling for a version which the call names. */
const versioned = new Set([
  'GetObject',
  'DeleteObject',
  'GetObjectTagging',
  'PutObjectTagging',
  'DeleteObjectTagging',
  'GetObjectAcl',
  'GetObjectAttributes',
]);

/** The operations that may set tags and access control lists along with an object. */
const storing = new Set(['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload']);

/**
 * Which rights a call of S3 needs. A DeleteObjects needs none itself: it makes a DeleteObject call for each
 * of its keys. A preflight needs none at all. `hasTags` tells whether the source of a copy does: only then
 * S3 asks for the right to copy them.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
 */
export function s3Needs(call: Call, hasTags: (source: CopySource) => boolean): Need[] {
  const { operation } = call;
  const input = call.input as Readonly<Record<string, string | undefined>>;
  if (operation === 'OptionsObject' || operation === 'DeleteObjects') return [];
  const name = renamed[operation] ?? operation;
  const resource = arnOf(input.Bucket, input.Key);
  const needs = [need(name, resource, input.VersionId)];
  if (operation === 'GetObjectAttributes') needs.unshift(need('GetObject', resource, input.VersionId));
  if (storing.has(operation) && setsTags(call)) needs.push(need('PutObjectTagging', resource));
  if (storing.has(operation) && setsAcl(call)) needs.push(need('PutObjectAcl', resource));
  if (operation !== 'CopyObject' && operation !== 'UploadPartCopy') return needs;
  const source = copySourceOf(input.CopySource);
  const sourceArn = arnOf(source.bucket, source.key);
  needs.push(need('GetObject', sourceArn, source.versionId));
  if (operation === 'CopyObject' && !replacesTags(call) && hasTags(source)) {
    needs.push(need('GetObjectTagging', sourceArn, source.versionId), need('PutObjectTagging', resource));
  }
  return needs;
}

function need(name: string, resource: string, versionId?: string): Need {
  const ofVersion = versionId !== undefined && versioned.has(name);
  return { action: `s3:${ofVersion ? ofVersionOf(name) : name}`, resource };
}

/** `GetObjectTagging` becomes `GetObjectVersionTagging`, and so on. */
function ofVersionOf(name: string): string {
  return name.replace('Object', 'ObjectVersion');
}

function setsTags(call: Call): boolean {
  const fields = call.input.Fields as Readonly<Record<string, string>> | undefined;
  if (fields) return fields.tagging !== undefined;
  if (call.operation === 'CopyObject' && !replacesTags(call)) return false;
  return call.input.Tagging !== undefined || headerOf(call, 'x-amz-tagging') !== undefined;
}

function setsAcl({ http, input }: Call): boolean {
  const fields = input.Fields as Readonly<Record<string, string>> | undefined;
  if (fields) return fields.acl !== undefined;
  return http !== undefined && Object.keys(headersOf(http)).some((name) => /^x-amz-(acl$|grant-)/.test(name));
}

function replacesTags(call: Call): boolean {
  return headerOf(call, 'x-amz-tagging-directive') === 'REPLACE';
}

function headerOf({ http }: Call, name: string): string | undefined {
  return http && headersOf(http)[name];
}

function arnOf(bucket: string | undefined, key: string | undefined): string {
  if (bucket === undefined) return '*';
  return `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
}
