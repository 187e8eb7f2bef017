import { Readable } from 'node:stream';
import type { Call } from '../contract.ts';
import { asHeader, type Reply, type S3Request } from './request.ts';

/** The members of the API that travel as headers, for what services and engines call from inside. */
const headerOfMember: Readonly<Record<string, string>> = {
  CacheControl: 'cache-control',
  ChecksumMode: 'x-amz-checksum-mode',
  ContentDisposition: 'content-disposition',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ContentType: 'content-type',
  IfMatch: 'if-match',
  IfNoneMatch: 'if-none-match',
  Range: 'range',
  StorageClass: 'x-amz-storage-class',
  Tagging: 'x-amz-tagging',
};

/** Lists of the API whose XML elements have names of their own. */
const memberOfElement: Readonly<Record<string, string>> = {
  DeleteMarker: 'DeleteMarkers',
  Part: 'Parts',
  Upload: 'Uploads',
  Version: 'Versions',
};

/** The headers and body of a call that came without HTTP, from its members. */
export function payloadOf({ input }: Call): Pick<S3Request, 'headers' | 'body' | 'trailers'> {
  const headers: Record<string, string> = {};
  for (const [member, header] of Object.entries(headerOfMember)) {
    if (input[member] !== undefined) headers[header] = asHeader(String(input[member]));
  }
  for (const [name, value] of Object.entries(input.Metadata ?? {})) {
    headers[`x-amz-meta-${name.toLowerCase()}`] = asHeader(String(value));
  }
  return { headers, body: bodyOf(input.Body), trailers: {} };
}

/** A reply as members of the API. `Body` is a stream. */
export function outputOf({ headers, xml, body }: Reply): Record<string, unknown> {
  const metadata = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .map(([name, value]) => [name.slice('x-amz-meta-'.length), value]);
  const members: Record<string, unknown> = {
    ...(typeof xml?.members === 'object' &&
      Object.fromEntries(
        Object.entries(xml.members).map(([element, value]) => [memberOfElement[element] ?? element, value]),
      )),
    ETag: headers.etag,
    VersionId: headers['x-amz-version-id'],
    DeleteMarker: headers['x-amz-delete-marker'] === 'true' || undefined,
    ContentType: headers['content-type'],
    ContentRange: headers['content-range'],
    ContentLength: headers['content-length'] && Number(headers['content-length']),
    LastModified: headers['last-modified'] && new Date(headers['last-modified']),
    Metadata: metadata.length > 0 ? Object.fromEntries(metadata) : undefined,
    Body: body,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function bodyOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  if (body === undefined) return Readable.from([]);
  if (typeof body === 'string') return Readable.from([Buffer.from(body)]);
  if (body instanceof Uint8Array)
    return Readable.from([Buffer.from(body.buffer, body.byteOffset, body.length)]);
  throw new TypeError(`A Body must be a string, bytes or a stream, received ${typeof body}.`);
}
