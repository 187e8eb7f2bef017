import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { queueUrl, sqs } from './aws.ts';

/** Puts a message into one of the stack's queues, for example `feed-queue`, as if it had been delivered again. */
export async function send(queue: string, message: object): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: JSON.stringify(message) }));
}

/** How many messages a queue holds, those included that somebody has received and not deleted. */
export async function messagesIn(queue: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: received } =
    Attributes;
  return Number(waiting) + Number(received);
}
