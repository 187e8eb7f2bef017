import { ServiceError } from '../contract.ts';

/**
 * One page of what there is, with the token of the next one.
 * @throws ServiceError InvalidNextTokenException
 */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { maxResults, nextToken }: { readonly maxResults: number; readonly nextToken?: string | undefined },
): { readonly items: Entry[]; readonly nextToken?: string } {
  const from = nextToken === undefined ? 0 : placeOf(nextToken);
  const to = from + maxResults;
  const items = entries.slice(from, to);
  return to < entries.length
    ? { items, nextToken: Buffer.from(`from ${to}`).toString('base64url') }
    : { items };
}

function placeOf(token: string): number {
  const [, place] = /^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (place === undefined) throw new ServiceError('InvalidNextTokenException', `Invalid token: ${token}`);
  return Number(place);
}
