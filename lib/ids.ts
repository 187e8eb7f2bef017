import { createHash, randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import * as z from 'zod';

/** A ULID: 48 bits of milliseconds and 80 random bits, so that ids sort by the time they were made. */
export const idSchema = z.ulid().meta({ id: 'Id', description: 'A ULID; ids sort by creation time.' });

/** A user id: the `sub` of Cognito's tokens. */
export const userIdSchema = z.uuid().meta({ id: 'UserId', description: 'The `sub` of the access token.' });

export function newId(now: Date = new Date()): string {
  return ulid(now.getTime());
}

/** 128 random bits in base64url, for names that must not be guessed. */
export function newSecretName(): string {
  return randomBytes(16).toString('base64url');
}

/** Which of `count` shards an id belongs to; the same id always gives the same shard. */
export function shardOf(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count;
}
