import type { Range } from '../ordered-map.ts';
import { consumed, readUnits } from './capacity.ts';
import { meets } from './conditions.ts';
import type { Database } from './database.ts';
import { invalid } from './errors.ts';
import {
  attributesOf,
  checkKey,
  encode,
  encodeOpen,
  end,
  hasKey,
  type KeySchema,
  keyOf,
  partitionKey,
  rowKey,
} from './keys.ts';
import type { Rows } from './past.ts';
import { checkProjection, project } from './reads.ts';
import { type Input, type KeyCondition, type PageRequest, parse, type QueryRequest } from './requests.ts';
import type { Table } from './table.ts';
import { type AttributeValue, type Item, itemSize } from './values.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
const pageBytes = 1024 * 1024;

/** Where a query or scan reads: the table's rows, or those of an index. */
interface Source {
  readonly table: Table;
  readonly key: KeySchema;
  readonly indexName: string | undefined;
  readonly rows: Rows;
}

/** Query: one partition of a table or index, in the order of the sort key. */
export function query(database: Database, input: Input, staleMs = 0): Record<string, unknown> {
  const request = parse('Query', input);
  const source = sourceOf(database, request, staleMs);
  const { partition, sort } = keyConditions(source, request);
  refuseKeysInFilter(source, request);
  const prefix = partitionKey(partition);
  const range = sort ? sortRange(prefix, sort) : { from: prefix, before: prefix + end };
  const reverse = request.ScanIndexForward === false;
  const start = startOf(source, request);
  if (start && !start.startsWith(prefix)) {
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  }
  return page(source, request, continued(range, start, reverse), reverse);
}

/** Scan: everything, in the order of the partitions' hashes; a segment is a share of the hashes. */
export function scan(database: Database, input: Input, staleMs = 0): Record<string, unknown> {
  const request = parse('Scan', input);
  const source = sourceOf(database, request, staleMs);
  const { Segment = 0, TotalSegments = 1 } = request;
  const bound = (segment: number) =>
    Math.ceil((2 ** 32 * segment) / TotalSegments)
      .toString(16)
      .padStart(8, '0');
  const range = {
    from: bound(Segment),
    ...(Segment + 1 < TotalSegments && { before: bound(Segment + 1) }),
  };
  const start = startOf(source, request);
  if (start && (start < range.from || (range.before !== undefined && start >= range.before))) {
    throw invalid(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with ' +
        `correct Segment. TotalSegments: ${TotalSegments} Segment: ${Segment}`,
    );
  }
  return page(source, request, continued(range, start, false), false);
}

/**
 * The one place that decides which rows a read sees: those of now, or of `staleMs` ago where it may lag behind,
 * which reads of an index always may.
 */
function sourceOf(database: Database, request: PageRequest, staleMs: number): Source {
  const table = database.table(request.TableName);
  checkProjection(table, request._projection);
  const { IndexName: indexName } = request;
  checkSelect(request, indexName);
  if (indexName === undefined) {
    const rows = database.past.rows(table, undefined, request.ConsistentRead ? 0 : staleMs);
    return { table, key: table.definition.key, indexName, rows };
  }
  const index = table.indexes.get(indexName);
  if (!index) throw invalid(`The table does not have the specified index: ${indexName}`);
  if (request.ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  if (request.Select === 'ALL_ATTRIBUTES' && index.definition.projected) {
    throw invalid(
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global ' +
        `secondary index ${indexName} because its projection type is not ALL`,
    );
  }
  const rows = database.past.rows(table, index, staleMs);
  return { table, key: index.definition.key, indexName, rows };
}

function checkSelect({ Select, _projection }: PageRequest, indexName: string | undefined): void {
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && indexName === undefined) {
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (Select === 'SPECIFIC_ATTRIBUTES' && !_projection) {
    throw invalid(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (Select && Select !== 'SPECIFIC_ATTRIBUTES' && _projection) {
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${Select}`);
  }
}

function keyConditions(
  { key }: Source,
  { KeyConditions: conditions }: QueryRequest,
): { partition: AttributeValue; sort: KeyCondition | undefined } {
  const partition = conditions[key.partition.name];
  if (!partition) throw invalid(`Query condition missed key schema element: ${key.partition.name}`);
  const sort = key.sort && conditions[key.sort.name];
  if (Object.keys(conditions).length > (sort ? 2 : 1)) {
    throw invalid(
      key.sort
        ? `Query condition missed key schema element: ${key.sort.name}`
        : 'Query key condition not supported',
    );
  }
  for (const { name, type } of attributesOf(key)) {
    for (const value of conditions[name]?.AttributeValueList ?? []) {
      if (value[type] === undefined) {
        throw invalid(
          'One or more parameter values were invalid: Condition parameter type does not match schema type',
        );
      }
      if (value.S === '' || value.B === '') {
        throw invalid(
          'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain ' +
            `an empty ${value.S === '' ? 'string' : 'binary'} value. Key: ${name}`,
        );
      }
    }
  }
  if (partition.ComparisonOperator !== 'EQ') throw invalid('Query key condition not supported');
  return { partition: partition.AttributeValueList[0] as AttributeValue, sort };
}

function sortRange(prefix: string, { ComparisonOperator, AttributeValueList }: KeyCondition): Range {
  const [first, second] = AttributeValueList as [AttributeValue, AttributeValue];
  const at = prefix + encode(first);
  switch (ComparisonOperator) {
    case 'EQ':
      return { from: at, before: at + end };
    case 'LT':
      return { from: prefix, before: at };
    case 'LE':
      return { from: prefix, before: at + end };
    case 'GT':
      return { from: at + end, before: prefix + end };
    case 'GE':
      return { from: at, before: prefix + end };
    case 'BETWEEN':
      return { from: at, before: prefix + encode(second) + end };
    case 'BEGINS_WITH':
      return { from: prefix + encodeOpen(first), before: prefix + encodeOpen(first) + end };
  }
}

/** The row that a page continues after, or undefined for a first page. */
function startOf({ table, key, indexName }: Source, { ExclusiveStartKey }: PageRequest): string | undefined {
  if (!ExclusiveStartKey) return undefined;
  const names = new Set(
    [...attributesOf(table.definition.key), ...attributesOf(key)].map(({ name }) => name),
  );
  const given = Object.keys(ExclusiveStartKey);
  const complete = given.length === names.size && given.every((name) => names.has(name));
  if (!complete || !hasKey(ExclusiveStartKey, key) || !hasKey(ExclusiveStartKey, table.definition.key)) {
    throw invalid('The provided starting key is invalid: The provided key element does not match the schema');
  }
  checkKey(keyOf(ExclusiveStartKey, table.definition.key), table.definition.key);
  const place = rowKey(ExclusiveStartKey, table.definition.key);
  return indexName === undefined ? place : rowKey(ExclusiveStartKey, key) + place;
}

function continued(range: Range, start: string | undefined, reverse: boolean): Range {
  if (start === undefined) return range;
  if (reverse) return { ...range, before: min(start, range.before) };
  if (range.from !== undefined && start < range.from) return range;
  return { after: start, ...(range.before !== undefined && { before: range.before }) };
}

function min(a: string, b: string | undefined): string {
  return b !== undefined && b < a ? b : a;
}

function refuseKeysInFilter({ key }: Source, { _filter }: PageRequest): void {
  for (const { name } of attributesOf(key)) {
    if (_filter && name in _filter.pathHeads) {
      throw invalid(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
    }
  }
}

/** Reads rows until the limit or 1 MB is reached, and only then filters: a page may be short or empty. */
function page(source: Source, request: PageRequest, range: Range, reverse: boolean): Record<string, unknown> {
  const { table, indexName } = source;
  const read: Item[] = [];
  let bytes = 0;
  let more = false;
  for (const [, item] of source.rows.entries(range, reverse)) {
    read.push(item);
    bytes += itemSize(item);
    more = read.length === request.Limit || bytes >= pageBytes;
    if (more) break;
  }
  const filter = request._filter?.expression;
  const items = filter ? read.filter((item) => meets(item, filter)) : read;
  const units = readUnits(bytes, request.ConsistentRead);
  const capacity = consumed(request.TableName, request.ReturnConsumedCapacity, () => [
    indexName === undefined ? { table: units, indexes: {} } : { table: 0, indexes: { [indexName]: units } },
  ]);
  const last = more ? read.at(-1) : undefined;
  return {
    ...(request.Select !== 'COUNT' && { Items: items.map((item) => project(item, request._projection)) }),
    Count: items.length,
    ScannedCount: read.length,
    ...(last && { LastEvaluatedKey: { ...keyOf(last, table.definition.key), ...keyOf(last, source.key) } }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
}
