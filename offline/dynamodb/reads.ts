import dynalite from 'dynalite/db/index.js';
import { type Capacity, consumed, consumedPerTable, readUnits } from './capacity.ts';
import type { Database } from './database.ts';
import { invalid } from './errors.ts';
import type { ParsedProjection } from './expressions.ts';
import { checkKey, checkPaths, rowKey } from './keys.ts';
import type { Rows } from './past.ts';
import { type BatchGetRequest, type Input, parse } from './requests.ts';
import type { Table } from './table.ts';
import { type Item, itemSize } from './values.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const batchBytes = 16 * 1024 * 1024;

/** GetItem. An eventually consistent read answers what was there `staleMs` ago. */
export function getItem(database: Database, input: Input, staleMs = 0): Record<string, unknown> {
  const request = parse('GetItem', input);
  const table = database.table(request.TableName);
  checkKey(request.Key, table.definition.key);
  checkProjection(table, request._projection);
  const rows = database.past.rows(table, undefined, request.ConsistentRead ? 0 : staleMs);
  const item = rows.get(rowKey(request.Key, table.definition.key));
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
 * Eventually consistent reads answer what was there `staleMs` ago.
 */
export function batchGetItem(database: Database, input: Input, staleMs = 0): Record<string, unknown> {
  const { RequestItems, ReturnConsumedCapacity } = parse('BatchGetItem', input);
  const asked = input.RequestItems as Readonly<Record<string, object>>;
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, object> = {};
  const capacities: [Table, Capacity][] = [];
  let bytes = 0;
  for (const [name, request] of Object.entries(RequestItems)) {
    const table = database.table(name);
    const rows = database.past.rows(table, undefined, request.ConsistentRead ? 0 : staleMs);
    const found = batchRows(table, request, rows);
    const items: Item[] = [];
    const left: Item[] = [];
    for (const { key, item } of found) {
      const size = item ? itemSize(item) : 0;
      if (bytes + size > batchBytes) {
        left.push(key);
        continue;
      }
      bytes += size;
      capacities.push([table, { table: readUnits(size, request.ConsistentRead), indexes: {} }]);
      if (item) items.push(project(item, request._projection));
    }
    responses[name] = items;
    if (left.length > 0) unprocessed[name] = { ...asked[name], Keys: left };
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...consumedPerTable(ReturnConsumedCapacity, () => capacities),
  };
}

/** What stands at the keys asked for, in the order of their place in the table. */
function batchRows(
  table: Table,
  request: BatchGetRequest['RequestItems'][string],
  rows: Rows,
): { key: Item; item: Item | undefined }[] {
  if ('AttributesToGet' in request) throw invalid('AttributesToGet: expected ProjectionExpression instead');
  checkProjection(table, request._projection);
  for (const key of request.Keys) checkKey(key, table.definition.key);
  return request.Keys.map((key) => ({ key, place: rowKey(key, table.definition.key) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ key, place }) => ({ key, item: rows.get(place) }));
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
