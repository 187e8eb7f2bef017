import type { Database } from './database.ts';
import { keyAttributesOf } from './definition.ts';
import { invalid } from './errors.ts';
import { attributesOf, type KeySchema } from './keys.ts';
import { type Input, parse, tableNameOf } from './requests.ts';
import { streamLabel } from './stream-arn.ts';
import type { Index, Table } from './table.ts';
import { itemSize } from './values.ts';

/** DescribeTable. Counts and sizes are of this moment; on AWS they are up to six hours old. */
export function describeTable(database: Database, input: Input): Record<string, unknown> {
  const table = tableOf(database, input);
  const { definition } = table;
  const { properties } = definition;
  return {
    Table: {
      TableName: definition.name,
      TableArn: definition.arn,
      TableStatus: 'ACTIVE',
      CreationDateTime: table.createdAt / 1000,
      AttributeDefinitions: keyAttributesOf(definition).map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: describeKey(definition.key),
      ...sizes(table.rows.entries()),
      BillingModeSummary: { BillingMode: properties.BillingMode ?? 'PROVISIONED' },
      ProvisionedThroughput: properties.ProvisionedThroughput ?? {
        ReadCapacityUnits: 0,
        WriteCapacityUnits: 0,
        NumberOfDecreasesToday: 0,
      },
      ...(table.indexes.size > 0 && {
        GlobalSecondaryIndexes: [...table.indexes.values()].map((index) => describeIndex(table, index)),
      }),
      ...(definition.stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: definition.stream.viewType },
        LatestStreamArn: definition.stream.arn,
        LatestStreamLabel: streamLabel,
      }),
      DeletionProtectionEnabled: properties.DeletionProtectionEnabled === true,
    },
  };
}

export function listTables(database: Database, input: Input): Record<string, unknown> {
  const { Limit = 100, ExclusiveStartTableName: from = '' } = parse('ListTables', input);
  const names = database.tables
    .map(({ definition }) => definition.name)
    .filter((name) => name > from)
    .sort();
  const shown = names.slice(0, Limit);
  return {
    TableNames: shown,
    ...(shown.length < names.length && { LastEvaluatedTableName: shown.at(-1) }),
  };
}

export function describeTimeToLive(database: Database, input: Input): Record<string, unknown> {
  const { ttlAttribute } = tableOf(database, input);
  return {
    TimeToLiveDescription: ttlAttribute
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute }
      : { TimeToLiveStatus: 'DISABLED' },
  };
}

/** UpdateTimeToLive, until the next start: then the template's specification holds again, as after a deployment. */
export function updateTimeToLive(database: Database, input: Input): Record<string, unknown> {
  const table = tableOf(database, input);
  const { Enabled: enabled, AttributeName: attribute } = (input.TimeToLiveSpecification ?? {}) as Input;
  if (typeof enabled !== 'boolean' || typeof attribute !== 'string' || attribute === '') {
    throw invalid(
      'TimeToLiveSpecification: expected {Enabled, AttributeName}, received ' +
        JSON.stringify(input.TimeToLiveSpecification),
    );
  }
  if (enabled === (table.ttlAttribute !== undefined)) {
    throw invalid(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  }
  if (!enabled && attribute !== table.ttlAttribute) {
    throw invalid(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${table.ttlAttribute}`,
    );
  }
  database.expireBy(table, enabled ? attribute : undefined);
  return { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute } };
}

/** DescribeContinuousBackups. There are no backups here: only whether the template asks for them. */
export function describeContinuousBackups(database: Database, input: Input): Record<string, unknown> {
  const { definition } = tableOf(database, input);
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: definition.pointInTimeRecovery ? 'ENABLED' : 'DISABLED',
      },
    },
  };
}

function tableOf(database: Database, input: Input): Table {
  const name = tableNameOf(input);
  return database.table(name, `: Table: ${name} not found`);
}

function describeIndex(table: Table, { definition, rows }: Index): Record<string, unknown> {
  return {
    IndexName: definition.name,
    IndexArn: `${table.definition.arn}/index/${definition.name}`,
    IndexStatus: 'ACTIVE',
    KeySchema: describeKey(definition.key),
    Projection: definition.properties.Projection,
    ...sizes(rows.entries(), 'IndexSizeBytes'),
  };
}

function describeKey(key: KeySchema): object[] {
  return attributesOf(key).map(({ name }, index) => ({
    AttributeName: name,
    KeyType: index === 0 ? 'HASH' : 'RANGE',
  }));
}

function sizes(
  rows: ReturnType<Table['rows']['entries']>,
  member = 'TableSizeBytes',
): Record<string, number> {
  const bytes = [...rows].map(([, item]) => itemSize(item));
  return { ItemCount: bytes.length, [member]: bytes.reduce((sum, size) => sum + size, 0) };
}
