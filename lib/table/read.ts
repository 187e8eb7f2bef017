import { BatchGetCommand, GetCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { sendAll } from '../aws/back-off.ts';
import { dynamodb } from '../aws/dynamodb.ts';
import { env } from '../env.ts';
import { type Key, nameOf } from './keys.ts';

export type Item = Readonly<Record<string, unknown>>;

/** One page of a query, and where the next one begins; `next` is undefined at the end. */
export interface Page<Entry> {
  readonly items: Entry[];
  readonly next: string | undefined;
}

/** Sort keys that begin with a text, or that come before or after one, itself excluded. */
type Range = { readonly beginsWith: string } | { readonly before: string } | { readonly after: string };

export interface PageRequest {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly from?: string | undefined;
}

const INDEXES = {
  table: { pk: 'pk', sk: 'sk' },
  gsi1: { pk: 'gsi1pk', sk: 'gsi1sk' },
  gsi2: { pk: 'gsi2pk', sk: 'gsi2sk' },
} as const;

/** BatchGetItem takes 100 keys a call. */
const BATCH_GET_KEYS = 100;

/** The item as the last acknowledged write left it, or undefined. */
export async function get(key: Key): Promise<Item | undefined> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: env.TABLE_NAME, Key: key, ConsistentRead: true }),
  );
  return Item;
}

/** The items in the order of their keys; undefined where there is none. Eventually consistent. */
export async function getMany(
  keys: readonly Key[],
  table: string = env.TABLE_NAME,
): Promise<(Item | undefined)[]> {
  const found = new Map<string, Item>();
  const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  for (let from = 0; from < distinct.length; from += BATCH_GET_KEYS) {
    await getBatch(distinct.slice(from, from + BATCH_GET_KEYS), table, found);
  }
  return keys.map((key) => found.get(nameOf(key)));
}

async function getBatch(keys: readonly Key[], table: string, found: Map<string, Item>): Promise<void> {
  const wanted: Item[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  await sendAll(wanted, async (Keys) => {
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: [...Keys] } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(nameOf(item as unknown as Key), item);
    return UnprocessedKeys?.[table]?.Keys ?? [];
  });
}

/** One page of a partition of the table or an index, in the order of the sort key. */
export async function query(
  index: keyof typeof INDEXES,
  partition: string,
  page: PageRequest,
  options: { readonly newestFirst?: boolean; readonly range?: Range; readonly table?: string } = {},
): Promise<Page<Item>> {
  const { pk, sk } = INDEXES[index];
  const range = rangeCondition(options.range);
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: options.table ?? env.TABLE_NAME,
      ...(index !== 'table' && { IndexName: index }),
      KeyConditionExpression: ['#pk = :pk', ...range.expressions].join(' AND '),
      ExpressionAttributeNames: { '#pk': pk, ...(range.expressions.length > 0 && { '#sk': sk }) },
      ExpressionAttributeValues: { ':pk': partition, ...range.values },
      ScanIndexForward: !options.newestFirst,
      Limit: page.limit,
      ...(page.from !== undefined && { ExclusiveStartKey: JSON.parse(page.from) }),
    }),
  );
  return { items: Items, next: LastEvaluatedKey && JSON.stringify(LastEvaluatedKey) };
}

/** Every item of a partition or of a range of it, page by page. */
export async function* queryAll(
  index: keyof typeof INDEXES,
  partition: string,
  options: { readonly range?: Range; readonly table?: string } = {},
): AsyncGenerator<Item> {
  let from: string | undefined;
  do {
    const page = await query(index, partition, { limit: 500, from }, options);
    yield* page.items;
    from = page.next;
  } while (from !== undefined);
}

/**
 * The items of one kind in a page of the whole table, in no order that means anything. `limit` counts what is read,
 * and paid for, of any kind: a page may be empty and not the last. For operators.
 */
export async function scan(entity: string, page: PageRequest): Promise<Page<Item>> {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new ScanCommand({
      TableName: env.TABLE_NAME,
      FilterExpression: '#entity = :entity',
      ExpressionAttributeNames: { '#entity': 'entity' },
      ExpressionAttributeValues: { ':entity': entity },
      Limit: page.limit,
      ...(page.from !== undefined && { ExclusiveStartKey: JSON.parse(page.from) }),
    }),
  );
  return { items: Items, next: LastEvaluatedKey && JSON.stringify(LastEvaluatedKey) };
}

/** DynamoDB takes one condition on the sort key. */
function rangeCondition(range: Range | undefined): { expressions: string[]; values: Item } {
  if (!range) return { expressions: [], values: {} };
  if ('beginsWith' in range)
    return { expressions: ['begins_with(#sk, :sk)'], values: { ':sk': range.beginsWith } };
  if ('after' in range) return { expressions: ['#sk > :sk'], values: { ':sk': range.after } };
  return { expressions: ['#sk < :sk'], values: { ':sk': range.before } };
}
