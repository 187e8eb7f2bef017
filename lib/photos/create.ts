import * as z from 'zod';
import type { Caller } from '../http/call.ts';
import { newId, newSecretName } from '../ids.ts';
import { ensureUser } from '../people/user.ts';
import { absent, allOf, is, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get } from '../table/read.ts';
import { ConditionFailed, transact, update } from '../table/write.ts';
import { dueOf } from './due.ts';
import {
  CONTENT_TYPES,
  captionSchema,
  findPhoto,
  listedUnder,
  MAX_BYTES,
  type Photo,
  tagsSchema,
  toPhoto,
  visibilitySchema,
} from './photo.ts';
import { begin } from './progress.ts';
import { storeOriginal } from './slot.ts';

/** What an owner says about a photo when handing it in. */
export const describedSchema = z.strictObject({
  caption: captionSchema.default(''),
  tags: tagsSchema.default([]),
  visibility: visibilitySchema.default('public'),
});

/** What an owner says about the file: exactly this is then accepted. */
export const declaredSchema = describedSchema.extend({
  contentType: z.enum(CONTENT_TYPES),
  bytes: z.number().int().min(1).max(MAX_BYTES).meta({ description: 'The exact length of the file.' }),
  sha256: z
    .string()
    // The last character has two bits that no byte needs; with others than 0 it would be another text for the same.
    .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'Expected the base64 of the 32 bytes of a SHA-256')
    .meta({ description: 'Base64 SHA-256 of the file.' }),
});

export type Declared = z.infer<typeof declaredSchema>;

/** A new photo that waits for its file, or the caller's photo of the same bytes that is already there. */
export interface Handed {
  readonly photo: Photo;
  readonly duplicate: boolean;
}

/** Two requests with the same bytes at once meet at the claim; the loser looks again. */
const CLAIM_ATTEMPTS = 5;

/**
 * A slot for a file that the caller declares. One owner's bytes exist once: what is uploading, processing or
 * ready is found again by its hash; what was rejected, failed or expired makes way for a new photo. Nobody
 * else's hashes are consulted.
 */
export async function createPhoto(caller: Caller, declared: Declared, now = new Date()): Promise<Handed> {
  await ensureUser(caller, now);
  for (let attempt = 1; attempt <= CLAIM_ATTEMPTS; attempt++) {
    const claim = await get(keys.hash(caller.userId, declared.sha256));
    const known = claim && (await findPhoto(String(claim.photoId)));
    if (known && ['uploading', 'processing', 'ready'].includes(known.status)) {
      return { photo: await revived(known, now), duplicate: true };
    }
    const photo = await claimed(caller, declared, claim?.photoId, now);
    if (photo) return { photo, duplicate: false };
  }
  throw new Error(
    `The claim on a hash of ${caller.userId} changed ${CLAIM_ATTEMPTS} times during one request`,
  );
}

/** Somebody is about to send the file again, so the slot begins anew; in the trash there is no slot to end. */
async function revived(photo: Photo, now: Date): Promise<Photo> {
  if (photo.status !== 'uploading' || photo.trashedAt !== undefined) return photo;
  const stillWaits = allOf(is('status', 'uploading'), without('trashedAt'));
  try {
    return toPhoto(await update(keys.photo(photo.id), dueOf(photo, now), stillWaits, now));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return (await findPhoto(photo.id)) ?? photo;
  }
}

/** The new photo with its claim, or undefined where another request was first. */
async function claimed(
  caller: Caller,
  declared: Declared,
  formerPhotoId: unknown,
  now: Date,
): Promise<Photo | undefined> {
  const id = newId(now);
  const photo = {
    id,
    ownerId: caller.userId,
    status: 'uploading' as const,
    ...declared,
    verified: false,
    originalKey: `originals/${id}/${newSecretName()}`,
    renditions: [],
    createdAt: now.toISOString(),
  };
  const place = { ...listedUnder(photo, 'photos'), ...dueOf(photo, now) };
  const claim = { ...keys.hash(caller.userId, declared.sha256), entity: 'hash', photoId: id };
  try {
    await transact(
      [
        { put: { ...keys.photo(id), entity: 'photo', ...photo, ...place }, when: absent() },
        { put: claim, when: formerPhotoId === undefined ? absent() : is('photoId', formerPhotoId) },
      ],
      now,
    );
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
  return findPhoto(id);
}

/** Stores the file that came through the API; from here on the photo is being worked on. */
export async function receiveFile(photo: Photo, file: Buffer, now = new Date()): Promise<Photo> {
  await storeOriginal(photo, file);
  return (await begin(photo, now)) ?? (await findPhoto(photo.id)) ?? photo;
}
