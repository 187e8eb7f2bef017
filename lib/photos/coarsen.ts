import * as z from 'zod';
import { userIdSchema } from '../ids.ts';
import { findUser, type User } from '../people/user.ts';
import { allOf, is } from '../table/condition.ts';
import { collections, dueAt, keys } from '../table/keys.ts';
import { type Item, query } from '../table/read.ts';
import { ConditionFailed, type Put, remove, unlessRefused, update } from '../table/write.ts';
import { type Photo, toPhoto } from './photo.ts';
import { coarserThanKept } from './place.ts';

/**
 * Photos are gone through this long after the choice. Who is just rendering one has read the choice before, and is
 * ended after a minute; and the index is behind the table for a second at most.
 */
const DELAY_MS = 2 * 60_000;
/** Photos read in one go, about a megabyte, and written side by side. */
const PAGE = 500;
const AT_ONCE = 25;

/** Photos that move into the trash or out of it in the meantime are met in the end. */
const PASSES = [collections.photosOf, collections.trashOf, collections.photosOf];

/** That the places of a person's photos are to be told less finely, and how far that has come. */
const coarseningItem = z.object({
  userId: userIdSchema,
  version: z.number().int(),
  chosenAt: z.string(),
  pass: z.number().int(),
  from: z.string().optional(),
});

export type Coarsening = z.infer<typeof coarseningItem>;

export function toCoarsening(item: Item): Coarsening {
  return coarseningItem.parse(item);
}

/** The write that has all photos of a person gone through; one that is under way begins anew. */
export function coarseningOf(userId: string, now: Date): Put {
  const due = dueAt(new Date(now.getTime() + DELAY_MS).toISOString(), userId);
  return {
    put: {
      ...keys.coarsening(userId),
      ...due,
      entity: 'coarsening',
      userId,
      chosenAt: now.toISOString(),
      pass: 0,
    },
  };
}

/**
 * Goes through one page of a person's photos and takes from the table what they do not want kept any more; the rest
 * stays due. May run any number of times and side by side.
 */
export async function coarsenPage(coarsening: Coarsening, now: Date): Promise<'pagesCoarsened' | undefined> {
  const { userId, pass, from, chosenAt, version } = coarsening;
  const person = await findUser(userId);
  const collection = person && PASSES[pass]?.(userId);
  const key = keys.coarsening(userId);
  const when = allOf(is('chosenAt', chosenAt), is('version', version));
  if (!collection) {
    await unlessRefused(remove(key, when));
    return undefined;
  }
  const { items, next } = await query('gsi1', collection, { limit: PAGE, from });
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE).map(toPhoto);
    await Promise.all(some.map((photo) => coarsen(photo, person, now)));
  }
  const place = next === undefined ? { pass: pass + 1, from: undefined } : { pass, from: next };
  const moved = update(key, { ...place, ...dueAt(now.toISOString(), userId) }, when, now);
  return (await unlessRefused(moved)) ? 'pagesCoarsened' : undefined;
}

async function coarsen(photo: Photo, person: User, now: Date): Promise<void> {
  const kept = coarserThanKept(photo, photo.locationPrecision ?? person.locationPrecision);
  if (!kept) return;
  try {
    await update(keys.photo(photo.id), kept, is('version', photo.version), now);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.item) await coarsen(toPhoto(error.item), person, now);
  }
}
