import * as z from 'zod';
import { type Photo, sha256Schema } from './photo.ts';

/** Large enough for few parts (24 for 200 MB), small enough that one lost to a bad line is soon sent again. */
export const PART_BYTES = 8 * 1024 * 1024;

/** URLs are asked for in portions: each is half a kilobyte, and a photo has two dozen parts at most. */
const MAX_ASKED = 50;

const partNumber = z.number().int().min(1).meta({ description: 'Counted from 1.' });
const sha256 = sha256Schema.meta({ description: 'Base64 SHA-256 of the part.' });

/** The parts that a client is about to send. */
export const askedParts = z.strictObject({
  parts: z.array(z.strictObject({ partNumber, sha256 })).min(1).max(MAX_ASKED),
});

/** A part that has arrived. */
export const partView = z.object({ partNumber, bytes: z.number().int(), sha256 }).meta({ id: 'Part' });

/** Where a part is sent to. */
export const signedPartView = z
  .object({
    partNumber,
    bytes: z.number().int().meta({ description: 'The exact length of the part.' }),
    url: z.url().meta({ description: 'PUT the bytes of the part there.' }),
    headers: z.record(z.string(), z.string()).meta({ description: 'Send all of them with the part.' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'SignedPart' });

/** What of a photo says how its file is cut; `partBytes` is missing where it does not come in parts. */
export type Cut = Pick<Photo, 'bytes' | 'partBytes'>;

/** How many parts the file has. */
export function partsOf({ bytes, partBytes = PART_BYTES }: Cut): number {
  return Math.ceil(bytes / partBytes);
}

/** The exact length of a part, counted from 1: the last one has the rest. */
export function lengthOfPart(photo: Cut, partNumber: number): number {
  const { bytes, partBytes = PART_BYTES } = photo;
  return partNumber < partsOf(photo) ? partBytes : bytes - (partNumber - 1) * partBytes;
}
