import { allOf, having, overdue } from '../table/condition.ts';
import { keys, NOT_DUE } from '../table/keys.ts';
import { unlessRefused, update } from '../table/write.ts';
import { removeRenditions } from './objects.ts';
import type { Photo } from './photo.ts';

/** Removes the renditions that others have replaced, once no URL of them works any more. */
export async function removeSuperseded({ id, superseded }: Photo, now: Date): Promise<boolean> {
  await removeRenditions(superseded?.keys ?? []);
  const when = allOf(having('superseded'), overdue(now));
  return unlessRefused(update(keys.photo(id), { superseded: undefined, ...NOT_DUE }, when, now));
}
