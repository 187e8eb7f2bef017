import { type Answer, type Call, type Context, type Engine, ServiceError, type Stack } from '../contract.ts';
import { Database } from './database.ts';
import {
  describeContinuousBackups,
  describeTable,
  describeTimeToLive,
  listTables,
  updateTimeToLive,
} from './describe.ts';
import { needsOf } from './needs.ts';
import { query, scan } from './query.ts';
import { batchGetItem, getItem } from './reads.ts';
import type { Input } from './requests.ts';
import { describeStream, getRecords, getShardIterator, listStreams } from './streams.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';
import { TimeToLive } from './ttl.ts';
import { batchWriteItem, writeItem } from './writes.ts';

type Operation = (database: Database, input: Input, staleMs?: number) => Record<string, unknown>;

const operations: Readonly<Record<string, Operation>> = {
  GetItem: getItem,
  PutItem: (database, input) => writeItem(database, 'Put', input),
  UpdateItem: (database, input) => writeItem(database, 'Update', input),
  DeleteItem: (database, input) => writeItem(database, 'Delete', input),
  Query: query,
  Scan: scan,
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
  DescribeTable: describeTable,
  ListTables: listTables,
  DescribeTimeToLive: describeTimeToLive,
  UpdateTimeToLive: updateTimeToLive,
  DescribeContinuousBackups: describeContinuousBackups,
};

const streamOperations: Readonly<Record<string, Operation>> = {
  ListStreams: listStreams,
  DescribeStream: describeStream,
  GetShardIterator: getShardIterator,
};

/**
 * DynamoDB and DynamoDB Streams over the tables that the stack declares, kept in `dynamodb.jsonl` of the state
 * folder. Items and records in answers are the stored ones: whoever calls from inside must not change them.
 * Throws an Error that names the table where the template declares one that can't be provisioned.
 */
export function createDynamoDbEngines(context: Context, stack: Stack): Engine[] {
  const database = new Database(context, stack);
  const timeToLive = new TimeToLive(database);
  const closing = new AbortController();
  const needs = (call: Call) => needsOf(call, context);
  return [
    {
      service: 'dynamodb',
      needs,
      async handle(call) {
        return answer(database, operations, call);
      },
      async close() {
        timeToLive.close();
        database.close();
      },
    },
    {
      service: 'dynamodbstreams',
      needs,
      async handle(call) {
        if (call.operation !== 'GetRecords') return answer(database, streamOperations, call);
        const signal = AbortSignal.any([call.signal, closing.signal]);
        return { output: await getRecords(database, { ...call, signal }) };
      },
      async close() {
        closing.abort();
      },
    },
  ];
}

function answer(
  database: Database,
  known: Readonly<Record<string, Operation>>,
  { operation, input, weakness }: Call,
): Answer {
  const run = known[operation];
  if (!run) throw new ServiceError('UnknownOperationException', `${operation} is not part of the local AWS`);
  return { output: run(database, input, weakness?.staleMs) };
}
