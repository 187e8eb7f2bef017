import { createHash } from 'node:crypto';
import * as z from 'zod';
import { idSchema } from '../ids.ts';

/** What a client may say that somebody did with a photo. */
export const EVENT_TYPES = [
  'impression',
  'view',
  'click',
  'like',
  'comment',
  'share',
  'download',
  'dwell',
  'purchase',
  'rating',
  'dismiss',
] as const;

/** Where in a client a photo was met. */
export const SURFACES = ['home', 'similar', 'ranked', 'other'] as const;

/** A keyed hash of 128 bits in base64url: of a person, a session, or one event of a person. */
const hashSchema = z.string().regex(/^[\w-]{22}$/);
/** Milliseconds since 1970. */
const timeSchema = z.number().int().nonnegative();

/** To the thousandth: a table takes no number between 0 and 1e-130, and one it refuses keeps its whole file out. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Something that somebody did with a photo. */
export const interactionRecord = z.strictObject({
  kind: z.literal('interaction'),
  /** The same event sent twice has the same id. */
  id: hashSchema,
  person: hashSchema,
  session: hashSchema,
  /** `unlike` takes a like back, `upload` is an owner's own photo becoming visible. */
  type: z.enum([...EVENT_TYPES, 'unlike', 'upload']),
  photoId: idSchema,
  at: timeSchema,
  receivedAt: timeSchema,
  /** Seconds of `dwell`, the price of `purchase`, 1 to 5 of `rating`. */
  value: z.number().min(0).max(1_000_000).transform(rounded).optional(),
  /** As `recommendationId` of an answer, which also says which rung and which arm of an experiment made it. */
  recommendationId: z.string().max(120).optional(),
  /** The place in the answer, from 0. */
  position: z.number().int().nonnegative().max(499).optional(),
  surface: z.enum(SURFACES).optional(),
});

/** Somebody began to follow somebody. */
export const followRecord = z.strictObject({
  kind: z.literal('follow'),
  id: hashSchema,
  person: hashSchema,
  owner: hashSchema,
  at: timeSchema,
  receivedAt: timeSchema,
});

/** What there is to recommend: a photo as it is now, or that it is gone. */
export const photoRecord = z.strictObject({
  kind: z.literal('photo'),
  id: hashSchema,
  photoId: idSchema,
  /** Missing where the owner was forgotten. */
  owner: hashSchema.optional(),
  /** 50 characters each, of which a letter may take two units. */
  tags: z.array(z.string().max(100)).max(30),
  createdAt: timeSchema,
  /** A record of a lower version is older, whenever it arrives. */
  version: z.number().int().positive(),
  gone: z.boolean(),
  receivedAt: timeSchema,
});

/** One line of the clickstream. Captions, places and names never enter it, and people are keyed hashes. */
export const clickRecord = z.discriminatedUnion('kind', [interactionRecord, followRecord, photoRecord]);

export type ClickRecord = z.infer<typeof clickRecord>;
export type InteractionRecord = z.infer<typeof interactionRecord>;
export type PhotoRecord = z.infer<typeof photoRecord>;

/** The id of a record: whose it is keeps people from taking each other's ids. */
export function recordId(owner: string, senderId: string): string {
  return createHash('sha256').update(`${owner}\n${senderId}`).digest('base64url').slice(0, 22);
}
