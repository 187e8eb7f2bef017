import type { Call, Context, Need } from '../contract.ts';
import { type Input, tableName } from './requests.ts';
import { streamArnIn } from './shard-iterator.ts';

type Region = Pick<Context, 'region' | 'account'>;

const transactActions = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
} as const;

/**
 * The rights a DynamoDB or Streams call needs, as the service authorization reference lists them. A request too
 * malformed to name its resource needs none: its answer is a ValidationException.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export function needsOf({ operation, input }: Call, where: Region): Need[] {
  const need = (resource: string | undefined, action = operation): Need[] =>
    resource === undefined ? [] : [{ action: `dynamodb:${action}`, resource }];
  const table = (name: unknown) => tableArn(name, where);
  switch (operation) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return distinct(
        transactTargets(input).flatMap(({ kind, name }) => need(table(name), transactActions[kind])),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys((input.RequestItems as Input | undefined) ?? {}).flatMap((name) =>
        need(table(name)),
      );
    case 'Query':
    case 'Scan': {
      const arn = table(input.TableName);
      return need(arn && typeof input.IndexName === 'string' ? `${arn}/index/${input.IndexName}` : arn);
    }
    case 'ListTables':
      return need('*');
    case 'ListStreams':
      return need(input.TableName === undefined ? '*' : `${table(input.TableName)}/stream/*`);
    case 'DescribeStream':
    case 'GetShardIterator':
      return need(typeof input.StreamArn === 'string' ? input.StreamArn : undefined);
    case 'GetRecords':
      return need(streamArnIn(input.ShardIterator));
    default:
      return need(table(input.TableName));
  }
}

function tableArn(given: unknown, { region, account }: Region): string | undefined {
  const name = tableName(given);
  return typeof name === 'string' ? `arn:aws:dynamodb:${region}:${account}:table/${name}` : undefined;
}

function transactTargets(input: Input): { kind: keyof typeof transactActions; name: unknown }[] {
  const items: unknown[] = Array.isArray(input.TransactItems) ? input.TransactItems : [];
  const kinds = Object.keys(transactActions) as (keyof typeof transactActions)[];
  return items.flatMap((item) =>
    kinds.flatMap((kind) => {
      const asked = (item as Record<string, Input | undefined> | null)?.[kind];
      return asked ? [{ kind, name: asked.TableName }] : [];
    }),
  );
}

function distinct(needs: readonly Need[]): Need[] {
  return [...new Map(needs.map((need) => [`${need.action} ${need.resource}`, need])).values()];
}
