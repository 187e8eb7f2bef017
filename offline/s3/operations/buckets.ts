import { preflightHeaders } from '../cors.ts';
import { malformedXml } from '../errors.ts';
import { findObject } from '../lookup.ts';
import { readDocument } from '../payload.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { childText, expectRoot, parseXml, type XmlMembers } from '../xml.ts';
import { ownerOf } from './list-objects.ts';

/** Tells that the bucket exists, and where. */
export async function headBucket(service: Service): Promise<Reply> {
  return { status: 200, headers: { 'x-amz-bucket-region': service.context.region } };
}

/** Tells the bucket's region. */
export async function getBucketLocation(service: Service): Promise<Reply> {
  const { region } = service.context;
  // The oldest region goes without a name.
  return xml('LocationConstraint', region === 'us-east-1' ? '' : region);
}

/** Tells whether versions are kept; nothing where they never were. */
export async function getBucketVersioning(_: Service, { bucket }: S3Request): Promise<Reply> {
  const { versioning } = bucket.state;
  return xml('VersioningConfiguration', versioning === 'Unversioned' ? {} : { Status: versioning });
}

/** Switches versioning on or suspends it. Throws ServiceError MalformedXML for any other status. */
export async function putBucketVersioning(service: Service, request: S3Request): Promise<Reply> {
  const root = expectRoot(parseXml(await readDocument(request)), 'VersioningConfiguration');
  const status = childText(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw malformedXml(`expected a Status of Enabled or Suspended, received ${status}`);
  }
  service.change({ op: 'versioning', bucket: request.bucket.name, versioning: status });
  return { status: 200, headers: {} };
}

/** Access lists are off, as in every bucket made since April 2023: the owner controls everything. */
export async function getBucketAcl(service: Service): Promise<Reply> {
  return ownersAcl(service);
}

/** The access list of an object: its owner's. Throws ServiceError as `findObject` does. */
export async function getObjectAcl(service: Service, request: S3Request): Promise<Reply> {
  findObject(service, request.bucket, request.key, request.input.VersionId);
  return ownersAcl(service);
}

/** Tells what the template says of public access. */
export async function getPublicAccessBlock(_: Service, { bucket }: S3Request): Promise<Reply> {
  return xml('PublicAccessBlockConfiguration', bucket.publicAccessBlock);
}

/** Answers a browser's preflight. Throws ServiceError AccessForbidden or BadRequest. */
export async function optionsObject(_: Service, { bucket, headers }: S3Request): Promise<Reply> {
  return { status: 200, headers: preflightHeaders(bucket.cors, headers) };
}

/** The only operation that is about no bucket. */
export function listBuckets(service: Service): Reply {
  const buckets = [...service.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return xml('ListAllMyBucketsResult', {
    Owner: ownerOf(service),
    Buckets: {
      Bucket: buckets.map(({ name, state }) => ({
        Name: name,
        CreationDate: new Date(state.created).toISOString(),
        BucketRegion: service.context.region,
      })),
    },
  });
}

function ownersAcl(service: Service): Reply {
  const owner = ownerOf(service);
  const grantee = 'Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  return xml('AccessControlPolicy', {
    Owner: owner,
    AccessControlList: { Grant: { [grantee]: owner, Permission: 'FULL_CONTROL' } },
  });
}

function xml(root: string, members: XmlMembers | string): Reply {
  return { status: 200, headers: {}, xml: { root, members } };
}
