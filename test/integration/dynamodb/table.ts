import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createDynamoDbEngines } from '../../../offline/dynamodb/engine.ts';
import type { GatewayOptions } from '../../../offline/gateway/gateway.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { tableStack } from '../../support/table-stack.ts';

export { tableName as TableName } from '../../support/table-stack.ts';

/** The real SDK's clients of a table behind a gateway. */
export interface TableUnderTest {
  readonly running: TestGateway;
  /** Attribute values as JavaScript values. */
  readonly db: DynamoDBDocument;
  readonly client: DynamoDBClient;
}

export async function startTable(options: Partial<GatewayOptions> = {}): Promise<TableUnderTest> {
  const running = await startTestGateway((context) => createDynamoDbEngines(context, tableStack()), options);
  const client = new DynamoDBClient(running.clientConfig);
  return {
    running,
    client,
    db: DynamoDBDocument.from(client, { marshallOptions: { convertEmptyValues: false } }),
  };
}

/** One table for all tests of a file; each test uses a partition of its own. */
export function givenTable(): TableUnderTest {
  const table = {} as { -readonly [Member in keyof TableUnderTest]: TableUnderTest[Member] };
  beforeAll(async () => {
    Object.assign(table, await startTable());
  });
  afterAll(async () => {
    table.client.destroy();
    await table.running.stop();
  });
  return table;
}

let last = 0;

/** A partition that no other test of the file uses. */
export function freshPartition(): string {
  return `partition-${++last}`;
}

/** The error's name and message, as `Name: message`. */
export function refusalOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
}
