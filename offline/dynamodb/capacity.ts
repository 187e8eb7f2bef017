import type { ReturnCapacity } from './requests.ts';
import type { Change, Table } from './table.ts';
import { equalItems, type Item, itemSize } from './values.ts';

/** Capacity units of one operation on one table. */
export interface Capacity {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

/**
 * What a write consumes: a unit per started KB of the larger of both items, and the same for every index row
 * that changes (twice where a row moves), times two inside a transaction.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
export function writeCapacity(change: Change, factor = 1): Capacity {
  const { table, rowKey, before, after } = change;
  const indexes: Record<string, number> = {};
  for (const { index, before: was, after: is } of table.indexChanges(rowKey, before, after)) {
    if (was && is && was.rowKey === is.rowKey) {
      if (!equalItems(was.row, is.row)) indexes[index.definition.name] = factor * written(was.row, is.row);
    } else if (was || is) {
      indexes[index.definition.name] =
        factor * ((was ? written(was.row, undefined) : 0) + (is ? written(undefined, is.row) : 0));
    }
  }
  return { table: factor * written(before, after), indexes };
}

/** What reading so many bytes consumes: half a unit per started 4 KB, a whole one for consistent reads. */
export function readUnits(bytes: number, consistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

/** The answer's `ConsumedCapacity` in the form the caller asked for; nothing where it didn't. */
export function consumed(
  tableName: string,
  mode: ReturnCapacity,
  measure: () => readonly Capacity[],
): Record<string, unknown> | undefined {
  if (mode !== 'TOTAL' && mode !== 'INDEXES') return undefined;
  const capacities = measure();
  const table = capacities.reduce((sum, capacity) => sum + capacity.table, 0);
  const indexes: Record<string, number> = {};
  for (const capacity of capacities) {
    for (const [name, units] of Object.entries(capacity.indexes))
      indexes[name] = (indexes[name] ?? 0) + units;
  }
  const total = Object.values(indexes).reduce((sum, units) => sum + units, table);
  if (mode === 'TOTAL') return { TableName: tableName, CapacityUnits: total };
  const perIndex = Object.entries(indexes).map(([name, units]) => [name, { CapacityUnits: units }]);
  return {
    TableName: tableName,
    CapacityUnits: total,
    Table: { CapacityUnits: table },
    ...(perIndex.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(perIndex) }),
  };
}

/** `consumed` for requests over several tables. */
export function consumedPerTable(
  mode: ReturnCapacity,
  measure: () => readonly (readonly [Table, Capacity])[],
): Record<string, unknown> {
  if (mode !== 'TOTAL' && mode !== 'INDEXES') return {};
  const byTable = Map.groupBy(measure(), ([table]) => table.definition.name);
  return {
    ConsumedCapacity: [...byTable].map(([name, some]) =>
      consumed(name, mode, () => some.map(([, capacity]) => capacity)),
    ),
  };
}

function written(before: Item | undefined, after: Item | undefined): number {
  const bytes = Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0);
  return Math.max(1, Math.ceil(bytes / 1024));
}
