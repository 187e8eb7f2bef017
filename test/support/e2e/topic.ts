import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { type Message, PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ACTIVITY_TOPIC_ARN, queueUrl, sns, sqs } from './aws.ts';

/** Subscribes a queue that nobody reads to everything that happens; the answer ends that and returns it all. */
export async function listen(): Promise<() => Promise<Message[]>> {
  const QueueUrl = queueUrl('removals-dead-letter-queue');
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: ACTIVITY_TOPIC_ARN,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:eu-west-1:000000000000:afterparty-local-removals-dead-letter-queue',
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return async () => {
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    return Messages;
  };
}

/** A message's attributes by name. */
export function attributesOf(message: Message | undefined) {
  const attributes = Object.entries(message?.MessageAttributes ?? {});
  return Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]));
}
