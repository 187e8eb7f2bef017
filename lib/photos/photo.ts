import * as z from 'zod';
import { idSchema, userIdSchema } from '../ids.ts';
import { locationPrecisionSchema } from '../people/user.ts';
import { notFound } from '../problem.ts';
import { collections, keys } from '../table/keys.ts';
import { get, getMany, type Item } from '../table/read.ts';

/** A file may have 200 MB: S3 and the thumbnailer's memory allow more, browsers and patience don't. */
export const MAX_BYTES = 200_000_000;

/** What a client may say it uploads; what the bytes really are is found out by `make-renditions`. */
export const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'image/heic',
  'image/heif',
] as const;

export const REJECTION_CODES = [
  'empty-file',
  'unsupported-format',
  'corrupt-image',
  'too-many-pixels',
  'too-large',
  'checksum-mismatch',
  'quota-exceeded',
] as const;

export const STATUSES = ['uploading', 'processing', 'ready', 'rejected', 'failed', 'expired'] as const;

export const photoPath = z.object({ photoId: idSchema });
export const renditionPath = photoPath.extend({ name: z.string().regex(/^[a-z-]{1,40}$/) });

export const visibilitySchema = z
  .enum(['public', 'followers', 'private'])
  .meta({ id: 'Visibility', description: 'Who may see the photo besides its owner.' });

export const captionSchema = z
  .string()
  .trim()
  .max(2_200)
  .refine((text) => text.isWellFormed(), 'Expected Unicode text, without halves of surrogate pairs')
  .meta({ description: 'At most 2 200 characters.' });

export const tagsSchema = z
  .array(
    z
      .string()
      .trim()
      .toLowerCase()
      // One way of writing an accent, so that the same word is the same tag.
      .normalize('NFC')
      // Marks too: the vowel signs of many scripts are some.
      .regex(/^[\p{L}\p{M}\p{N}_-]{1,50}$/u, 'Expected 1 to 50 letters, digits, _ or -'),
  )
  .max(30)
  .transform((tags) => [...new Set(tags)])
  .meta({ description: 'At most 30, kept in lower case, each once.' });

/** A SHA-256 in base64. */
export const sha256Schema = z
  .string()
  // The last character has two bits that no byte needs; with others than 0 it would be another text for the same.
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'Expected the base64 of the 32 bytes of a SHA-256');

export const rejectionSchema = z.object({ code: z.enum(REJECTION_CODES), detail: z.string() });

export const renditionItem = z.object({
  name: z.string(),
  key: z.string(),
  format: z.enum(['webp', 'jpeg']),
  width: z.number().int(),
  height: z.number().int(),
  bytes: z.number().int(),
});

export const placeholderItem = z.object({ thumbhash: z.string(), color: z.string() });

export type StoredRendition = z.infer<typeof renditionItem>;

/** What the EXIF block said, kept for the owner. Times and places are null where it did not say. */
export const exifSchema = z.object({
  takenAt: z
    .string()
    .nullable()
    .meta({ description: 'RFC 3339; where the camera knew its offset from UTC.' }),
  takenAtLocal: z
    .string()
    .nullable()
    .meta({ description: 'What the camera’s clock showed, without an offset, as most cameras write it.' }),
  camera: z.object({ make: z.string().nullable(), model: z.string().nullable() }).nullable(),
  lens: z.string().nullable(),
  exposure: z
    .object({
      seconds: z.number().nullable(),
      aperture: z.number().nullable(),
      iso: z.number().nullable(),
      focalLengthMm: z.number().nullable(),
    })
    .nullable(),
  gps: z.object({ latitude: z.number(), longitude: z.number(), altitude: z.number().nullable() }).nullable(),
});

/** What there is to show: of the photo itself, or of an edit. */
const pictureItem = z.object({
  width: z.number().int(),
  height: z.number().int(),
  placeholder: placeholderItem,
  renditions: z.array(renditionItem),
});

/** A photo as the table keeps it. */
export const photoItem = z.object({
  id: idSchema,
  ownerId: userIdSchema,
  version: z.number().int(),
  status: z.enum(STATUSES),
  rejection: rejectionSchema.optional(),
  caption: z.string(),
  tags: z.array(z.string()),
  visibility: visibilitySchema,
  contentType: z.string(),
  bytes: z.number().int(),
  /** Base64 SHA-256 that the owner declared; `verified` once the stored bytes were hashed to it. */
  sha256: z.string(),
  verified: z.boolean(),
  originalKey: z.string(),
  /** The version of the object that was looked at; any other holds the same bytes once more. */
  originalVersionId: z.string().optional(),
  /** How long the parts are that the file is announced to come in; the S3 upload that collects them. */
  partBytes: z.number().int().optional(),
  uploadId: z.string().optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  format: z.string().optional(),
  animated: z.boolean().optional(),
  exif: exifSchema.optional(),
  /** The owner's choice for this photo, where it is not that for all of theirs. */
  locationPrecision: locationPrecisionSchema.optional(),
  /** How exactly the place in `exif` is kept; `exact` unless given. */
  keptPrecision: locationPrecisionSchema.optional(),
  placeholder: placeholderItem.optional(),
  renditions: z.array(renditionItem),
  /** When an operator found that the renditions would be made otherwise today; gone once they are. */
  outdatedAt: z.string().optional(),
  /** Objects of renditions that were replaced, and until when URLs of them may work. */
  superseded: z.object({ keys: z.array(z.string()), until: z.string() }).optional(),
  /** The edit that is shown instead, and what it looks like. */
  currentEditId: idSchema.optional(),
  edited: pictureItem.optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
  readyAt: z.string().optional(),
  /** When its owner gave the upload up: a file that comes all the same is not taken. */
  abandonedAt: z.string().optional(),
  trashedAt: z.string().optional(),
  correlationId: z.string(),
  actorId: z.string(),
});

export type Photo = z.infer<typeof photoItem>;

export type Picture = Pick<Photo, 'width' | 'height' | 'placeholder' | 'renditions'>;

/** Whether it was rejected as its owner had no room left: its file is not kept then. */
export function foundNoRoom({ rejection }: Pick<Photo, 'rejection'>): boolean {
  return rejection?.code === 'quota-exceeded';
}

/** Whether there is something to edit, and its owner has not thrown it away. */
export function isEditable({ status, trashedAt }: Photo): boolean {
  return status === 'ready' && trashedAt === undefined;
}

/** What others see of the photo: the edit that its owner has made current, or itself. */
export function pictureOf(photo: Photo): Picture {
  return photo.edited ?? photo;
}

/** The photo, whoever asks, or undefined. Only for work that nobody's eyes are on. */
export async function findPhoto(photoId: string): Promise<Photo | undefined> {
  const item = await get(keys.photo(photoId));
  return item && photoItem.parse(item);
}

/** Photos by id, those that are gone left out. */
export async function findPhotos(photoIds: readonly string[]): Promise<Photo[]> {
  const items = await getMany(photoIds.map(keys.photo));
  return items.filter((item) => item !== undefined).map(toPhoto);
}

export function toPhoto(item: Item): Photo {
  return photoItem.parse(item);
}

/** The caller's own photo; 404 for anyone else's, trashed or not. */
export async function ownPhoto(caller: { readonly userId: string }, photoId: string): Promise<Photo> {
  const photo = await findPhoto(photoId);
  if (photo?.ownerId !== caller.userId) throw notFound('photo');
  return photo;
}

/** The attributes that put a photo into its owner's list or trash. */
export function listedUnder(
  photo: { readonly ownerId: string; readonly id: string },
  place: 'photos' | 'trash',
) {
  const gsi1pk =
    place === 'photos' ? collections.photosOf(photo.ownerId) : collections.trashOf(photo.ownerId);
  return { gsi1pk, gsi1sk: photo.id };
}
