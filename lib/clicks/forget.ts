import { keys } from '../table/keys.ts';
import { remove, update } from '../table/write.ts';
import { SURFACES } from './click.ts';
import { strikeOut } from './interactions.ts';
import { findTaste, personHash } from './person.ts';

/** Longer than any message about the person lives that is still on its way. */
const TOMBSTONE_DAYS = 20;

export interface Forgotten {
  /** Interactions that were on file and are gone. */
  readonly interactions: number;
  /** Whether no hash that is left can be computed from the person any more: their key is gone. */
  readonly unlinkable: true;
}

/**
 * Forgets what recommendations know of a person: their interactions, their live profile, their last lists, and last
 * the key without which the lines of the clickstream that remain until they expire are nobody's. Their hash is
 * struck out, so that the next training is one without them. Done again it does what is left to do; events of the
 * person that are still on their way are dropped. It comes last: a line of the clickstream tells whose it is by itself
 * for as long as the like or the photo that it is about says so in the table.
 */
export async function forgetPerson(userId: string, now = new Date()): Promise<Forgotten> {
  const taste = await findTaste(userId);
  const isThere = taste !== undefined && taste.destroyedAt === undefined;
  const interactions = isThere ? await strikeOut(personHash(taste, userId), now) : 0;
  await Promise.all(SURFACES.map((surface) => remove(keys.lastList(userId, surface))));
  const tombstone = { key: '', events: [], dismissed: [], destroyedAt: now.toISOString() };
  const expiresAt = Math.floor(now.getTime() / 1_000) + TOMBSTONE_DAYS * 86_400;
  await update(keys.taste(userId), { entity: 'taste', ...tombstone, expiresAt }, undefined, now);
  return { interactions, unlinkable: true };
}
