import { PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { sendAll } from '../aws/back-off.ts';
import { firehose } from '../aws/firehose.ts';
import { env } from '../env.ts';
import { count } from '../observe.ts';
import type { ClickRecord } from './click.ts';

/** Firehose bills each record rounded up to 5 KB, so that many lines share one. */
const RECORD_BYTES = 5 * 1_024;
/** PutRecordBatch takes 500 records a call. */
const BATCH_RECORDS = 500;

/**
 * Hands lines to the clickstream. All of them are stored once it returns; where it throws some may be, and the
 * same lines handed in again are known by their ids.
 */
export async function deliver(records: readonly ClickRecord[]): Promise<void> {
  const packed = packedLines(records);
  for (let from = 0; from < packed.length; from += BATCH_RECORDS) {
    await sendAll(packed.slice(from, from + BATCH_RECORDS), async (part) => {
      const { RequestResponses = [] } = await firehose.send(
        new PutRecordBatchCommand({
          DeliveryStreamName: env.CLICKS_STREAM_NAME,
          Records: part.map((Data) => ({ Data })),
        }),
      );
      return part.filter((_, index) => RequestResponses[index]?.ErrorCode !== undefined);
    });
  }
  if (records.length > 0) count('ClicksDelivered', records.length);
}

/** Newline-delimited JSON in as few records as 5 KB each allow; no line is split. */
export function packedLines(records: readonly ClickRecord[]): Buffer[] {
  const packed: Buffer[] = [];
  let lines: Buffer[] = [];
  let bytes = 0;
  const close = () => {
    if (lines.length > 0) packed.push(Buffer.concat(lines));
    lines = [];
    bytes = 0;
  };
  for (const record of records) {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    if (bytes + line.length > RECORD_BYTES) close();
    lines.push(line);
    bytes += line.length;
  }
  close();
  return packed;
}
