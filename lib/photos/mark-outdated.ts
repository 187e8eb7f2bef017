import { allOf, is, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { unlessRefused, update } from '../table/write.ts';
import type { Photo } from './photo.ts';

/** Has a photo rendered again; false where it is not ready, or was rendered again only minutes ago. */
export function markOutdatedPhoto({ id }: Photo, now: Date): Promise<boolean> {
  const when = allOf(is('status', 'ready'), without('superseded'));
  return unlessRefused(update(keys.photo(id), { outdatedAt: now.toISOString() }, when, now));
}
