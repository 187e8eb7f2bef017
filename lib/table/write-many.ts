import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { sendAll } from '../aws/back-off.ts';
import { dynamodb } from '../aws/dynamodb.ts';
import { env } from '../env.ts';
import { type Key, nameOf } from './keys.ts';
import { stamped } from './write.ts';

/** BatchWriteItem takes 25 writes a call. */
const BATCH_WRITES = 25;

type Stored = Key & Readonly<Record<string, unknown>>;

/**
 * Writes items whose content follows from their keys, so that writing one again changes nothing; of two with the
 * same key, which BatchWriteItem refuses, the last stands. Not atomic: what throws is done again as a whole.
 *
 * @param marked what each carries besides, which unless given says when it was written and on whose behalf
 */
export async function putMany(
  items: readonly Stored[],
  table: string = env.TABLE_NAME,
  marked: (item: Stored, now: Date) => Stored = stamped,
): Promise<void> {
  const now = new Date();
  const distinct = [...new Map(items.map((item) => [nameOf(item), item])).values()];
  await writeMany(
    distinct.map((item) => ({ PutRequest: { Item: marked(item, now) } })),
    table,
  );
}

/** Removes items; those that are not there already are fine. */
export async function removeMany(keys: readonly Key[], table: string = env.TABLE_NAME): Promise<void> {
  const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  await writeMany(
    distinct.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    table,
  );
}

async function writeMany(
  requests: readonly Readonly<Record<string, unknown>>[],
  table: string,
): Promise<void> {
  for (let from = 0; from < requests.length; from += BATCH_WRITES) {
    await sendAll(requests.slice(from, from + BATCH_WRITES), async (part) => {
      const { UnprocessedItems } = await dynamodb.send(
        new BatchWriteCommand({ RequestItems: { [table]: [...part] } }),
      );
      return UnprocessedItems?.[table] ?? [];
    });
  }
}
