import * as z from 'zod';
import { invalid } from './errors.ts';
import { compileFilter, type Filter, type FilterScope } from './filter.ts';
import { tryJson } from './message.ts';

/** What the journal and the API know of a subscription. */
export interface SubscriptionRecord {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy: as texts, as in the API. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A subscription ready to be delivered to. */
export interface Subscription {
  readonly record: SubscriptionRecord;
  readonly raw: boolean;
  readonly wants: Filter;
  /** The queue that takes what could not be delivered. */
  readonly deadLetterArn: string | undefined;
}

/** The attributes that are understood. A delivery policy concerns HTTP endpoints only. */
const ATTRIBUTES = new Set([
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'DeliveryPolicy',
]);

const redrivePolicy = z.object({ deadLetterTargetArn: z.string().startsWith('arn:aws:sqs:') });

/**
 * Makes a subscription of what is known of it.
 * @throws ServiceError InvalidParameter, naming the attribute and what is wrong with it
 */
export function subscriptionOf(record: SubscriptionRecord): Subscription {
  const { attributes } = record;
  const unknown = Object.keys(attributes).find((name) => !ATTRIBUTES.has(name));
  if (unknown) throw invalid(`AttributeName: ${unknown} isn't known here`);
  const scope = attributes.FilterPolicyScope ?? 'MessageAttributes';
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody') {
    throw invalid(`FilterPolicyScope: expected MessageAttributes or MessageBody, received ${scope}`);
  }
  return {
    record,
    raw: rawOf(attributes.RawMessageDelivery ?? 'false'),
    wants: filterOf(attributes.FilterPolicy ?? '', scope),
    deadLetterArn: deadLetterArnOf(attributes.RedrivePolicy ?? ''),
  };
}

/** The attributes that an `AWS::SNS::Subscription` declares, as the API's texts. */
export function attributesFrom(properties: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    [...ATTRIBUTES]
      .filter((name) => properties[name] !== undefined)
      .map((name) => {
        const value = properties[name];
        return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)];
      }),
  );
}

/** What GetSubscriptionAttributes tells. */
export function attributesOf({ record }: Subscription, account: string): Record<string, string> {
  return {
    SubscriptionArn: record.arn,
    TopicArn: record.topicArn,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    Owner: account,
    PendingConfirmation: 'false',
    ConfirmationWasAuthenticated: 'true',
    RawMessageDelivery: 'false',
    ...record.attributes,
  };
}

function rawOf(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(`RawMessageDelivery: expected true or false, received ${text}`);
}

function filterOf(text: string, scope: FilterScope): Filter {
  if (text === '') return compileFilter(undefined, scope);
  const policy = tryJson(text);
  if (policy === undefined) throw invalid('FilterPolicy: expected JSON');
  return compileFilter(policy, scope);
}

function deadLetterArnOf(text: string): string | undefined {
  if (text === '') return undefined;
  const parsed = redrivePolicy.safeParse(tryJson(text));
  if (parsed.success) return parsed.data.deadLetterTargetArn;
  throw invalid(`RedrivePolicy: expected {"deadLetterTargetArn": "arn:aws:sqs:..."}, received ${text}`);
}
