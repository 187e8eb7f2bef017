import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { isMissing, s3 } from '../aws/s3.ts';
import { env } from '../env.ts';
import type { Rendition } from '../images/renditions.ts';
import { endUploadsOf } from './multipart.ts';
import { foundNoRoom, MAX_BYTES, type Photo, type StoredRendition } from './photo.ts';

/** An original as it lies in the bucket. */
export interface Original {
  /** Undefined where the object is larger than a photo may be; its bytes are not read then. */
  readonly bytes: Buffer | undefined;
  readonly length: number;
  /** Base64 SHA-256 of the bytes, computed here. */
  readonly sha256: string;
  readonly correlationId: string | undefined;
  readonly versionId: string | undefined;
}

/**
 * The stored original. Throws where there is none: without the right to list the bucket S3 does not tell a
 * missing object from a forbidden one, and a photo that was deleted meanwhile is found gone at the next try.
 */
export async function readOriginal(key: string, versionId: string | undefined): Promise<Original> {
  const {
    Body,
    ContentLength = 0,
    Metadata,
    VersionId,
  } = await s3.send(new GetObjectCommand({ Bucket: env.MEDIA_BUCKET, Key: key, VersionId: versionId }));
  const described = {
    length: ContentLength,
    correlationId: Metadata?.['correlation-id'],
    versionId: VersionId,
  };
  if (!Body || ContentLength > MAX_BYTES) {
    // A body that nobody reads would keep its connection.
    if (Body instanceof Readable) Body.destroy();
    return { ...described, bytes: undefined, sha256: '' };
  }
  const bytes = Buffer.from(await Body.transformToByteArray());
  return { ...described, bytes, sha256: createHash('sha256').update(bytes).digest('base64') };
}

/** Whether any file lies where the photo's is to be. */
export async function originalIsThere(key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: env.MEDIA_BUCKET, Key: key }));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Where a rendition lives: the name is a hash over source and recipe, so that making it again writes the
 * same object, and another picture never stands under an old name.
 *
 * @param folder the photo's id, and of an edit's renditions its id behind it
 */
export function renditionKey(
  folder: string,
  sourceSha256: string,
  recipe: string,
  format: 'webp' | 'jpeg',
): string {
  const hash = createHash('sha256').update(`${sourceSha256}\n${recipe}`).digest('hex').slice(0, 32);
  return `renditions/${folder}/${hash}.${format === 'jpeg' ? 'jpg' : format}`;
}

/**
 * Stores finished renditions in a folder, side by side, as each write is mostly waiting, and answers what the table
 * keeps of them. Where one fails the others are awaited all the same: none may be stored after the caller went on.
 *
 * @param recipeOf everything besides the source that decides the bytes of the rendition of a name
 * @param libraries by which it was made; a part of the recipe that people want to read
 */
export async function storeRenditions(
  folder: string,
  sourceSha256: string,
  renditions: readonly Rendition[],
  recipeOf: (name: string) => string,
  libraries: string,
): Promise<StoredRendition[]> {
  const stored = await Promise.allSettled(
    renditions.map(async (rendition): Promise<StoredRendition> => {
      const { name, format, width, height, bytes } = rendition;
      const recipe = recipeOf(name);
      const key = renditionKey(folder, sourceSha256, recipe, format);
      await storeRendition(key, rendition, { sourceSha256, recipe, libraries });
      return { name, key, format, width, height, bytes: bytes.length };
    }),
  );
  return stored.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Stores a rendition unless it is there already: its key says what is in it. */
async function storeRendition(
  key: string,
  { bytes, format }: Rendition,
  made: { readonly sourceSha256: string; readonly recipe: string; readonly libraries: string },
): Promise<void> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: env.MEDIA_BUCKET,
        Key: key,
        Body: bytes,
        ContentType: `image/${format}`,
        CacheControl: 'private, max-age=31536000, immutable',
        // What it was made of, and how: the name tells whether that is so still, this what it was.
        Metadata: {
          'source-sha256': made.sourceSha256,
          'recipe-sha256': createHash('sha256').update(made.recipe).digest('base64'),
          libraries: made.libraries,
        },
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    // 412: it is there. 409: another delivery is writing it right now.
    if (![409, 412].includes(statusOf(error) ?? 0)) throw error;
  }
}

/**
 * Removes of what arrived what nobody keeps room for: the file of a photo that was rejected for want of it, and of any
 * other the version that arrived if the photo was made of another. A form may be sent any number of times while it
 * lives, and each time stores up to 200 MB once more.
 */
export async function removeUnkept(photo: Photo, versionId: string | undefined): Promise<void> {
  const { originalKey, originalVersionId } = photo;
  if (foundNoRoom(photo)) {
    await removeAllUnder(originalKey);
    return;
  }
  if (versionId === undefined || originalVersionId === undefined || versionId === originalVersionId) return;
  await s3.send(
    new DeleteObjectCommand({ Bucket: env.MEDIA_BUCKET, Key: originalKey, VersionId: versionId }),
  );
}

/** Removes every object and version of a photo: original, parts of it, renditions, everything under its id. */
export async function removeObjects(photoId: string): Promise<number> {
  const uploads = await endUploadsOf(photoId);
  const removed = await Promise.all([`originals/${photoId}/`, `renditions/${photoId}/`].map(removeAllUnder));
  return removed.reduce((sum, each) => sum + each, uploads);
}

/** Removes renditions by their keys, with all of their versions. */
export async function removeRenditions(keys: readonly string[]): Promise<void> {
  for (const key of keys) await removeAllUnder(key);
}

/** Removes what was stored for one edit. */
export function removeEditObjects({
  photoId,
  id,
}: {
  readonly photoId: string;
  readonly id: string;
}): Promise<number> {
  return removeAllUnder(`renditions/${photoId}/${id}/`);
}

async function removeAllUnder(prefix: string): Promise<number> {
  let removed = 0;
  for (let page = await versionsUnder(prefix); page.length > 0; page = await versionsUnder(prefix)) {
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: env.MEDIA_BUCKET, Delete: { Objects: page, Quiet: true } }),
    );
    if (Errors[0])
      throw new Error(`Deleting ${Errors[0].Key} failed: ${Errors[0].Code} ${Errors[0].Message}`);
    removed += page.length;
  }
  return removed;
}

/** The first thousand versions and delete markers under a prefix. */
async function versionsUnder(prefix: string): Promise<ObjectIdentifier[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: env.MEDIA_BUCKET, Prefix: prefix }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }));
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
