import type { Stack } from '../../offline/contract.ts';

export const tableName = 'afterparty-test-things';
export const tableArn = `arn:aws:dynamodb:eu-west-1:000000000000:table/${tableName}`;

/** A stack with one table: keys pk and sk, indexes gsi1 (everything) and byKind (keys and `label`), stream, TTL. */
export function tableStack(changed: Readonly<Record<string, unknown>> = {}): Stack {
  const properties = {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'kind'].map((name) => ({
      AttributeName: name,
      AttributeType: 'S',
    })),
    KeySchema: key('pk', 'sk'),
    GlobalSecondaryIndexes: [
      { IndexName: 'gsi1', KeySchema: key('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
      {
        IndexName: 'byKind',
        KeySchema: key('kind'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['label'] },
      },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
    ...changed,
  };
  return {
    name: 'afterparty-test',
    resources: [
      {
        logicalId: 'Things',
        type: 'AWS::DynamoDB::Table',
        physicalId: tableName,
        name: tableName,
        arn: tableArn,
        properties,
      },
    ],
  };
}

function key(partition: string, sort?: string): object[] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
  ];
}
