import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ActivityEvent } from '../../lib/activity/event.ts';
import type { ReachedStack } from '../../test/support/stack.ts';

const REGION_AND_ACCOUNT = 'eu-west-1:000000000000';
const TOPIC = 'afterparty-local-activity-topic';
/** Nobody reads it, and the topic may send to it. */
const QUEUE = 'afterparty-local-removals-dead-letter-queue';

/**
 * Subscribes a queue to what is announced of one type. The answer ends that and returns every announcement, those
 * that came twice twice.
 */
export async function listenTo(
  { clientConfig, endpoint }: ReachedStack,
  type: ActivityEvent['type'],
): Promise<() => Promise<ActivityEvent[]>> {
  const sns = new SNSClient(clientConfig);
  const sqs = new SQSClient(clientConfig);
  const QueueUrl = `${endpoint}/000000000000/${QUEUE}`;
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: `arn:aws:sns:${REGION_AND_ACCOUNT}:${TOPIC}`,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${REGION_AND_ACCOUNT}:${QUEUE}`,
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ type: [type] }) },
    }),
  );
  return async () => {
    const events: ActivityEvent[] = [];
    try {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return events;
        events.push(...Messages.map(({ Body }) => JSON.parse(String(Body)) as ActivityEvent));
        const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    } finally {
      sns.destroy();
      sqs.destroy();
    }
  };
}
