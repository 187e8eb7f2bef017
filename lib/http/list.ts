import * as z from 'zod';
import type { Page, PageRequest } from '../table/read.ts';
import { openCursor, sealCursor } from './cursor.ts';

/** `limit` and `cursor`, as every list takes them. */
export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(2_048).optional(),
});

export type ListQuery = z.infer<typeof listQuery>;

/** `{items, nextCursor}` of any kind of entry. */
export function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z.object({ items: z.array(entry), nextCursor: z.string().nullable() });
}

/**
 * Answers one page: opens the caller's cursor, reads a page from there, and seals where the next one
 * begins. `nextCursor` is null at the end; a page may hold fewer entries than `limit`.
 */
export async function page<Entry>(
  { query, listing }: { readonly query: ListQuery; readonly listing: string },
  read: (request: PageRequest) => Promise<Page<Entry>>,
): Promise<{ items: Entry[]; nextCursor: string | null }> {
  const from = query.cursor === undefined ? undefined : await openCursor(query.cursor, listing);
  const { items, next } = await read({ limit: query.limit, from });
  return { items, nextCursor: next === undefined ? null : await sealCursor(next, listing) };
}
