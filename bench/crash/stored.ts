import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { ReachedStack } from '../../test/support/stack.ts';

const PREFIX = 'afterparty-local';
const ACCOUNT = '000000000000-eu-west-1';

/** An item, with what a photo's names of its objects and a person's taste of their key. */
export interface StoredItem {
  readonly pk: string;
  readonly sk: string;
  readonly originalKey?: string;
  readonly renditions?: readonly { readonly key: string }[];
  readonly key?: string;
  /** A taste's. */
  readonly events?: readonly { readonly id: string; readonly at: number }[];
}

/** Something on file that somebody did; `pk` is the person's hash, `sk` the event's id. */
export interface StoredInteraction {
  readonly pk: string;
  readonly sk: string;
  readonly type: string;
  readonly photoId: string;
  readonly at: number;
  readonly value?: number;
  readonly surface?: string;
  readonly position?: number;
}

/** Everything in the table. */
export function itemsIn(stack: ReachedStack): Promise<StoredItem[]> {
  return scanned(stack, {
    TableName: `${PREFIX}-table`,
    ProjectionExpression: 'pk, sk, originalKey, renditions, #key, events',
    ExpressionAttributeNames: { '#key': 'key' },
  });
}

/** Everything that is on file for recommendations. */
export function interactionsIn(stack: ReachedStack): Promise<StoredInteraction[]> {
  return scanned(stack, { TableName: `${PREFIX}-interactions-table` });
}

async function scanned<Item>(
  { clientConfig }: ReachedStack,
  input: Parameters<typeof paginateScan>[1],
): Promise<Item[]> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig));
  const items: Item[] = [];
  try {
    for await (const { Items = [] } of paginateScan({ client }, { ...input, ConsistentRead: true })) {
      items.push(...(Items as Item[]));
    }
  } finally {
    client.destroy();
  }
  return items;
}

/** The distinct keys of each photo's objects, by its id. */
export async function objectsIn(stack: ReachedStack): Promise<Map<string, string[]>> {
  const versions = await versionsIn(stack);
  return new Map([...versions].map(([id, keys]) => [id, [...new Set(keys)]]));
}

/** The keys of each photo's objects, once for each version and delete marker, by its id. */
export async function versionsIn({ clientConfig }: ReachedStack): Promise<Map<string, string[]>> {
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  const versions = new Map<string, string[]>();
  try {
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      const from = { KeyMarker: page?.NextKeyMarker, VersionIdMarker: page?.NextVersionIdMarker };
      page = await s3.send(new ListObjectVersionsCommand({ Bucket: `${PREFIX}-media-${ACCOUNT}`, ...from }));
      for (const { Key = '' } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        const id = Key.split('/')[1] ?? '';
        versions.set(id, [...(versions.get(id) ?? []), Key]);
      }
    } while (page.IsTruncated);
  } finally {
    s3.destroy();
  }
  return versions;
}

/** The keys of what Firehose could not let through to the clickstream; a thousand at most. */
export async function refusedClicksIn({ clientConfig }: ReachedStack): Promise<string[]> {
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  try {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: `${PREFIX}-clicks-${ACCOUNT}`, Prefix: 'refused/' }),
    );
    return Contents.map(({ Key = '' }) => Key);
  } finally {
    s3.destroy();
  }
}

/** What queues and delivery streams still hold, in words; dead-letter queues are queues. */
export async function waitingIn(stack: ReachedStack): Promise<string[]> {
  const streams = (await stack.streams()).filter(
    ({ buffered, owedObjects }) => buffered.records > 0 || owedObjects > 0,
  );
  return [
    ...(await queuesThatHold(stack)),
    ...streams.map(
      ({ name, buffered, owedObjects }) =>
        `${name} still holds ${buffered.records} records and ${owedObjects} objects`,
    ),
  ];
}

/** What queues still hold, in words; dead-letter queues are queues. */
export async function queuesThatHold({ clientConfig }: ReachedStack): Promise<string[]> {
  const sqs = new SQSClient(clientConfig);
  try {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    const counts = await Promise.all(
      QueueUrls.map(async (QueueUrl) => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const names = ['', 'NotVisible', 'Delayed'].map((part) => `ApproximateNumberOfMessages${part}`);
        const count = names.reduce(
          (sum, name) => sum + Number(Attributes[name as keyof typeof Attributes]),
          0,
        );
        return { queue: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1), count };
      }),
    );
    return counts
      .filter(({ count }) => count > 0)
      .map(({ queue, count }) => `${queue} still holds ${count} messages`);
  } finally {
    sqs.destroy();
  }
}
