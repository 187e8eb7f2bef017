import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './errors.ts';
import type { StoredObject, Version } from './model.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * Judges a conditional read (RFC 9110, section 13.2.2).
 * @throws ServiceError PreconditionFailed (412), or NotModified (304) with the headers that it repeats
 */
export function assertReadable(object: StoredObject, headers: Headers, repeated: Headers): void {
  const modified = Math.floor(object.lastModified / 1000) * 1000;
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const unmodifiedSince = dateOf(headers['if-unmodified-since']);
  const modifiedSince = dateOf(headers['if-modified-since']);
  if (ifMatch !== undefined) {
    if (!names(ifMatch, object.etag)) throw preconditionFailed('If-Match');
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const unchanged =
    ifNoneMatch !== undefined
      ? names(ifNoneMatch, object.etag)
      : modifiedSince !== undefined && modified <= modifiedSince;
  if (unchanged) throw new S3Error('NotModified', 'Not Modified', 304, {}, repeated);
}

/** Judges the conditions of a copy on its source. Throws ServiceError PreconditionFailed. */
export function assertCopyable(source: StoredObject, headers: Headers): void {
  const asRead = Object.fromEntries(
    ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].flatMap((condition) => {
      const value = headers[`x-amz-copy-source-${condition}`];
      return value === undefined ? [] : [[condition, value]];
    }),
  );
  try {
    assertReadable(source, asRead, {});
  } catch (error) {
    if (error instanceof S3Error && error.status === 304)
      throw preconditionFailed('x-amz-copy-source-If-None-Match');
    throw error;
  }
}

/**
 * Judges a conditional write or deletion against the newest version of its key. It must be called in the
 * turn of the event loop that commits, so that of several racing writes one wins.
 * @throws ServiceError PreconditionFailed, NoSuchKey, NotImplemented
 */
export function assertWritable(key: string, newest: Version | undefined, headers: Headers): void {
  const existing = newest?.kind === 'object' ? newest : undefined;
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw notImplemented('If-None-Match with anything but *');
    if (existing) throw preconditionFailed('If-None-Match');
  }
  if (ifMatch === undefined) return;
  if (!existing) throw noSuchKey(key);
  if (!names(ifMatch, existing.etag)) throw preconditionFailed('If-Match');
}

/** Whether a list of entity tags, quoted or not, holds this one or is `*`. */
function names(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const tag = entry
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag === etag;
  });
}

/** Milliseconds since the epoch; an unreadable date is no condition. */
function dateOf(header: string | undefined): number | undefined {
  const date = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(date) ? undefined : date;
}
