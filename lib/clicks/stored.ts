import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { s3 } from '../aws/s3.ts';
import { env } from '../env.ts';
import type { ClickRecord } from './click.ts';
import { parseClicks } from './rows.ts';

/** Where Firehose puts the clickstream; folders below are hours of arrival, in UTC. */
const PREFIX = 'clicks/';
/** A stored object is 5 MB before it is packed; one that unpacks to more is none of ours. */
const MAX_BYTES = 256 * 1_024 * 1_024;

/** S3's event of new objects, or what it sends once when a notification is configured. */
export const clicksArrived = z.union([
  z
    .object({
      Records: z.array(
        z.object({
          eventName: z.string().startsWith('ObjectCreated:'),
          s3: z.object({ object: z.object({ key: z.string() }) }),
        }),
      ),
    })
    // Event keys are form-encoded: a space came as a plus.
    .transform(({ Records }) =>
      Records.map(({ s3: { object } }) => decodeURIComponent(object.key.replaceAll('+', ' '))),
    ),
  z.object({ Event: z.literal('s3:TestEvent') }).transform((): string[] => []),
]);

/** The records of one stored object, and how many of its lines are none. */
export async function readClicks(key: string): Promise<{ records: ClickRecord[]; refused: number }> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: env.CLICKS_BUCKET, Key: key }));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  return parseClicks(gunzipSync(bytes, { maxOutputLength: MAX_BYTES }).toString('utf8'));
}

/** The keys of all stored objects that come after `after`, in their order, which is that of their hours. */
export async function storedClicks(after?: string): Promise<string[]> {
  const keys: string[] = [];
  let from: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: env.CLICKS_BUCKET,
        Prefix: PREFIX,
        StartAfter: after,
        ContinuationToken: from,
      }),
    );
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    from = page.NextContinuationToken;
  } while (from !== undefined);
  return keys;
}

/** The folder that objects of this hour lie in, in UTC. */
export function folderOf(hour: Date): string {
  const [date = '', time = ''] = hour.toISOString().split('T');
  return `${PREFIX}${date.replaceAll('-', '/')}/${time.slice(0, 2)}/`;
}
