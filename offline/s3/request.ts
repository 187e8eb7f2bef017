import type { Readable } from 'node:stream';
import type { Call, HttpRequest } from '../contract.ts';
import { queryOf } from './address.ts';
import type { Bucket } from './bucket.ts';
import type { XmlMembers } from './xml.ts';

/** A call of S3, its address already resolved to a bucket of the stack. */
export interface S3Request {
  readonly call: Call;
  readonly bucket: Bucket;
  /** Empty for operations on the bucket. */
  readonly key: string;
  /** What the address names, as in `Call.input`. */
  readonly input: Readonly<Record<string, string | undefined>>;
  /** In lower case; with those that a presigner moved into the query. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** Complete once `body` has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** An answer before it is rendered. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly xml?: { readonly root: string; readonly members: XmlMembers | string };
  readonly body?: Readable;
}

/** The request's headers, with those that stand in a presigned query: they say the same there. */
export function headersOf(http: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of queryOf(http.rawQuery)) {
    if (/^x-amz-/i.test(name)) headers[name.toLowerCase()] = asHeader(value);
  }
  return Object.assign(headers, http.headers);
}

/** Text as it would have come in a header: the bytes of its UTF-8, read as ISO-8859-1. */
export function asHeader(text: string): string {
  return Buffer.from(text).toString('latin1');
}
