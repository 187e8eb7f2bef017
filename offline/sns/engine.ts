import * as z from 'zod';
import type { Background } from '../activity.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import type { Deliveries } from '../deliveries.ts';
import { batchEntries, eachEntry } from '../sqs/batches.ts';
import { type Delivery, deliveryTo, openDeliveries } from './delivery.ts';
import { read } from './errors.ts';
import {
  checkPublished,
  LARGEST_MESSAGE,
  messagesByProtocol,
  type Notification,
  published,
  sizeOf,
} from './message.ts';
import { attributesOf } from './subscription.ts';
import { Topics } from './topics.ts';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;

const publish = published.extend({ TopicArn: z.string().optional(), TargetArn: z.string().optional() });
const publishBatch = z.object({ TopicArn: z.string(), PublishBatchRequestEntries: batchEntries });
const ofTopic = z.object({ TopicArn: z.string(), NextToken: z.string().optional() });
const ofSubscription = z.object({ SubscriptionArn: z.string() });
const subscribe = z.object({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  Attributes: z.record(z.string(), z.string()).default({}),
});
const setSubscriptionAttributes = ofSubscription.extend({
  AttributeName: z.string(),
  AttributeValue: z.string().default(''),
});

/**
 * SNS: the stack's topics and subscriptions. What Publish answers is owed from then on: it is in a journal and
 * is delivered, retried and dead-lettered even over a restart.
 * @throws Error where the template declares what this SNS can't do
 */
export function createSnsEngine(context: Context, stack: Stack): Engine & Background {
  return new SnsEngine(context, stack);
}

class SnsEngine implements Engine, Background {
  readonly service = 'sns';
  readonly #context: Context;
  readonly #topics: Topics;
  readonly #deliveries: Deliveries<Delivery>;
  readonly #operations: Readonly<Record<string, (input: Input) => Output>> = {
    Publish: (input) => this.#publish(input),
    PublishBatch: (input) => this.#publishBatch(input),
    GetTopicAttributes: (input) => this.#topicAttributes(input),
    ListSubscriptionsByTopic: (input) => this.#list(input),
    Subscribe: (input) => this.#subscribe(input),
    Unsubscribe: (input) => this.#unsubscribe(input),
    GetSubscriptionAttributes: (input) => this.#subscriptionAttributes(input),
    SetSubscriptionAttributes: (input) => this.#setSubscriptionAttributes(input),
  };

  constructor(context: Context, stack: Stack) {
    this.#context = context;
    this.#topics = new Topics(context, stack);
    this.#deliveries = openDeliveries(context);
  }

  get busy(): boolean {
    return this.#deliveries.busy;
  }

  idle(): Promise<void> {
    return this.#deliveries.idle();
  }

  /** Subscriptions have no rights of their own: what is done to them needs one on their topic. */
  needs({ operation, input }: Call): Need[] {
    const action = operation === 'PublishBatch' ? 'sns:Publish' : `sns:${operation}`;
    const subscription = typeof input.SubscriptionArn === 'string' ? input.SubscriptionArn : '';
    const topicOfSubscription = subscription.slice(0, subscription.lastIndexOf(':'));
    return [{ action, resource: String(input.TopicArn ?? input.TargetArn ?? topicOfSubscription) }];
  }

  async handle(call: Call): Promise<Answer> {
    const operation = this.#operations[call.operation];
    if (operation) return { output: operation(call.input) };
    const names = Object.keys(this.#operations).join(', ');
    throw new ServiceError('InvalidAction', `The local SNS has no ${call.operation}; it has ${names}.`);
  }

  async close(): Promise<void> {
    await this.#deliveries.close();
    this.#topics.close();
  }

  #publish(input: Input): Output {
    const { TopicArn, TargetArn, ...request } = read(publish, input);
    const notification = this.#notification(request, TopicArn ?? TargetArn ?? '');
    this.#announce([notification]);
    return { MessageId: notification.messageId };
  }

  #publishBatch(input: Input): Output {
    const request = read(publishBatch, input);
    this.#topics.checkTopic(request.TopicArn);
    const bytes = request.PublishBatchRequestEntries.map((entry) => published.safeParse(entry))
      .map((parsed) => (parsed.success ? sizeOf(parsed.data) : 0))
      .reduce((sum, size) => sum + size, 0);
    if (bytes > LARGEST_MESSAGE) {
      const message = `Batch requests cannot be longer than ${LARGEST_MESSAGE} bytes. You have sent ${bytes} bytes.`;
      throw new ServiceError('BatchRequestTooLong', message);
    }
    const notifications: Notification[] = [];
    const answer = eachEntry(request.PublishBatchRequestEntries, (entry) => {
      const notification = this.#notification(read(published, entry), request.TopicArn);
      notifications.push(notification);
      return { MessageId: notification.messageId };
    });
    this.#announce(notifications);
    return answer;
  }

  #notification(request: z.output<typeof published>, topicArn: string): Notification {
    this.#topics.checkTopic(topicArn);
    checkPublished(request);
    return {
      messageId: this.#context.random.uuid(),
      topicArn,
      message: request.Message,
      subject: request.Subject,
      byProtocol: messagesByProtocol(request),
      attributes: request.MessageAttributes,
      publishedAt: this.#context.clock.now(),
    };
  }

  #announce(notifications: readonly Notification[]): void {
    const deliveries: Delivery[] = [];
    for (const notification of notifications) {
      for (const subscription of this.#topics.subscriptionsOf(notification.topicArn)) {
        if (!subscription.wants(notification)) continue;
        const { protocol, endpoint } = subscription.record;
        if (protocol === 'sqs') deliveries.push(deliveryTo(subscription, notification, this.#context));
        else this.#context.log(`SNS: would send ${protocol} to ${endpoint}: ${notification.message}`);
      }
    }
    this.#deliveries.owe(...deliveries);
  }

  #topicAttributes(input: Input): Output {
    const { TopicArn } = read(ofTopic, input);
    this.#topics.checkTopic(TopicArn);
    return {
      Attributes: {
        TopicArn,
        Owner: this.#context.account,
        SubscriptionsConfirmed: String(this.#topics.subscriptionsOf(TopicArn).length),
        SubscriptionsPending: '0',
        SubscriptionsDeleted: '0',
      },
    };
  }

  #list(input: Input): Output {
    const { TopicArn, NextToken } = read(ofTopic, input);
    this.#topics.checkTopic(TopicArn);
    const subscriptions = this.#topics.subscriptionsOf(TopicArn);
    const from = Number(NextToken ?? 0);
    const page = subscriptions.slice(from, from + 100);
    return {
      Subscriptions: page.map(({ record }) => ({
        SubscriptionArn: record.arn,
        Owner: this.#context.account,
        Protocol: record.protocol,
        Endpoint: record.endpoint,
        TopicArn,
      })),
      ...(from + 100 < subscriptions.length ? { NextToken: String(from + 100) } : {}),
    };
  }

  #subscribe(input: Input): Output {
    const { TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Attributes } = read(subscribe, input);
    return {
      SubscriptionArn: this.#topics.subscribe({ topicArn, protocol, endpoint, attributes: Attributes }),
    };
  }

  #unsubscribe(input: Input): Output {
    this.#topics.unsubscribe(read(ofSubscription, input).SubscriptionArn);
    return {};
  }

  #subscriptionAttributes(input: Input): Output {
    const subscription = this.#topics.subscription(read(ofSubscription, input).SubscriptionArn);
    return { Attributes: attributesOf(subscription, this.#context.account) };
  }

  #setSubscriptionAttributes(input: Input): Output {
    const { SubscriptionArn, AttributeName, AttributeValue } = read(setSubscriptionAttributes, input);
    this.#topics.setAttribute(SubscriptionArn, AttributeName, AttributeValue);
    return {};
  }
}
