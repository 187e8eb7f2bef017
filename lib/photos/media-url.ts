import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3 } from '../aws/s3.ts';
import { env } from '../env.ts';
import type { Caller } from '../http/call.ts';
import { forbidden, notFound } from '../problem.ts';
import { type Photo, pictureOf, type StoredRendition } from './photo.ts';

/** No signed URL outlives a revocation by more than this. */
const LIVES_SECONDS = 15 * 60;
/** Signing times are rounded down to this, so that equal requests give equal URLs that a browser caches. */
const ROUNDED_TO_SECONDS = 5 * 60;

/** A signed URL of a rendition; it works for 10 to 15 minutes. */
export function renditionUrl({ key, format }: StoredRendition, now = new Date()): Promise<string> {
  return signed(
    key,
    {
      ResponseContentType: `image/${format}`,
      ResponseCacheControl: `private, max-age=${LIVES_SECONDS}, immutable`,
    },
    now,
  );
}

/** A signed URL of the rendition of this name; 404 where the photo has none, or none yet. */
export function renditionNamed(photo: Photo, name: string): Promise<string> {
  const rendition = pictureOf(photo).renditions.find((each) => each.name === name);
  if (!rendition) throw notFound('rendition');
  return renditionUrl(rendition);
}

/**
 * The original's URL, for its owner alone: the file still says where and by whom it was taken. 404 while
 * no file has arrived.
 */
export function originalFor(caller: Caller | undefined, photo: Photo): Promise<string> {
  if (photo.ownerId !== caller?.userId)
    throw forbidden('Only its owner may download the original of a photo.');
  if (photo.status === 'uploading' || photo.status === 'expired') throw notFound('original');
  return originalUrl(photo);
}

/**
 * A signed URL that downloads the original. It is served as an attachment of no particular type: a browser
 * must never render what somebody uploaded.
 */
function originalUrl(photo: Photo, now = new Date()): Promise<string> {
  return signed(
    photo.originalKey,
    {
      ResponseContentType: 'application/octet-stream',
      ResponseContentDisposition: `attachment; filename="${photo.id}.${photo.format ?? 'bin'}"`,
    },
    now,
  );
}

function signed(
  key: string,
  overrides: {
    ResponseContentType: string;
    ResponseCacheControl?: string;
    ResponseContentDisposition?: string;
  },
  now: Date,
): Promise<string> {
  const rounded = Math.floor(now.getTime() / 1_000 / ROUNDED_TO_SECONDS) * ROUNDED_TO_SECONDS;
  return getSignedUrl(s3, new GetObjectCommand({ Bucket: env.MEDIA_BUCKET, Key: key, ...overrides }), {
    expiresIn: LIVES_SECONDS,
    signingDate: new Date(rounded * 1_000),
  });
}
