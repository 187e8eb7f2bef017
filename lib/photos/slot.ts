import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import * as z from 'zod';
import { s3 } from '../aws/s3.ts';
import { correlation } from '../correlation.ts';
import { env } from '../env.ts';
import { slotEnd } from './due.ts';
import type { InParts } from './multipart.ts';
import { PART_BYTES, partsOf } from './parts.ts';
import type { Photo } from './photo.ts';

/** A browser's upload form is good for this long; an upload that has begun may take longer. */
const FORM_SECONDS = 15 * 60;

/** What the client needs to send the file to S3 by a form. */
export const formView = z
  .object({
    method: z.literal('POST'),
    url: z.url(),
    fields: z.record(z.string(), z.string()).meta({
      description: 'Send all of them as multipart/form-data, and the file last, in the field `file`.',
    }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Upload' });

export type Upload = z.infer<typeof formView>;

/** What the client needs to send the file to S3 in parts. */
export const inPartsView = z
  .object({
    method: z.literal('PUT'),
    partBytes: z
      .number()
      .int()
      .meta({ description: 'Length of each part but the last, which has the rest.' }),
    parts: z.number().int().meta({ description: 'How many there are, numbered from 1.' }),
    expiresAt: z.iso.datetime().meta({
      description:
        'When the slot ends, unless URLs of parts are asked for: each time gives it an hour, up to a day.',
    }),
  })
  .meta({ id: 'UploadInParts' });

/**
 * A presigned form that takes exactly the declared file: key, content type, length and SHA-256 are bound by
 * the policy, so other bytes are refused by S3 itself.
 */
export async function uploadForm(photo: Photo, now = new Date()): Promise<Upload> {
  const { url, fields } = await createPresignedPost(s3, {
    Bucket: env.MEDIA_BUCKET,
    Key: photo.originalKey,
    Fields: {
      'Content-Type': photo.contentType,
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-sha256': photo.sha256,
      'x-amz-meta-correlation-id': correlation().correlationId,
    },
    Conditions: [['content-length-range', photo.bytes, photo.bytes]],
    Expires: FORM_SECONDS,
  });
  return {
    method: 'POST',
    url,
    fields,
    expiresAt: new Date(now.getTime() + FORM_SECONDS * 1_000).toISOString(),
  };
}

/** How the file is to be cut, and until when its parts are waited for. */
export function uploadInParts(photo: InParts, now = new Date()): z.infer<typeof inPartsView> {
  const { partBytes = PART_BYTES } = photo;
  return { method: 'PUT', partBytes, parts: partsOf(photo), expiresAt: slotEnd(photo, now) };
}

/** Stores a file that came through the API; S3 checks the bytes against the SHA-256 once more. */
export async function storeOriginal(photo: Photo, bytes: Buffer): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: env.MEDIA_BUCKET,
      Key: photo.originalKey,
      Body: bytes,
      ContentType: photo.contentType,
      ChecksumSHA256: photo.sha256,
      Metadata: { 'correlation-id': correlation().correlationId },
    }),
  );
}
