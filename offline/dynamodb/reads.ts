import dynalite from 'dynalite/db/index.js';
import { type Capacity, consumed, consumedPerTable, readUnits } from './capacity.ts';
import type { Database } from './database.ts';
import { invalid } from './errors.ts';
import type { ParsedProjection } from './expressions.ts';
import { checkKey, checkPaths } from './keys.ts';
import { type Input, parse } from './requests.ts';
import type { Table } from './table.ts';
import { type Item, itemSize } from './values.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const batchBytes = 16 * 1024 * 1024;

/** GetItem. Eventually consistent reads answer what was written last, like consistent ones. */
export function getItem(database: Database, input: Input): Record<string, unknown> {
  const request = parse('GetItem', input);
  const table = database.table(request.TableName);
  checkKey(request.Key, table.definition.key);
  checkProjection(table, request._projection);
  const { before: item } = table.change(request.Key, undefined);
  const units = readUnits(item ? itemSize(item) : 0, request.ConsistentRead);
  const capacity = consumed(request.TableName, request.ReturnConsumedCapacity, () => [
    { table: units, indexes: {} },
  ]);
  return {
    ...(item && { Item: project(item, request._projection) }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
}

/**
 * BatchGetItem. Items come in the order of their place in the table, not in the order asked: AWS promises none,
 * and code that expects one is meant to show it here. What exceeds 16 MB comes back as UnprocessedKeys.
 */
export function batchGetItem(database: Database, input: Input): Record<string, unknown> {
  const { RequestItems, ReturnConsumedCapacity } = parse('BatchGetItem', input);
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, object> = {};
  const capacities: [Table, Capacity][] = [];
  let bytes = 0;
  for (const [name, { Keys, ...options }] of Object.entries(RequestItems)) {
    const table = database.table(name);
    if ('AttributesToGet' in options) throw invalid('AttributesToGet: expected ProjectionExpression instead');
    for (const key of Keys) checkKey(key, table.definition.key);
    checkProjection(table, options._projection);
    responses[name] = [];
    const left: Item[] = [];
    const found = Keys.map((key) => table.change(key, undefined));
    for (const { key, before } of found.sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))) {
      const size = before ? itemSize(before) : 0;
      if (bytes + size > batchBytes) {
        left.push(key);
        continue;
      }
      bytes += size;
      capacities.push([table, { table: readUnits(size, options.ConsistentRead), indexes: {} }]);
      if (before) responses[name].push(project(before, options._projection));
    }
    if (left.length > 0)
      unprocessed[name] = { ...((input.RequestItems as Input)[name] as object), Keys: left };
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...consumedPerTable(ReturnConsumedCapacity, () => capacities),
  };
}

/** The attributes a projection expression names; the whole item without one. */
export function project(item: Item, projection: ParsedProjection | undefined): Item {
  return projection ? (dynalite.mapPaths(projection.paths, item) as Item) : item;
}

/** Refuses a projection into a key attribute. */
export function checkProjection(table: Table, projection: ParsedProjection | undefined): void {
  checkPaths(projection?.nestedPaths, table.definition.key, 'Key');
  for (const { key } of table.definition.indexes) checkPaths(projection?.nestedPaths, key, 'IndexKey');
}
