import { Problem } from '../problem.ts';
import { seal, unseal } from './seal.ts';

/**
 * An opaque cursor for `position`, bound to `listing` (route, caller and filters), so that it can be neither
 * read nor moved to another list.
 */
export function sealCursor(position: string, listing: string): Promise<string> {
  return seal(position, listing);
}

/** The position a cursor was made for; throws 400 `cursor-invalid` for one that was not made for `listing`. */
export async function openCursor(cursor: string, listing: string): Promise<string> {
  const position = await unseal(cursor, listing);
  if (position !== undefined) return position;
  throw new Problem(400, 'cursor-invalid', 'The cursor was not made for this list; start again without one.');
}
