import { join } from 'node:path';
import { type Context, type Principal, ServiceError } from '../contract.ts';
import { Deliveries } from '../deliveries.ts';
import { queueNameOf, queueUrl } from '../sqs/names.ts';
import type { Attribute, Notification } from './message.ts';
import type { Subscription } from './subscription.ts';

/** One message owed to one queue. */
export interface Delivery {
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly queueArn: string;
  readonly deadLetterArn?: string | undefined;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, Attribute>> | undefined;
}

/** Raw messages to queues can't have more attributes than SQS takes; SNS discards those that do. */
const MOST_RAW_ATTRIBUTES = 10;

/** What a subscription is sent: the message itself, or the envelope that tells where it comes from. */
export function deliveryTo(
  subscription: Subscription,
  notification: Notification,
  context: Context,
): Delivery {
  const { arn, topicArn, endpoint, protocol } = subscription.record;
  const message =
    notification.byProtocol?.[protocol] ?? notification.byProtocol?.default ?? notification.message;
  const told = subscription.raw
    ? { body: message, attributes: notification.attributes }
    : { body: JSON.stringify(envelope(notification, message, arn, context)) };
  const { deadLetterArn } = subscription;
  return { topicArn, subscriptionArn: arn, queueArn: endpoint, deadLetterArn, ...told };
}

/** The deliveries to queues that SNS owes: made by it as itself, through the queue's own front door. */
export function openDeliveries(context: Context): Deliveries<Delivery> {
  const sendTo = async (arn: string, { topicArn, body, attributes }: Delivery) => {
    const sender: Principal = { kind: 'service', name: 'sns.amazonaws.com', sourceArn: topicArn };
    const hasAttributes = attributes && Object.keys(attributes).length > 0;
    await context.call(sender, 'sqs', 'SendMessage', {
      QueueUrl: queueUrl(context, queueNameOf(arn)),
      MessageBody: body,
      ...(hasAttributes ? { MessageAttributes: attributes } : {}),
    });
  };
  return new Deliveries<Delivery>({
    file: join(context.stateDir, 'sns', 'deliveries.jsonl'),
    clock: context.clock,
    attempt: async (delivery) => {
      if (Object.keys(delivery.attributes ?? {}).length > MOST_RAW_ATTRIBUTES) {
        throw new ServiceError('InvalidParameterValue', 'A raw message has more than ten attributes.');
      }
      await sendTo(delivery.queueArn, delivery);
    },
    retryAfter: (attempts, error) => (isTransient(error) ? backOff(attempts) : undefined),
    giveUp: async (delivery, error) => {
      const why = error instanceof Error ? error.message : String(error);
      if (delivery.deadLetterArn) await sendDead(delivery.deadLetterArn, delivery);
      else context.log(`SNS: a message to ${delivery.queueArn} was lost: ${why}`);
    },
  });

  async function sendDead(arn: string, delivery: Delivery): Promise<void> {
    try {
      await sendTo(arn, delivery);
    } catch (error) {
      if (isTransient(error)) throw error;
      context.log(`SNS: a message to ${delivery.queueArn} was lost: ${arn} refused it too: ${error}`);
    }
  }
}

/** Whether trying again may help: the service's own failures and throttling, not the request's faults. */
function isTransient(error: unknown): boolean {
  return (
    !(error instanceof ServiceError) || error.status >= 500 || /Throttl|TooManyRequests/.test(error.code)
  );
}

/**
 * Milliseconds until the next attempt: three at once, two a second apart, ten from 1 to 20 s, then every 20 s,
 * 100 015 in all. Source: "Amazon SNS message delivery retries", AWS managed endpoints.
 */
function backOff(attempts: number): number | undefined {
  if (attempts <= 3) return 0;
  if (attempts <= 5) return 1_000;
  if (attempts <= 15) return 1_000 * 20 ** ((attempts - 6) / 9);
  return attempts <= 100_015 ? 20_000 : undefined;
}

function envelope(notification: Notification, message: string, subscriptionArn: string, context: Context) {
  const attributes = Object.entries(notification.attributes).map(([name, attribute]) => [
    name,
    { Type: attribute.DataType, Value: attribute.StringValue ?? attribute.BinaryValue },
  ]);
  return {
    Type: 'Notification',
    MessageId: notification.messageId,
    TopicArn: notification.topicArn,
    Subject: notification.subject,
    Message: message,
    Timestamp: new Date(notification.publishedAt).toISOString(),
    SignatureVersion: '1',
    Signature: Buffer.from('unsigned').toString('base64'),
    SigningCertURL: `${context.endpoint}/SimpleNotificationService.pem`,
    UnsubscribeURL: `${context.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
    ...(attributes.length > 0 ? { MessageAttributes: Object.fromEntries(attributes) } : {}),
  };
}
