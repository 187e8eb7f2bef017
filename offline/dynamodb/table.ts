import { OrderedMap } from '../ordered-map.ts';
import type { IndexDefinition, TableDefinition } from './definition.ts';
import { hasKey, keyOf, rowKey } from './keys.ts';
import type { Item } from './values.ts';

/** What a write does to one item: what stood there, and what stands there afterwards. */
export interface Change {
  readonly table: Table;
  readonly rowKey: string;
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** What an index's rows become by a change: the row that goes and the row that comes, equal where nothing does. */
export interface IndexChange {
  readonly index: Index;
  readonly before: { readonly rowKey: string; readonly row: Item } | undefined;
  readonly after: { readonly rowKey: string; readonly row: Item } | undefined;
}

export interface Index {
  readonly definition: IndexDefinition;
  readonly rows: OrderedMap<Item>;
}

/** One table's items, index rows and times of expiry. All of it changes in one turn of the event loop. */
export class Table {
  readonly definition: TableDefinition;
  readonly createdAt: number;
  readonly rows = new OrderedMap<Item>();
  readonly indexes: ReadonlyMap<string, Index>;
  /** Row keys by the second they expire in. */
  readonly expiries = new OrderedMap<string>();
  #ttlAttribute: string | undefined;

  constructor(definition: TableDefinition, createdAt: number) {
    this.definition = definition;
    this.createdAt = createdAt;
    this.indexes = new Map(
      definition.indexes.map((index) => [index.name, { definition: index, rows: new OrderedMap<Item>() }]),
    );
    this.#ttlAttribute = definition.ttlAttribute;
  }

  get ttlAttribute(): string | undefined {
    return this.#ttlAttribute;
  }

  set ttlAttribute(name: string | undefined) {
    this.#ttlAttribute = name;
    for (const [key] of [...this.expiries.entries()]) this.expiries.delete(key);
    for (const [key, item] of this.rows.entries()) this.#expire(key, undefined, item);
  }

  /** The change that makes `after` of what stands at `key` (a key or a whole item). */
  change(key: Item, after: Item | undefined): Change {
    const row = rowKey(key, this.definition.key);
    return {
      table: this,
      rowKey: row,
      key: keyOf(key, this.definition.key),
      before: this.rows.get(row),
      after,
    };
  }

  apply({ rowKey: key, before, after }: Change): void {
    if (after) this.rows.set(key, after);
    else this.rows.delete(key);
    for (const change of this.indexChanges(key, before, after)) {
      if (change.before && change.before.rowKey !== change.after?.rowKey) {
        change.index.rows.delete(change.before.rowKey);
      }
      if (change.after) change.index.rows.set(change.after.rowKey, change.after.row);
    }
    this.#expire(key, before, after);
  }

  indexChanges(key: string, before: Item | undefined, after: Item | undefined): IndexChange[] {
    return [...this.indexes.values()].map((index) => ({
      index,
      before: this.#indexRow(index, key, before),
      after: this.#indexRow(index, key, after),
    }));
  }

  /** Items in a second index page continue after this row. */
  indexRowKey(index: Index, item: Item): string {
    return rowKey(item, index.definition.key) + rowKey(item, this.definition.key);
  }

  #indexRow(index: Index, key: string, item: Item | undefined): IndexChange['before'] {
    if (!item || !hasKey(item, index.definition.key)) return undefined;
    return { rowKey: rowKey(item, index.definition.key) + key, row: this.#projected(index, item) };
  }

  #projected({ definition }: Index, item: Item): Item {
    if (!definition.projected) return item;
    const kept = { ...keyOf(item, this.definition.key), ...keyOf(item, definition.key) };
    for (const name of definition.projected) if (item[name]) kept[name] = item[name];
    return kept;
  }

  #expire(key: string, before: Item | undefined, after: Item | undefined): void {
    const was = before && expiryOf(before, this.#ttlAttribute);
    const is = after && expiryOf(after, this.#ttlAttribute);
    if (was !== undefined) this.expiries.delete(expiryKey(was, key));
    if (is !== undefined) this.expiries.set(expiryKey(is, key), key);
  }
}

/** The second of the epoch an item expires in, or undefined where it never does. */
export function expiryOf(item: Item, attribute: string | undefined): number | undefined {
  const seconds = attribute === undefined ? Number.NaN : Math.floor(Number(item[attribute]?.N ?? Number.NaN));
  return seconds > 0 && seconds < 1e15 ? seconds : undefined;
}

/** Orders expiries by their second. */
export function expiryKey(seconds: number, key = ''): string {
  return String(seconds).padStart(15, '0') + key;
}
