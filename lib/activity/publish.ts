import { PublishBatchCommand, type PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { sns } from '../aws/sns.ts';
import { env } from '../env.ts';
import { count } from '../observe.ts';
import type { ActivityEvent } from './event.ts';

/** PublishBatch takes ten messages a call. */
const BATCH = 10;

/**
 * Announces the facts in their order. Answers how many were announced for certain from the start of the
 * list: the rest has to be announced again, and consumers know a fact that comes twice by its id.
 */
export async function publish(events: readonly ActivityEvent[]): Promise<number> {
  for (let from = 0; from < events.length; from += BATCH) {
    const batch = events.slice(from, from + BATCH);
    const { Failed = [] } = await sns.send(
      new PublishBatchCommand({
        TopicArn: env.ACTIVITY_TOPIC_ARN,
        PublishBatchRequestEntries: batch.map(toEntry),
      }),
    );
    if (Failed.length > 0) return from + Math.min(...Failed.map(({ Id }) => Number(Id)));
    count('FactsAnnounced', batch.length);
  }
  return events.length;
}

function toEntry(event: ActivityEvent, index: number): PublishBatchRequestEntry {
  const attributes = {
    type: event.type,
    correlationId: event.correlationId,
    visibility: event.data.visibility,
  };
  return {
    Id: String(index),
    Message: JSON.stringify(event),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes)
        .filter(([, value]) => typeof value === 'string')
        .map(([name, value]) => [name, { DataType: 'String', StringValue: String(value) }]),
    ),
  };
}
