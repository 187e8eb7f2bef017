import { join } from 'node:path';
import { type Context, type Resource, ServiceError, type Stack } from '../contract.ts';
import { Journal } from '../journal.ts';
import { unusedId } from '../unused-id.ts';
import { invalid, notFound } from './errors.ts';
import {
  attributesFrom,
  type Subscription,
  type SubscriptionRecord,
  subscriptionOf,
} from './subscription.ts';

type Entry = { readonly subscribed: SubscriptionRecord } | { readonly unsubscribed: string };

/** Protocols whose subscriptions are kept, though nothing is delivered to them here. */
const SILENT = ['application', 'email', 'email-json', 'firehose', 'http', 'https', 'lambda', 'sms'];

/**
 * The topics of the stack and their subscriptions: those that the template declares, as it declares them at
 * each start, and those made through the API, which a journal keeps.
 */
export class Topics {
  readonly #context: Context;
  readonly #names: ReadonlyMap<string, string>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #declared = new Set<string>();
  readonly #journal: Journal<Entry>;

  /** @throws Error where the template declares what this SNS can't do */
  constructor(context: Context, stack: Stack) {
    this.#context = context;
    const topics = stack.resources.filter(({ type }) => type === 'AWS::SNS::Topic');
    for (const topic of topics) checkTopic(topic);
    this.#names = new Map(topics.map(({ arn, logicalId }) => [arn, logicalId]));
    const made = new Map<string, SubscriptionRecord>();
    this.#journal = Journal.open<Entry>(join(context.stateDir, 'sns', 'subscriptions.jsonl'), (entry) => {
      if ('subscribed' in entry) made.set(entry.subscribed.arn, entry.subscribed);
      else made.delete(entry.unsubscribed);
    });
    for (const record of made.values()) if (this.#names.has(record.topicArn)) this.#set(record);
    for (const resource of stack.resources) for (const record of declaredBy(resource)) this.#declare(record);
    this.#journal.rewrite(this.#made().map((record) => ({ subscribed: record })));
  }

  /** @throws ServiceError NotFound */
  checkTopic(arn: string): void {
    if (!this.#names.has(arn)) throw notFound('Topic');
  }

  subscriptionsOf(topicArn: string): Subscription[] {
    return [...this.#subscriptions.values()].filter(({ record }) => record.topicArn === topicArn);
  }

  /** @throws ServiceError NotFound */
  subscription(arn: string): Subscription {
    const subscription = this.#subscriptions.get(arn);
    if (!subscription) throw notFound('Subscription');
    return subscription;
  }

  /** Subscribes, or finds the subscription that is the same already. */
  subscribe(wanted: Omit<SubscriptionRecord, 'arn'>): string {
    this.checkTopic(wanted.topicArn);
    const same = this.subscriptionsOf(wanted.topicArn).find(
      ({ record }) => record.protocol === wanted.protocol && record.endpoint === wanted.endpoint,
    );
    if (same && sameAttributes(same.record.attributes, wanted.attributes)) return same.record.arn;
    if (same) throw invalid('Attributes Reason: Subscription already exists with different attributes');
    const arnOf = (id: string) => `${wanted.topicArn}:${id}`;
    const id = unusedId(this.#context.random, (each) => this.#subscriptions.has(arnOf(each)));
    const record = { arn: arnOf(id), ...wanted };
    subscriptionOf(record);
    this.#journal.append({ subscribed: record });
    this.#set(record);
    return record.arn;
  }

  /** Changes one attribute. What the template declares comes back at the next start. */
  setAttribute(arn: string, name: string, value: string): void {
    const { record } = this.subscription(arn);
    const { [name]: _, ...others } = record.attributes;
    const changed = { ...record, attributes: value === '' ? others : { ...others, [name]: value } };
    subscriptionOf(changed);
    if (!this.#declared.has(arn)) this.#journal.append({ subscribed: changed });
    this.#set(changed);
  }

  unsubscribe(arn: string): void {
    this.subscription(arn);
    if (!this.#declared.has(arn)) this.#journal.append({ unsubscribed: arn });
    this.#subscriptions.delete(arn);
  }

  close(): void {
    this.#journal.close();
  }

  #declare(record: SubscriptionRecord): void {
    const twin = this.subscriptionsOf(record.topicArn).find(
      (other) => other.record.protocol === record.protocol && other.record.endpoint === record.endpoint,
    );
    if (twin) this.#subscriptions.delete(twin.record.arn);
    try {
      this.checkTopic(record.topicArn);
      this.#declared.add(record.arn);
      this.#set(record);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new Error(`Subscription of ${record.endpoint} to ${record.topicArn}: ${error.message}`);
    }
  }

  #set(record: SubscriptionRecord): void {
    checkProtocol(record);
    this.#subscriptions.set(record.arn, subscriptionOf(record));
  }

  #made(): SubscriptionRecord[] {
    const records = [...this.#subscriptions.values()].map(({ record }) => record);
    return records.filter(({ arn }) => !this.#declared.has(arn));
  }
}

function checkTopic({ logicalId, properties }: Resource): void {
  if (String(properties.FifoTopic) === 'true') {
    throw new Error(`Topic ${logicalId}: FifoTopic is not offered by the local SNS.`);
  }
}

function checkProtocol({ protocol, endpoint }: SubscriptionRecord): void {
  if (protocol === 'sqs' && !endpoint.startsWith('arn:aws:sqs:')) throw invalid('SQS endpoint ARN');
  if (protocol !== 'sqs' && !SILENT.includes(protocol)) {
    throw invalid(`Protocol: expected sqs or one of ${SILENT.join(', ')}, received ${protocol}`);
  }
}

/** The subscriptions that a resource of the template declares: by itself, or inside a topic. */
function declaredBy({ type, arn, properties }: Resource): SubscriptionRecord[] {
  if (type === 'AWS::SNS::Subscription') {
    const { TopicArn, Protocol, Endpoint } = properties;
    const attributes = attributesFrom(properties);
    return [
      { arn, topicArn: String(TopicArn), protocol: String(Protocol), endpoint: String(Endpoint), attributes },
    ];
  }
  if (type !== 'AWS::SNS::Topic' || !Array.isArray(properties.Subscription)) return [];
  return properties.Subscription.map(({ Protocol, Endpoint }: Record<string, unknown>, at) => ({
    arn: `${arn}:inline-${at}`,
    topicArn: arn,
    protocol: String(Protocol),
    endpoint: String(Endpoint),
    attributes: {},
  }));
}

function sameAttributes(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
