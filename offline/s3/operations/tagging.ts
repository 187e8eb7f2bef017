import { owedFor } from '../events.ts';
import { findObject } from '../lookup.ts';
import { versionHeader } from '../object-headers.ts';
import { assertProtected, readDocument } from '../payload.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { taggingMembers, tagsOfDocument } from '../tags.ts';

/** The tags of an object or version. */
export async function getObjectTagging(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, input } = request;
  const object = findObject(service, bucket, key, input.VersionId);
  return {
    status: 200,
    headers: versionHeader(bucket, object.versionId),
    xml: { root: 'Tagging', members: taggingMembers(object.tags) },
  };
}

/** Replaces all tags. Throws ServiceError MalformedXML, InvalidTag, BadRequest. */
export async function putObjectTagging(service: Service, request: S3Request): Promise<Reply> {
  assertProtected(request);
  const tags = tagsOfDocument(await readDocument(request));
  return { status: 200, headers: setTags(service, request, tags, 'ObjectTagging:Put') };
}

/** Removes all tags. */
export async function deleteObjectTagging(service: Service, request: S3Request): Promise<Reply> {
  return { status: 204, headers: setTags(service, request, {}, 'ObjectTagging:Delete') };
}

function setTags(
  service: Service,
  request: S3Request,
  tags: Readonly<Record<string, string>>,
  event: string,
): Record<string, string> {
  const { bucket, key, input, call } = request;
  const object = findObject(service, bucket, key, input.VersionId);
  const { versionId } = object;
  const owed = owedFor(service, bucket, event, object, call);
  service.change({ op: 'tag', bucket: bucket.name, key, versionId, tags, ...owed });
  return versionHeader(bucket, versionId);
}
