import { invalidArgument } from './errors.ts';
import { keyOf, orderOf } from './store.ts';

/** A page of a listing: entries in order, each an item or a common prefix. */
export interface Page<Item> {
  readonly entries: readonly Entry<Item>[];
  readonly truncated: boolean;
}

/** An item, or a prefix that stands for all keys below it. `order` is where it stands in the listing. */
export type Entry<Item> =
  | { readonly kind: 'item'; readonly order: string; readonly item: Item }
  | { readonly kind: 'prefix'; readonly order: string };

/** What a listing is asked. All but `limit` are names in listing order, see `orderOf`. */
export interface Wish {
  readonly prefix: string;
  readonly delimiter: string;
  /** The last entry of the page before, or a key. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Walks items in order, beginning at or right after a name; it leaves out what the listing doesn't show. */
export type Walk<Item> = (range: {
  from?: string;
  after?: string;
  before: string;
}) => Iterable<readonly [order: string, item: Item]>;

// No byte is greater, so no name with the prefix is.
const beyond = '\u0100';

/** Takes one page. Keys with the delimiter behind the prefix roll up into one common prefix. */
export function takePage<Item>(walk: Walk<Item>, wish: Wish): Page<Item> {
  const entries: Entry<Item>[] = [];
  for (const entry of rollUp(walk, wish)) {
    if (entries.length === wish.limit) return { entries, truncated: wish.limit > 0 };
    entries.push(entry);
  }
  return { entries, truncated: false };
}

function* rollUp<Item>(walk: Walk<Item>, { prefix, delimiter, after }: Wish): Generator<Entry<Item>> {
  const commonPrefixOf = (order: string) => {
    const at = delimiter === '' ? -1 : order.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : order.slice(0, at + delimiter.length);
  };
  let start: { from: string } | { after: string } | undefined = { from: prefix };
  if (after !== undefined && after >= prefix) {
    // A page that ended with a common prefix goes on behind all that it stands for.
    start = commonPrefixOf(after) === after ? { from: after + beyond } : { after };
  }
  while (start) {
    const range = { ...start, before: prefix + beyond };
    start = undefined;
    for (const [order, item] of walk(range)) {
      const common = commonPrefixOf(order);
      if (common !== undefined) {
        yield { kind: 'prefix', order: common };
        start = { from: common + beyond };
        break;
      }
      yield { kind: 'item', order, item };
    }
  }
}

/** Reads a page size: 1 000 at most and without one. Throws ServiceError InvalidArgument. */
export function limitOf(text: string | undefined, name: string): number {
  if (text === undefined || text === '') return 1_000;
  const limit = Number(text);
  if (!Number.isInteger(limit))
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  if (limit < 0)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, text);
  return Math.min(limit, 1_000);
}

/**
 * How a listing writes keys: as they are, or URL-encoded with the slash kept.
 * @throws ServiceError InvalidArgument for another encoding than url
 */
export function keyWriter(encodingType: string | undefined): (key: string) => string {
  if (encodingType === undefined || encodingType === '') return (key) => key;
  if (encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return (key) =>
    encodeURIComponent(key)
      .replaceAll('%2F', '/')
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The common prefixes of a page, as elements. */
export function commonPrefixes(
  page: Page<unknown>,
  write: (key: string) => string,
): { readonly Prefix: string }[] {
  return page.entries
    .filter(({ kind }) => kind === 'prefix')
    .map(({ order }) => ({ Prefix: write(keyOf(order)) }));
}

/** What a listing asks, in its names: from the members `Prefix` and `Delimiter` and the key it goes on after. */
export function wishOf(
  input: Readonly<Record<string, string | undefined>>,
  after: string | undefined,
  limit: number,
): Wish {
  return {
    prefix: orderOf(input.Prefix ?? ''),
    delimiter: orderOf(input.Delimiter ?? ''),
    after: after === undefined || after === '' ? undefined : orderOf(after),
    limit,
  };
}
