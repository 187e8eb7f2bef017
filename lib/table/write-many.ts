import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '../aws/dynamodb.ts';
import { env } from '../env.ts';
import type { Key } from './keys.ts';
import { stamped } from './write.ts';

/** BatchWriteItem takes 25 writes a call. */
const BATCH_WRITES = 25;

/**
 * Writes items whose content follows from their keys, so that writing one again changes nothing. Not atomic:
 * what throws is done again as a whole.
 */
export async function putMany(items: readonly (Key & Readonly<Record<string, unknown>>)[]): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH_WRITES) {
    let requests: Record<string, unknown>[] = items
      .slice(from, from + BATCH_WRITES)
      .map((item) => ({ PutRequest: { Item: stamped(item, new Date()) } }));
    while (requests.length > 0) {
      const { UnprocessedItems } = await dynamodb.send(
        new BatchWriteCommand({ RequestItems: { [env.TABLE_NAME]: requests as never } }),
      );
      requests = (UnprocessedItems?.[env.TABLE_NAME] ?? []) as Record<string, unknown>[];
    }
  }
}
