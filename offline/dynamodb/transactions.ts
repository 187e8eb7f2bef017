import { createHash } from 'node:crypto';
import { ServiceError } from '../contract.ts';
import { type Capacity, consumedPerTable, readUnits, writeCapacity } from './capacity.ts';
import type { Database } from './database.ts';
import type { Token } from './entries.ts';
import { invalid } from './errors.ts';
import { checkKey, hasKey } from './keys.ts';
import { checkProjection, project } from './reads.ts';
import { choice, type Input, parse } from './requests.ts';
import type { Change, Table } from './table.ts';
import { itemSize } from './values.ts';
import { changeOf, parseWrite, refuseDuplicates, type Write } from './writes.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const itemsLimit = 100;
const bytesLimit = 4 * 1024 * 1024;

const duplicates = 'Transaction request cannot include multiple operations on one item';
const writeKinds = ['Put', 'Update', 'Delete', 'ConditionCheck'] as const;
const capacityModes = ['INDEXES', 'TOTAL', 'NONE'] as const;

/**
 * TransactWriteItems. Every condition is judged by what stands before the transaction; one that fails cancels
 * all of it, with a reason for each item in order. There is never a TransactionConflict: a transaction takes
 * one turn of the event loop.
 */
export function transactWriteItems(database: Database, input: Input): Record<string, unknown> {
  const mode = choice(input, 'ReturnConsumedCapacity', capacityModes);
  const writes = transactItems(input).map(parseTransactWrite);
  const targets = writes.map(({ request }) => {
    const table = database.table(request.TableName);
    return { table, key: request.Key ?? request.Item ?? {} };
  });
  const token = tokenOf(input, database.clock.now());
  const known = token && database.token(token.token);
  if (known && known.fingerprint !== token.fingerprint) throw mismatch();
  if (known) return consumedPerTable(mode, () => targets.map(readCapacity));

  const named = targets.filter(({ table, key }) => hasKey(key, table.definition.key));
  refuseDuplicates(
    named.map(({ table, key }) => table.change(key, undefined)),
    duplicates,
  );
  const changes = settle(
    writes.map((write, index) => () => changeOf((targets[index] as Target).table, write)),
  );
  if (sizeOf(changes) > bytesLimit) throw invalid('The transaction is larger than 4 MB');
  database.commit(changes, { token });
  return consumedPerTable(mode, () => changes.map((change) => [change.table, writeCapacity(change, 2)]));
}

/** TransactGetItems: all items as they stand at one moment. */
export function transactGetItems(database: Database, input: Input): Record<string, unknown> {
  const mode = choice(input, 'ReturnConsumedCapacity', capacityModes);
  const requests = transactItems(input).map((entry) => {
    if (!entry.Get) throw invalid('TransactItems: expected Get in every member');
    return parse('GetItem', entry.Get as Input);
  });
  const targets = requests.map(({ TableName, Key }) => ({ table: database.table(TableName), key: Key }));
  const changes = settle(
    targets.map(({ table, key }, index) => () => {
      checkKey(key, table.definition.key);
      checkProjection(table, requests[index]?._projection);
      return table.change(key, undefined);
    }),
  );
  refuseDuplicates(changes, duplicates);
  const items = changes.map(({ before }) => before);
  const bytes = items.reduce((sum, item) => sum + (item ? itemSize(item) : 0), 0);
  if (bytes > bytesLimit) throw invalid('The items of the transaction are larger than 4 MB');
  return {
    Responses: items.map((item, index) =>
      item ? { Item: project(item, requests[index]?._projection) } : {},
    ),
    ...consumedPerTable(mode, () => targets.map(readCapacity)),
  };
}

interface Target {
  readonly table: Table;
  readonly key: Change['key'];
}

type TransactItem = Readonly<Record<string, unknown>>;

function transactItems(input: Input): TransactItem[] {
  const items = input.TransactItems;
  if (!Array.isArray(items) || items.length < 1 || items.length > itemsLimit) {
    throw invalid(
      "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${itemsLimit}, greater than or equal to 1`,
    );
  }
  return items;
}

function parseTransactWrite(item: TransactItem): Write {
  const kinds = writeKinds.filter((kind) => item[kind]);
  const [kind] = kinds;
  if (!kind || kinds.length > 1) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const members = item[kind] as Input;
  const required = {
    Update: 'UpdateExpression',
    ConditionCheck: 'ConditionExpression',
    Put: 'Item',
    Delete: 'Key',
  };
  if (members[required[kind]] === undefined)
    throw invalid(`${kind}: expected ${required[kind]}, received none`);
  return parseWrite(kind, members);
}

/** All results, or the TransactionCanceledException that tells for each item why it was refused. */
function settle(attempts: readonly (() => Change)[]): Change[] {
  const outcomes = attempts.map((attempt) => {
    try {
      return attempt();
    } catch (error) {
      if (error instanceof ServiceError) return error;
      throw error;
    }
  });
  const changes = outcomes.filter((outcome): outcome is Change => !(outcome instanceof ServiceError));
  if (changes.length === outcomes.length) return changes;
  const reasons = outcomes.map(reasonOf);
  throw new ServiceError(
    'TransactionCanceledException',
    'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      `[${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );
}

function reasonOf(outcome: Change | ServiceError): { Code: string; Message?: string } {
  if (!(outcome instanceof ServiceError)) return { Code: 'None' };
  const codes: Readonly<Record<string, string>> = {
    ConditionalCheckFailedException: 'ConditionalCheckFailed',
    ValidationException: 'ValidationError',
  };
  return { Code: codes[outcome.code] ?? outcome.code, Message: outcome.message, ...outcome.members };
}

function tokenOf(input: Input, now: number): Token | undefined {
  const token = input.ClientRequestToken;
  if (token === undefined || token === null) return undefined;
  if (typeof token !== 'string' || token.length < 1 || token.length > 36) {
    throw invalid(
      `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: ` +
        'Member must have length less than or equal to 36, greater than or equal to 1',
    );
  }
  const asked = JSON.stringify({ ...input, ClientRequestToken: undefined });
  return { token, fingerprint: createHash('sha256').update(asked).digest('base64'), at: now };
}

function mismatch(): ServiceError {
  return new ServiceError(
    'IdempotentParameterMismatchException',
    'The provided ClientRequestToken was used within the last ten minutes for another transaction',
  );
}

function sizeOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { after }) => sum + (after ? itemSize(after) : 0), 0);
}

/** Transactional reads cost twice a consistent read. */
function readCapacity({ table, key }: Target): [Table, Capacity] {
  const { before } = table.change(key, undefined);
  return [table, { table: 2 * readUnits(before ? itemSize(before) : 0, true), indexes: {} }];
}
