import { ServiceError } from '../../contract.ts';
import { checksumMember } from '../checksums.ts';
import { assertReadable } from '../conditions.ts';
import { invalidArgument, invalidRequest } from '../errors.ts';
import { findObject } from '../lookup.ts';
import type { StoredObject } from '../model.ts';
import { checksumHeaders, storageClassOf, versionHeader } from '../object-headers.ts';
import { type ByteRange, byteRange } from '../ranges.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import type { XmlMembers } from '../xml.ts';

const overrides: Readonly<Record<string, string>> = {
  ResponseCacheControl: 'cache-control',
  ResponseContentDisposition: 'content-disposition',
  ResponseContentEncoding: 'content-encoding',
  ResponseContentLanguage: 'content-language',
  ResponseContentType: 'content-type',
  ResponseExpires: 'expires',
};

/** Reads an object, a version, a range or a part. Throws ServiceError as `findObject` and `assertReadable` do. */
export async function getObject(service: Service, request: S3Request): Promise<Reply> {
  const { object, range, ...answer } = look(service, request);
  const { from, to } = range ?? { from: 0, to: object.size };
  return { ...answer, body: service.blobs.read(object.blobs, from, to) };
}

/** What a GetObject would tell, without the bytes. */
export async function headObject(service: Service, request: S3Request): Promise<Reply> {
  const { status, headers } = look(service, request);
  return { status, headers };
}

function look(
  service: Service,
  request: S3Request,
): { object: StoredObject; range: ByteRange | undefined; status: number; headers: Record<string, string> } {
  const { bucket, key, input, headers } = request;
  const object = findObject(service, bucket, key, input.VersionId);
  const identity = {
    'last-modified': new Date(object.lastModified).toUTCString(),
    etag: `"${object.etag}"`,
    ...versionHeader(bucket, object.versionId),
  };
  assertReadable(object, headers, identity);
  const part = input.PartNumber === undefined ? undefined : partRange(object, input.PartNumber);
  const range = part ?? byteRange(headers.range, object.size);
  const checksum = !range && headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && object.checksum;
  const tagCount = Object.keys(object.tags).length;
  return {
    object,
    range,
    status: range ? 206 : 200,
    headers: {
      ...identity,
      'accept-ranges': 'bytes',
      ...(range && { 'content-range': `bytes ${range.from}-${range.to - 1}/${object.size}` }),
      ...object.headers,
      ...overriding(request),
      ...(checksum && checksumHeaders(checksum)),
      ...(tagCount > 0 && { 'x-amz-tagging-count': String(tagCount) }),
      ...(part && { 'x-amz-mp-parts-count': String(object.parts?.length ?? 1) }),
      // Last: once it knows a length, Node refuses a content-disposition with letters beyond ASCII.
      'content-length': String(range ? range.to - range.from : object.size),
    },
  };
}

/** The `response-*` parameters, which S3 honours on signed requests only. */
function overriding({ call, input }: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [member, header] of Object.entries(overrides)) {
    const value = input[member];
    if (value === undefined) continue;
    if (!/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) {
      const message = 'Header value cannot be represented using ISO-8859-1.';
      throw invalidArgument(message, `response-${header}`, value);
    }
    headers[header] = value;
  }
  if (call.principal.kind === 'anonymous' && Object.keys(headers).length > 0) {
    throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
  }
  return headers;
}

function partRange(object: StoredObject, asked: string): ByteRange | undefined {
  const number = Number(asked);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    const message = 'Part number must be an integer between 1 and 10000, inclusive';
    throw invalidArgument(message, 'partNumber', asked);
  }
  const parts = object.parts ?? [{ number: 1, size: object.size }];
  const part = parts[number - 1];
  if (!part) {
    throw new ServiceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      PartNumberRequested: number,
      ActualPartCount: parts.length,
    });
  }
  const from = parts.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return part.size > 0 ? { from, to: from + part.size } : undefined;
}

/** GetObjectAttributes: what `x-amz-object-attributes` asks for. */
export async function getObjectAttributes(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, input, headers } = request;
  const object = findObject(service, bucket, key, input.VersionId);
  const wanted = (headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim());
  const attributes: XmlMembers = {
    ETag: object.etag,
    Checksum: checksumMembers(object),
    ObjectParts: partMembers(object),
    StorageClass: storageClassOf(object),
    ObjectSize: object.size,
  };
  const unknown = wanted.find((name) => !Object.hasOwn(attributes, name));
  if (unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
  }
  return {
    status: 200,
    headers: {
      'last-modified': new Date(object.lastModified).toUTCString(),
      ...versionHeader(bucket, object.versionId),
    },
    xml: {
      root: 'GetObjectAttributesResponse',
      members: Object.fromEntries(wanted.map((name) => [name, attributes[name]])),
    },
  };
}

/** Here a composite checksum comes without the number of its parts. */
function checksumMembers({ checksum }: StoredObject): XmlMembers | undefined {
  if (!checksum) return undefined;
  const value = checksum.value.replace(/-\d+$/, '');
  return { [checksumMember(checksum.algorithm)]: value, ChecksumType: checksum.type };
}

/** Parts are told one by one only where each has a checksum of its own. */
function partMembers({ parts, checksum }: StoredObject): XmlMembers | undefined {
  if (!parts) return undefined;
  const detailed = checksum?.type === 'COMPOSITE' ? parts : [];
  return {
    PartsCount: parts.length,
    IsTruncated: false,
    Part: detailed.map(({ number, size, checksum: value }) => ({
      PartNumber: number,
      Size: size,
      ...(checksum && { [checksumMember(checksum.algorithm)]: value }),
    })),
  };
}
