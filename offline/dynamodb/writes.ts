import dynalite from 'dynalite/db/index.js';
import { ServiceError } from '../contract.ts';
import { consumed, consumedPerTable, writeCapacity } from './capacity.ts';
import { meets } from './conditions.ts';
import type { Database } from './database.ts';
import { invalid } from './errors.ts';
import { checkIndexKey, checkItem, checkKey, checkPaths } from './keys.ts';
import { choice, type Input, parse, type WriteRequest } from './requests.ts';
import type { Change, Table } from './table.ts';
import { updated } from './updates.ts';
import { type Item, itemSize, type Path } from './values.ts';

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** A write whose form has been checked. */
export interface Write {
  readonly kind: WriteKind;
  readonly request: WriteRequest;
  /** Whether a failed condition answers the item that failed it. */
  readonly showItem: boolean;
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const itemLimit = 400 * 1024;

const operations = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  // A condition check reads like a deletion that deletes nothing.
  ConditionCheck: 'DeleteItem',
} as const;

export function parseWrite(kind: WriteKind, input: Input): Write {
  const shown = choice(input, 'ReturnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE']);
  const request = parse(operations[kind], input);
  const values = request.ReturnValues;
  if (kind !== 'Update' && values && values !== 'ALL_OLD' && values !== 'NONE') {
    throw invalid('ReturnValues can only be ALL_OLD or NONE');
  }
  return { kind, request, showItem: shown === 'ALL_OLD' };
}

/**
 * What a write would do to its table; nothing is changed. Throws the ServiceError that refuses it: a
 * ValidationException, or a ConditionalCheckFailedException with the item where that was asked for.
 */
export function changeOf(table: Table, { kind, request, showItem }: Write): Change {
  const { key: schema, indexes } = table.definition;
  const key = request.Key ?? request.Item ?? {};
  if (kind === 'Put') checkItem(key, schema);
  else checkKey(key, schema);
  checkUpdatedPaths(table, request);
  const { before } = table.change(key, undefined);
  if (request._condition && !meets(before ?? {}, request._condition.expression)) {
    const members = showItem && before ? { Item: before } : {};
    throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed', 400, members);
  }
  const change = table.change(key, afterwards(kind, request, before));
  const { after } = change;
  if (!after || kind === 'ConditionCheck') return change;
  for (const index of indexes) checkIndexKey(after, index.name, index.key);
  if (itemSize(after) > itemLimit) {
    throw invalid(`Item size ${kind === 'Update' ? 'to update ' : ''}has exceeded the maximum allowed size`);
  }
  return change;
}

/** PutItem, UpdateItem, DeleteItem. */
export function writeItem(database: Database, kind: WriteKind, input: Input): Record<string, unknown> {
  const write = parseWrite(kind, input);
  const { request } = write;
  const change = changeOf(database.table(request.TableName), write);
  database.commit([change]);
  const attributes = returned(request, change);
  const capacity = consumed(request.TableName, request.ReturnConsumedCapacity, () => [writeCapacity(change)]);
  return {
    ...(attributes && Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
}

/** BatchWriteItem: every put and deletion is a write of its own, so that readers may see some before others. */
export function batchWriteItem(database: Database, input: Input): Record<string, unknown> {
  const { RequestItems, ReturnConsumedCapacity } = parse('BatchWriteItem', input);
  const changes = Object.entries(RequestItems).flatMap(([name, requests]) => {
    const table = database.table(name);
    return requests.map(({ PutRequest, DeleteRequest }) => {
      const write = PutRequest
        ? { kind: 'Put' as const, request: { TableName: name, Item: PutRequest.Item } }
        : { kind: 'Delete' as const, request: { TableName: name, Key: DeleteRequest?.Key ?? {} } };
      return changeOf(table, { ...write, showItem: false });
    });
  });
  if (changes.length > 25) throw invalid('Too many items requested for the BatchWriteItem call');
  refuseDuplicates(changes, 'Provided list of item keys contains duplicates');
  for (const change of changes) database.commit([change]);
  return {
    UnprocessedItems: {},
    ...consumedPerTable(ReturnConsumedCapacity, () =>
      changes.map((change) => [change.table, writeCapacity(change)]),
    ),
  };
}

/** Refuses several operations on one item. */
export function refuseDuplicates(
  changes: readonly Pick<Change, 'table' | 'rowKey'>[],
  message: string,
): void {
  const seen = new Set(changes.map(({ table, rowKey }) => `${table.definition.name}/${rowKey}`));
  if (seen.size < changes.length) throw invalid(message);
}

function afterwards(kind: WriteKind, request: WriteRequest, before: Item | undefined): Item | undefined {
  switch (kind) {
    case 'Put':
      return request.Item;
    case 'Delete':
      return undefined;
    case 'ConditionCheck':
      return before;
    case 'Update':
      return updated(before ?? request.Key ?? {}, request._updates?.sections ?? []);
  }
}

function checkUpdatedPaths({ definition }: Table, { _updates }: WriteRequest): void {
  if (!_updates) return;
  for (const name of [definition.key.partition.name, definition.key.sort?.name]) {
    if (_updates.paths.some((path) => path[0] === name)) {
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
    }
  }
  for (const { key } of definition.indexes) checkPaths(_updates.nestedPaths, key, 'IndexKey');
}

function returned(request: WriteRequest, { before, after }: Change): object | undefined {
  const paths = (request._updates?.paths ?? []) as readonly Path[];
  switch (request.ReturnValues) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && dynalite.mapPaths(paths, before);
    case 'UPDATED_NEW':
      return after && dynalite.mapPaths(paths, after);
    default:
      return undefined;
  }
}
