import * as z from 'zod';
import type { Caller } from '../http/call.ts';
import { newId, newSecretName } from '../ids.ts';
import { budgetSpent, spending } from '../people/budget.ts';
import { ensureUser, locationPrecisionSchema } from '../people/user.ts';
import { absent, is } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get } from '../table/read.ts';
import { ConditionFailed, transact, update } from '../table/write.ts';
import { dueOf, slotEnd } from './due.ts';
import { PART_BYTES } from './parts.ts';
import {
  CONTENT_TYPES,
  captionSchema,
  findPhoto,
  listedUnder,
  MAX_BYTES,
  type Photo,
  sha256Schema,
  tagsSchema,
  toPhoto,
  visibilitySchema,
} from './photo.ts';
import { begin } from './progress.ts';
import { storeOriginal } from './slot.ts';
import { nothingLeft, taking } from './storage.ts';
import { inParts } from './upload.ts';

/** What an owner says about a photo when handing it in; all of it may be left unsaid, and changed later. */
export const describedSchema = z.strictObject({
  caption: captionSchema.optional(),
  tags: tagsSchema.optional(),
  visibility: visibilitySchema.optional().meta({ description: 'Who may see it; `public` unless given.' }),
  locationPrecision: locationPrecisionSchema.optional().meta({
    description:
      'How exactly the place of this photo is kept; as for all of the caller’s photos unless given.',
  }),
});

type Described = z.infer<typeof describedSchema>;

/** Systems that know no better say these of a photo. */
const MEANT: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'application/octet-stream': 'application/octet-stream',
  '': 'application/octet-stream',
};

const UNSAID = { caption: '', tags: [], visibility: 'public' } as const satisfies Described;

/** What an owner says about the file: exactly this is then accepted. */
export const declaredSchema = describedSchema.extend({
  contentType: z
    .enum([...CONTENT_TYPES, ...Object.keys(MEANT)])
    .default('')
    .transform((type) => MEANT[type] ?? type)
    .meta({ description: 'What the system says of the file, if anything; its bytes alone decide.' }),
  bytes: z.number().int().min(1).max(MAX_BYTES).meta({ description: 'The exact length of the file.' }),
  sha256: sha256Schema.meta({ description: 'Base64 SHA-256 of the file.' }),
  multipart: z
    .boolean()
    .optional()
    .meta({ description: 'Send the file in parts, which can be resumed, instead of by a form.' }),
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
 * ready is found again by its hash; what was rejected, failed or expired makes way for a new photo,
 * for which holds what was said of the old one and is not said anew. Nobody else's hashes are consulted. 403 and 429 where the caller has no room, no slots or none of the day's pictures left.
 */
export async function createPhoto(caller: Caller, declared: Declared, now = new Date()): Promise<Handed> {
  await ensureUser(caller, now);
  for (let attempt = 1; attempt <= CLAIM_ATTEMPTS; attempt++) {
    const claim = await get(keys.hash(caller.userId, declared.sha256));
    const known = claim && (await findPhoto(String(claim.photoId)));
    if (known && isThere(known, declared, now)) {
      const photo = await revived(known, declared, now);
      return { photo: await readied(photo, declared, now), duplicate: true };
    }
    const described = { ...(known && said(known)), ...said(declared) };
    const photo = await claimed(caller, described, declared, claim?.photoId, now);
    if (photo) return { photo: await readied(photo, declared, now), duplicate: false };
  }
  throw new Error(
    `The claim on a hash of ${caller.userId} changed ${CLAIM_ATTEMPTS} times during one request`,
  );
}

/**
 * A slot whose day is over makes way too, though the schedule may not have come by yet; and one of another length,
 * which the file can't have, as nothing of that length has its hash.
 */
function isThere(photo: Photo, { bytes }: Declared, now: Date): boolean {
  if (photo.status === 'uploading') return photo.bytes === bytes && slotEnd(photo, now) > now.toISOString();
  return photo.status === 'processing' || photo.status === 'ready';
}

/** Where the file is to come in parts, there is an upload that collects them. */
async function readied(photo: Photo, { multipart }: Declared, now: Date): Promise<Photo> {
  return multipart && photo.status === 'uploading' ? inParts(photo, now) : photo;
}

/** Somebody is about to send the file again, so the slot begins anew, and what they say of it now holds. */
async function revived(photo: Photo, declared: Declared, now: Date): Promise<Photo> {
  if (photo.status !== 'uploading') return photo;
  const slot = declared.multipart ? { ...photo, partBytes: photo.partBytes ?? PART_BYTES } : photo;
  const changes = { ...said(declared), ...dueOf(slot, now), partBytes: slot.partBytes };
  try {
    return toPhoto(await update(keys.photo(photo.id), changes, is('status', 'uploading'), now));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return (await findPhoto(photo.id)) ?? photo;
  }
}

/** What is said of a photo, and nothing of what isn't. */
function said({ caption, tags, visibility, locationPrecision }: Described): Described {
  const described = { caption, tags, visibility, locationPrecision };
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
}

/** The new photo with its claim, or undefined where another request was first. */
async function claimed(
  caller: Caller,
  described: Described,
  declared: Declared,
  formerPhotoId: unknown,
  now: Date,
): Promise<Photo | undefined> {
  const id = newId(now);
  const { contentType, bytes, sha256, multipart } = declared;
  const photo = {
    id,
    ownerId: caller.userId,
    status: 'uploading' as const,
    ...UNSAID,
    ...described,
    contentType,
    bytes,
    sha256,
    ...(multipart && { partBytes: PART_BYTES }),
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
        taking(photo),
        spending(caller.userId, 1, now),
      ],
      now,
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 2) throw await nothingLeft(photo);
    if (error.index === 3) throw budgetSpent(now);
    return undefined;
  }
  return findPhoto(id);
}

/** Stores the file that came through the API; from here on the photo is being worked on. */
export async function receiveFile(photo: Photo, file: Buffer, now = new Date()): Promise<Photo> {
  await storeOriginal(photo, file);
  return (await begin(photo, now)) ?? (await findPhoto(photo.id)) ?? photo;
}
