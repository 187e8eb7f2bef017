import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { correlated, correlationIdFrom } from '../correlation.ts';
import { count, observed } from '../observe.ts';

/**
 * The handler of a Lambda behind a queue. Messages of a batch are handled side by side; only those that
 * fail come back, and after the queue's `maxReceiveCount` go to its dead-letter queue. Each leaves one log
 * line, which `handle` may add to, with the correlation id that its sender put on it.
 */
export function queueHandler<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  handle: (message: z.infer<Schema>, record: SQSRecord, line: Record<string, unknown>) => Promise<void>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const outcomes = await Promise.allSettled(
      event.Records.map((record) => one(name, schema, handle, record)),
    );
    const failed = event.Records.filter((_, index) => outcomes[index]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

function one<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  handle: (message: z.infer<Schema>, record: SQSRecord, line: Record<string, unknown>) => Promise<void>,
  record: SQSRecord,
): Promise<void> {
  const correlationId = correlationIdFrom(record.messageAttributes.correlationId?.stringValue);
  const attempt = Number(record.attributes.ApproximateReceiveCount);
  const line: Record<string, unknown> = { correlationId, messageId: record.messageId, attempt };
  return correlated({ correlationId, actorId: 'system' }, () =>
    observed(name, line, async () => {
      try {
        await handle(schema.parse(JSON.parse(record.body)), record, line);
        count('MessagesHandled');
      } catch (error) {
        count('MessagesFailed');
        throw error;
      }
    }),
  );
}
