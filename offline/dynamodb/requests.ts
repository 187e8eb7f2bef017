import batchGetItem from 'dynalite/validations/batchGetItem.js';
import batchWriteItem from 'dynalite/validations/batchWriteItem.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import getItem from 'dynalite/validations/getItem.js';
import validations from 'dynalite/validations/index.js';
import listTables from 'dynalite/validations/listTables.js';
import putItem from 'dynalite/validations/putItem.js';
import query from 'dynalite/validations/query.js';
import scan from 'dynalite/validations/scan.js';
import updateItem from 'dynalite/validations/updateItem.js';
import { ServiceError } from '../contract.ts';
import { invalid } from './errors.ts';
import type { ParsedCondition, ParsedProjection, ParsedUpdate } from './expressions.ts';
import type { AttributeValue, Item } from './values.ts';

export type Input = Readonly<Record<string, unknown>>;

export type ReturnCapacity = 'INDEXES' | 'TOTAL' | 'NONE' | undefined;

export interface GetRequest {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
  readonly ReturnConsumedCapacity?: ReturnCapacity;
  readonly _projection?: ParsedProjection;
}

/** A put (`Item`), an update (`Key`, `_updates`) or a deletion (`Key`). */
export interface WriteRequest {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ReturnValues?: 'ALL_NEW' | 'UPDATED_OLD' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW';
  readonly ReturnConsumedCapacity?: ReturnCapacity;
  readonly _condition?: ParsedCondition;
  readonly _updates?: ParsedUpdate;
}

export interface PageRequest {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly Select?: 'SPECIFIC_ATTRIBUTES' | 'COUNT' | 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES';
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly ConsistentRead?: boolean;
  readonly ReturnConsumedCapacity?: ReturnCapacity;
  readonly _filter?: ParsedCondition;
  readonly _projection?: ParsedProjection;
}

export interface KeyCondition {
  readonly ComparisonOperator: 'EQ' | 'LT' | 'LE' | 'GT' | 'GE' | 'BETWEEN' | 'BEGINS_WITH';
  readonly AttributeValueList: readonly AttributeValue[];
}

export interface QueryRequest extends PageRequest {
  readonly ScanIndexForward?: boolean;
  /** By attribute; the parser fills it from KeyConditionExpression. */
  readonly KeyConditions: Readonly<Record<string, KeyCondition>>;
}

export interface ScanRequest extends PageRequest {
  readonly Segment?: number;
  readonly TotalSegments?: number;
}

export interface BatchGetRequest {
  readonly RequestItems: Readonly<Record<string, Omit<GetRequest, 'TableName' | 'Key'> & { Keys: Item[] }>>;
  readonly ReturnConsumedCapacity?: ReturnCapacity;
}

export interface BatchWriteRequest {
  readonly RequestItems: Readonly<
    Record<string, readonly { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>
  >;
  readonly ReturnConsumedCapacity?: ReturnCapacity;
}

export interface ListTablesRequest {
  readonly Limit?: number;
  readonly ExclusiveStartTableName?: string;
}

interface Requests {
  readonly GetItem: GetRequest;
  readonly PutItem: WriteRequest;
  readonly UpdateItem: WriteRequest;
  readonly DeleteItem: WriteRequest;
  readonly Query: QueryRequest;
  readonly Scan: ScanRequest;
  readonly BatchGetItem: BatchGetRequest;
  readonly BatchWriteItem: BatchWriteRequest;
  readonly ListTables: ListTablesRequest;
}

const forms = {
  GetItem: getItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
  Query: query,
  // dynalite forgets that a scan may be consistent.
  Scan: { ...scan, types: { ...scan.types, ConsistentRead: 'Boolean' } },
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  ListTables: listTables,
};

const replacedByExpressions = [
  'AttributeUpdates',
  'AttributesToGet',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const expressionLimit = 4096;

// dynalite counts a string's characters where AWS counts its bytes: `changeOf` checks the size instead.
const withoutSizeLimit = { options: { maxItemSize: Number.POSITIVE_INFINITY } };

/**
 * Checks a request's form as AWS does before it looks at any table, and parses its expressions.
 * Throws the ServiceError (ValidationException, SerializationException) that AWS answers.
 */
export function parse<Operation extends keyof Requests>(
  operation: Operation,
  input: Input,
): Requests[Operation] {
  refuseReplaced(input);
  refuseLong(input);
  const form = forms[operation];
  const named = input.TableName === undefined ? input : { ...input, TableName: tableName(input.TableName) };
  try {
    const request = validations.checkTypes({ ...named }, form.types);
    validations.checkValidations(request, form.types, form.custom, withoutSizeLimit);
    return request as unknown as Requests[Operation];
  } catch (error) {
    throw asServiceError(error);
  }
}

/** The table's name, also where the caller gave its ARN. */
export function tableName(given: unknown): unknown {
  return typeof given === 'string' ? given.replace(/^arn:[^/]*:table\//, '') : given;
}

/** The table's name of a request that asks about a table as a whole. */
export function tableNameOf(input: Input): string {
  const name = tableName(input.TableName);
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_.-]{1,255}$/.test(name)) {
    throw invalid(`TableName: expected a table's name or ARN, received ${JSON.stringify(input.TableName)}`);
  }
  return name;
}

/** One of the values that AWS allows for a member, or undefined where it isn't given. */
export function choice<Value extends string>(
  input: Input,
  member: string,
  allowed: readonly Value[],
): Value | undefined {
  const given = input[member];
  if (given === undefined || given === null) return undefined;
  if (allowed.includes(given as Value)) return given as Value;
  throw invalid(
    `1 validation error detected: Value '${given}' at '${member[0]?.toLowerCase()}${member.slice(1)}' failed to ` +
      `satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
}

function refuseReplaced(input: Input): void {
  const name = replacedByExpressions.find((member) => input[member] !== undefined);
  if (name)
    throw invalid(`${name}: expected the expression that replaced this parameter, received the parameter`);
}

function refuseLong(input: Input): void {
  for (const [name, value] of Object.entries(input)) {
    const size = name.endsWith('Expression') && typeof value === 'string' ? Buffer.byteLength(value) : 0;
    if (size > expressionLimit) {
      throw invalid(
        `Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: ${size}`,
      );
    }
  }
}

interface DynaliteError extends Error {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

function asServiceError(error: unknown): unknown {
  const { statusCode, body } = error as DynaliteError;
  if (!statusCode) return error;
  const code = body.__type.slice(body.__type.indexOf('#') + 1);
  return new ServiceError(code, body.message ?? body.Message ?? code, statusCode);
}
