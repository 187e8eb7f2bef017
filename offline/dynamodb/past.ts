import type { Clock } from '../clock.ts';
import type { OrderedMap, Range } from '../ordered-map.ts';
import type { Change, Index, Table } from './table.ts';
import type { Item } from './values.ts';

/** What a read needs of rows, those of today or of a moment ago. */
export type Rows = Pick<OrderedMap<Item>, 'get' | 'entries'>;

/** What rows were, where that differs from what they are; undefined where there was none. */
type Undone = ReadonlyMap<string, Item | undefined>;

/** The changes of the last moments, so that eventually consistent reads can be answered as of then. */
export class Past {
  readonly #clock: Clock;
  readonly #reachMs: number;
  #changes: { readonly at: number; readonly change: Change }[] = [];

  /** @param reachMs how far back reads may go; 0 remembers nothing */
  constructor(clock: Clock, reachMs: number) {
    this.#clock = clock;
    this.#reachMs = reachMs;
  }

  /** To be told of every change, in their order. */
  note(change: Change, at: number): void {
    if (this.#reachMs === 0) return;
    const oldest = this.#clock.now() - this.#reachMs;
    const [first] = this.#changes;
    // Dropping what is too old only when half of it may be keeps each note cheap.
    if (first && first.at < oldest - this.#reachMs) {
      this.#changes = this.#changes.filter((one) => one.at > oldest);
    }
    this.#changes.push({ at, change });
  }

  /** The rows of a table, or of one of its indexes, as they were `staleMs` ago. */
  rows(table: Table, index: Index | undefined, staleMs: number): Rows {
    const rows = index?.rows ?? table.rows;
    const since = this.#clock.now() - Math.min(staleMs, this.#reachMs);
    const changes =
      staleMs === 0 ? [] : this.#changes.filter(({ at, change }) => at > since && change.table === table);
    if (changes.length === 0) return rows;
    const undone = new Map<string, Item | undefined>();
    for (const { change } of changes) {
      if (index) undoInIndex(undone, index, change);
      else if (!undone.has(change.rowKey)) undone.set(change.rowKey, change.before);
    }
    return new FormerRows(rows, undone);
  }
}

function undoInIndex(
  undone: Map<string, Item | undefined>,
  index: Index,
  { table, rowKey, before, after }: Change,
): void {
  const change = table.indexChanges(rowKey, before, after).find((one) => one.index === index);
  if (change?.before && !undone.has(change.before.rowKey))
    undone.set(change.before.rowKey, change.before.row);
  if (change?.after && !undone.has(change.after.rowKey)) undone.set(change.after.rowKey, undefined);
}

/** Today's rows, but for those that were different. */
class FormerRows implements Rows {
  readonly #rows: OrderedMap<Item>;
  readonly #undone: Undone;

  constructor(rows: OrderedMap<Item>, undone: Undone) {
    this.#rows = rows;
    this.#undone = undone;
  }

  get(key: string): Item | undefined {
    return this.#undone.has(key) ? this.#undone.get(key) : this.#rows.get(key);
  }

  *entries(range: Range = {}, reverse = false): Generator<[key: string, value: Item]> {
    const former = [...this.#undone]
      .filter((entry): entry is [string, Item] => entry[1] !== undefined && isInside(range, entry[0]))
      .sort(([a], [b]) => (a < b === reverse ? 1 : -1));
    for (const entry of this.#rows.entries(range, reverse)) {
      if (this.#undone.has(entry[0])) continue;
      while (former[0] && former[0][0] < entry[0] !== reverse) yield former.shift() as [string, Item];
      yield entry;
    }
    yield* former;
  }
}

function isInside({ from = '', after, before }: Range, key: string): boolean {
  return key >= from && (after === undefined || key > after) && (before === undefined || key < before);
}
