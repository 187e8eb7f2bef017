import { ServiceError } from '../../contract.ts';
import { assertWritable } from '../conditions.ts';
import { owedFor } from '../events.ts';
import type { StoredObject } from '../model.ts';
import { checksumHeaders, encryptionOf, storedHeaders, versionHeader } from '../object-headers.ts';
import { receive } from '../payload.ts';
import { asHeader, type Reply, type S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { tagsOfDocument, tagsOfHeader } from '../tags.ts';

/** PUT of a whole object. */
export async function putObject(service: Service, request: S3Request): Promise<Reply> {
  const tags = tagsOfHeader(request.headers['x-amz-tagging']);
  const object = await store(service, request, tags, 'ObjectCreated:Put');
  return { status: 200, headers: writtenHeaders(request, object) };
}

/**
 * A browser's form. `input.Fields` holds the fields that may say something of the object, in lower case: they
 * mean what the headers of a PutObject mean, and the headers of the form itself mean nothing.
 */
export async function postObject(service: Service, request: S3Request): Promise<Reply> {
  const fields = request.call.input.Fields as Readonly<Record<string, string>>;
  const headers = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asHeader(value)]));
  const asPut = { ...request, headers };
  const tags = fields.tagging === undefined ? {} : tagsOfDocument(Buffer.from(fields.tagging));
  const object = await store(service, asPut, tags, 'ObjectCreated:Post');
  const { name } = request.bucket;
  const path = request.key.split('/').map(encodeURIComponent).join('/');
  const location = `${service.context.endpoint}/${name}/${path}`;
  const etag = `"${object.etag}"`;
  const written = { ...writtenHeaders(asPut, object), location };
  const target = redirectOf(fields.success_action_redirect);
  if (target) {
    for (const [member, value] of Object.entries({ bucket: name, key: request.key, etag })) {
      target.searchParams.append(member, value);
    }
    return { status: 303, headers: { ...written, location: target.href } };
  }
  const wished = Number(fields.success_action_status ?? 204);
  if (wished !== 201) return { status: wished === 200 ? 200 : 204, headers: written };
  const members = { Location: location, Bucket: name, Key: request.key, ETag: etag };
  return { status: 201, headers: written, xml: { root: 'PostResponse', members } };
}

async function store(
  service: Service,
  request: S3Request,
  tags: Readonly<Record<string, string>>,
  event: string,
): Promise<StoredObject> {
  const { bucket, key, headers } = request;
  assertKey(key);
  const kept = storedHeaders(headers, bucket);
  const { blob, etag, checksum } = await receive(service, request);
  return service.keeping([blob], () => {
    assertWritable(key, service.versions(bucket, key)[0], headers);
    const object: StoredObject = {
      kind: 'object',
      ...service.nextVersion(bucket, key),
      size: blob.size,
      etag,
      blobs: [blob],
      headers: kept,
      tags,
      checksum,
    };
    const owed = owedFor(service, bucket, event, object, request.call);
    service.change({ op: 'put', bucket: bucket.name, version: object, ...owed });
    return object;
  });
}

/** Throws ServiceError KeyTooLongError above 1 024 bytes of UTF-8. */
export function assertKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= 1_024) return;
  throw new ServiceError('KeyTooLongError', 'Your key is too long', 400, {
    Size: size,
    MaxSizeAllowed: 1_024,
  });
}

function writtenHeaders(request: S3Request, object: StoredObject): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    ...(object.checksum && checksumHeaders(object.checksum)),
    ...encryptionOf(object.headers),
    ...versionHeader(request.bucket, object.versionId),
  };
}

/** S3 ignores a target that isn't an address. */
function redirectOf(target: string | undefined): URL | undefined {
  return target !== undefined && URL.canParse(target) ? new URL(target) : undefined;
}
