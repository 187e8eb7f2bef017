import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  NoSuchUpload,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3 } from '../aws/s3.ts';
import { correlation } from '../correlation.ts';
import { env } from '../env.ts';
import { lengthOfPart } from './parts.ts';
import type { Photo } from './photo.ts';

/** A part as S3 has it. */
export interface StoredPart {
  readonly partNumber: number;
  readonly bytes: number;
  /** Base64 SHA-256 that S3 has held the bytes against. */
  readonly sha256: string;
  readonly etag: string;
}

/** A photo whose parts S3 collects under `uploadId`. */
export type InParts = Photo & { readonly uploadId: string };

/** Begins a multipart upload of the original; answers its id. */
export async function openUpload({ originalKey, contentType }: Photo): Promise<string> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      ...at(originalKey),
      ContentType: contentType,
      ChecksumAlgorithm: 'SHA256',
      ChecksumType: 'COMPOSITE',
      Metadata: { 'correlation-id': correlation().correlationId },
    }),
  );
  if (UploadId === undefined) throw new Error('Expected the id of a new multipart upload from S3, got none');
  return UploadId;
}

/**
 * A presigned URL that takes exactly one part: number, length and SHA-256 are signed, so S3 itself refuses other
 * bytes. The hash goes as the header that is answered along; a browser sets the length by itself.
 *
 * @param seconds how long the URL works
 */
export async function partUrl(photo: InParts, partNumber: number, sha256: string, seconds: number) {
  const part = new UploadPartCommand({
    ...at(photo.originalKey),
    UploadId: photo.uploadId,
    PartNumber: partNumber,
    ContentLength: lengthOfPart(photo, partNumber),
    ChecksumSHA256: sha256,
  });
  const url = await getSignedUrl(s3, part, {
    expiresIn: seconds,
    // In the query it would be a value that the sender need not know of.
    unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
    signableHeaders: new Set(['host', 'content-length', 'x-amz-checksum-sha256']),
  });
  return { url, headers: { 'x-amz-checksum-sha256': sha256 } };
}

/** The parts that S3 has, in their order; undefined where there is no such upload, or no more. */
export async function storedParts({ originalKey, uploadId }: InParts): Promise<StoredPart[] | undefined> {
  try {
    // A page has 1 000 parts, and no photo more than 24.
    const { Parts = [] } = await s3.send(new ListPartsCommand({ ...at(originalKey), UploadId: uploadId }));
    return Parts.map(({ PartNumber = 0, Size = 0, ChecksumSHA256 = '', ETag = '' }) => ({
      partNumber: PartNumber,
      bytes: Size,
      sha256: ChecksumSHA256,
      etag: ETag,
    }));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Makes the original of its parts. `changed` where a part was sent again since it was listed, `gone` where there
 * is no such upload any more: somebody else has completed or aborted it.
 */
export async function joinParts(
  { originalKey, uploadId, bytes }: InParts,
  parts: readonly StoredPart[],
): Promise<'joined' | 'changed' | 'gone'> {
  const named = parts.map(({ partNumber, etag, sha256 }) => ({
    PartNumber: partNumber,
    ETag: etag,
    ChecksumSHA256: sha256,
  }));
  try {
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...at(originalKey),
        UploadId: uploadId,
        MultipartUpload: { Parts: named },
        ChecksumType: 'COMPOSITE',
        MpuObjectSize: bytes,
      }),
    );
    return 'joined';
  } catch (error) {
    if (isGone(error)) return 'gone';
    if (error instanceof S3ServiceException && error.name === 'InvalidPart') return 'changed';
    throw error;
  }
}

/** Ends one multipart upload, and its parts with it; one that is over already is fine. */
export async function endUpload(key: string, uploadId: string): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/**
 * Ends every multipart upload of a photo, those included that were begun and never written down. Looks again
 * until there are none: a part that is on its way while its upload ends may bring it back. Answers how many.
 */
export async function endUploadsOf(photoId: string): Promise<number> {
  let ended = 0;
  for (let page = await uploadsOf(photoId); page.length > 0; page = await uploadsOf(photoId)) {
    for (const { key, uploadId } of page) await endUpload(key, uploadId);
    ended += page.length;
  }
  return ended;
}

async function uploadsOf(photoId: string) {
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: env.MEDIA_BUCKET, Prefix: `originals/${photoId}/` }),
  );
  return Uploads.map(({ Key = '', UploadId = '' }) => ({ key: Key, uploadId: UploadId }));
}

function at(key: string) {
  return { Bucket: env.MEDIA_BUCKET, Key: key };
}

function isGone(error: unknown): boolean {
  return (
    error instanceof NoSuchUpload || (error instanceof S3ServiceException && error.name === 'NoSuchUpload')
  );
}
