import { type ConditionKeys, one, type Subject } from './condition-key.ts';

type Members = Readonly<Record<string, unknown>>;

/** Source: Service Authorization Reference, "Condition keys for Amazon DynamoDB". */
export const dynamodbKeys: ConditionKeys = {
  'dynamodb:enclosingoperation': one(({ call: { operation } }) =>
    operation.startsWith('Transact') ? operation : undefined,
  ),
  'dynamodb:leadingkeys': { many: true, read: leadingKeys },
  'dynamodb:returnconsumedcapacity': one(({ call }) => call.input.ReturnConsumedCapacity),
  'dynamodb:returnvalues': one(({ call }) => call.input.ReturnValues),
  'dynamodb:select': one(({ call }) => call.input.Select),
};

/** The partition keys that a call touches in the need's table; a scan and what isn't about items has none. */
function leadingKeys({ call, need, partitionKeys }: Subject): string[] | undefined {
  const partitionKey = partitionKeys.get(need.resource);
  if (partitionKey === undefined) return undefined;
  const { operation, input } = call;
  if (operation === 'Query') return queriedKey(input, partitionKey);
  const table = need.resource.slice(need.resource.lastIndexOf('/') + 1);
  const touched = operation.startsWith('Batch')
    ? inBatch(membersOf(input.RequestItems), table)
    : operation.startsWith('Transact')
      ? inTransaction(input.TransactItems, table, need.action)
      : [input.Key ?? input.Item];
  const keys = touched.flatMap((item) => textOf(membersOf(item)[partitionKey]));
  return keys.length > 0 ? keys : undefined;
}

function inBatch(requests: Members, table: string): unknown[] {
  return Object.entries(requests).flatMap(([name, asked]) => {
    if (!isTable(name, table)) return [];
    if (!Array.isArray(asked)) return listOf(membersOf(asked).Keys);
    return asked.map((write) => {
      const { PutRequest, DeleteRequest } = membersOf(write);
      return membersOf(PutRequest).Item ?? membersOf(DeleteRequest).Key;
    });
  });
}

const KINDS: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

function inTransaction(items: unknown, table: string, action: string): unknown[] {
  return listOf(items).flatMap((item) =>
    Object.entries(membersOf(item)).flatMap(([kind, asked]) => {
      const { TableName, Key, Item } = membersOf(asked);
      return KINDS[kind] === action && isTable(TableName, table) ? [Key ?? Item] : [];
    }),
  );
}

/** The one partition that a query's key condition names: `#pk = :owner`. */
function queriedKey(input: Members, partitionKey: string): string[] | undefined {
  const names = membersOf(input.ExpressionAttributeNames);
  const values = membersOf(input.ExpressionAttributeValues);
  for (const [, left = '', right = ''] of String(input.KeyConditionExpression ?? '').matchAll(
    /([#\w.-]+)\s*=\s*(:\w+)/g,
  )) {
    if ((names[left] ?? left) === partitionKey) return textOf(values[right]);
  }
  return undefined;
}

function isTable(nameOrArn: unknown, table: string): boolean {
  return String(nameOrArn).split('/').at(-1) === table;
}

/** The text of an attribute value such as `{ S: 'USER#ana' }`. */
function textOf(value: unknown): string[] {
  const [text] = Object.values(membersOf(value));
  return text === undefined ? [] : [String(text)];
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
