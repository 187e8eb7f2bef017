import type { Context, Principal } from '../contract.ts';
import { queueNameOf, queueUrl } from '../sqs/names.ts';

/** Where something goes that a function could not process. */
export interface Destination {
  readonly arn: string;
  /** The function in whose name it is sent. */
  readonly principal: Principal;
}

/** @throws Error at the start, naming what this Lambda can't send to */
export function checkDestination(arn: string, owner: string): string {
  if (/^arn:aws:(sqs|sns|s3):/.test(arn)) return arn;
  throw new Error(`${owner}: the destination ${arn} is neither a queue nor a topic nor a bucket.`);
}

/**
 * Sends a record of a failure to a queue, topic or bucket. What refuses it is told at the terminal: there is
 * nobody else to tell.
 */
export async function sendToDestination(
  context: Context,
  { arn, principal }: Destination,
  record: Readonly<Record<string, unknown>>,
  key: () => string,
): Promise<void> {
  const body = JSON.stringify(record);
  try {
    if (arn.startsWith('arn:aws:sqs:')) {
      const QueueUrl = queueUrl(context, queueNameOf(arn));
      await context.call(principal, 'sqs', 'SendMessage', { QueueUrl, MessageBody: body });
    } else if (arn.startsWith('arn:aws:sns:')) {
      await context.call(principal, 'sns', 'Publish', { TopicArn: arn, Message: body });
    } else {
      const Bucket = arn.slice('arn:aws:s3:::'.length);
      await context.call(principal, 's3', 'PutObject', { Bucket, Key: key(), Body: body });
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    context.log(`Lambda: the destination ${arn} did not take a failure: ${why}`);
  }
}

/** `2026/11/22/2026-11-22T10.20.30-<uuid>`, as Lambda names such objects. */
export function datedKey(context: Context): string {
  const time = new Date(context.clock.now()).toISOString();
  const day = time.slice(0, 10).replaceAll('-', '/');
  return `${day}/${time.slice(0, 19).replaceAll(':', '.')}-${context.random.uuid()}`;
}
