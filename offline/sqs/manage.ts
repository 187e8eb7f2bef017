import * as z from 'zod';
import { type Context, ServiceError } from '../contract.ts';
import { invalid, read } from './errors.ts';
import { queueUrl } from './names.ts';
import type { Queue } from './queue.ts';
import { changedSettings } from './settings.ts';
import { allowsRedrive, type QueueStore } from './store.ts';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;

const getQueueUrl = z.object({ QueueName: z.string() });
const listQueues = z.object({
  QueueNamePrefix: z.string().default(''),
  MaxResults: z.int().min(1).max(1000).optional(),
  NextToken: z.string().optional(),
});
const getQueueAttributes = z.object({
  QueueUrl: z.string(),
  AttributeNames: z.array(z.string()).default([]),
});
const setQueueAttributes = z.object({ QueueUrl: z.string(), Attributes: z.record(z.string(), z.string()) });
const purgeQueue = z.object({ QueueUrl: z.string() });

export function queueUrlOf(input: Input, store: QueueStore, context: Context): Output {
  const queue = store.queue(read(getQueueUrl, input).QueueName);
  return { QueueUrl: queueUrl(context, queue.name) };
}

export function listed(input: Input, store: QueueStore, context: Context): Output {
  const { QueueNamePrefix, MaxResults = 1000, NextToken = '' } = read(listQueues, input);
  const names = [...store.queues]
    .map((queue) => queue.name)
    .filter((name) => name.startsWith(QueueNamePrefix) && name > NextToken)
    .sort();
  const page = names.slice(0, MaxResults);
  return {
    QueueUrls: page.map((name) => queueUrl(context, name)),
    ...(page.length < names.length ? { NextToken: page.at(-1) } : {}),
  };
}

export function attributesOf(input: Input, store: QueueStore, context: Context): Output {
  const request = read(getQueueAttributes, input);
  const queue = store.queue(request.QueueUrl);
  queue.settle(context.clock.now());
  const all = allAttributes(queue);
  const wanted = request.AttributeNames;
  const unknown = wanted.find((name) => name !== 'All' && !(name in all) && !ABSENT.has(name));
  if (unknown) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const names = Object.keys(all).filter((name) => wanted.includes('All') || wanted.includes(name));
  if (names.length === 0) return {};
  return { Attributes: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

/** Attributes that exist but that a queue here may not have. */
const ABSENT = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
]);

function allAttributes(queue: Queue): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  const { RedrivePolicy, RedriveAllowPolicy, ...numbers } = queue.settings;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.changedAt / 1000)),
    SqsManagedSseEnabled: 'true',
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
    ...(RedrivePolicy ? { RedrivePolicy: JSON.stringify(RedrivePolicy) } : {}),
    ...(RedriveAllowPolicy ? { RedriveAllowPolicy: JSON.stringify(RedriveAllowPolicy) } : {}),
  };
}

/** SetQueueAttributes holds until the next start: then the template says again what a queue is like. */
export function setAttributes(input: Input, store: QueueStore, now: number): Queue {
  const request = read(setQueueAttributes, input);
  const queue = store.queue(request.QueueUrl);
  const unknown = Object.keys(request.Attributes).find((name) => !(name in changedSettings.shape));
  if (unknown) throw new ServiceError('InvalidAttributeName', `Attribute ${unknown} can't be set here.`);
  const parsed = changedSettings.safeParse(request.Attributes);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ServiceError(
      'InvalidAttributeValue',
      `Invalid value for the parameter ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const settings = { ...queue.settings, ...parsed.data } as Queue['settings'];
  const target = settings.RedrivePolicy?.deadLetterTargetArn;
  if (target && !allowsRedrive(store.queue(target), queue)) {
    throw invalid(`The RedriveAllowPolicy of ${target} does not allow ${queue.arn}.`);
  }
  queue.change(settings, now);
  return queue;
}

export function purge(input: Input, store: QueueStore): Output {
  const queue = store.queue(read(purgeQueue, input).QueueUrl);
  store.commit({ kind: 'purge', queue: queue.name });
  return {};
}
