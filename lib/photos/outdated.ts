import * as z from 'zod';
import { RENDITIONS, recipeOf } from '../images/renditions.ts';
import { scan } from '../table/read.ts';
import { markOutdatedPhoto } from './mark-outdated.ts';
import { renditionKey } from './objects.ts';
import { type Photo, toPhoto } from './photo.ts';

/** Items of the table that one request reads, and requests that one call makes at most. */
const PAGE = 200;
const PAGES = 50;
/** A call ends after the page with which it has found so many: each is work for the queue that uploads wait in. */
const ENOUGH = 100;

export const outdatedRequest = z.object({
  /** The `next` of the call before. */
  from: z.string().optional(),
  /** Says which photos it would be, and changes nothing. */
  dryRun: z.boolean().default(false),
});

/** What one call has found. */
export interface Outdated {
  /** Photos that are to be rendered again. */
  readonly outdated: readonly string[];
  /** How many more are outdated, but were rendered again only minutes ago. */
  readonly tooSoon: number;
  /** Where the next call goes on; undefined where there is nothing left. */
  readonly next: string | undefined;
}

/** Whether the renditions are the very ones that would be made now: their names are hashes of file and recipe. */
export function isCurrent({ id, sha256, renditions }: Photo): boolean {
  const wanted = RENDITIONS.map(({ name, format }) => renditionKey(id, sha256, recipeOf(name), format));
  const found = new Set(renditions.map(({ key }) => key));
  return found.size === new Set(wanted).size && wanted.every((key) => found.has(key));
}

/**
 * Goes through a part of the table and marks every ready photo whose recipe, or whose libraries, have changed since;
 * the announcement of the mark is what starts the work. A photo is marked anew each time, for the message of an older
 * mark may be lost; and not at all while what it showed before is still kept.
 */
export async function markOutdated(
  { from, dryRun }: z.infer<typeof outdatedRequest>,
  now = new Date(),
): Promise<Outdated> {
  const outdated: string[] = [];
  let tooSoon = 0;
  let next = from;
  for (let pages = 0; pages < PAGES && outdated.length < ENOUGH; pages += 1) {
    const page = await scan('photo', { limit: PAGE, from: next });
    next = page.next;
    for (const photo of page.items.map(toPhoto)) {
      if (photo.status !== 'ready' || isCurrent(photo)) continue;
      if (photo.superseded) tooSoon += 1;
      else if (dryRun || (await markOutdatedPhoto(photo, now))) outdated.push(photo.id);
    }
    if (next === undefined) break;
  }
  return { outdated, tooSoon, next };
}
