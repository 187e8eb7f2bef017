import { createHash } from 'node:crypto';
import { listOf, recordOf } from './template.ts';

/** What one queue wants to hear of a bucket. */
export interface NotificationRule {
  readonly id: string;
  readonly queueArn: string;
  /** For example `ObjectCreated:*` or `ObjectRemoved:Delete`. */
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** The rules for queues; notifications that go elsewhere are named to the person at the terminal. */
export function notificationRulesOf(
  bucket: string,
  configuration: unknown,
  log: (line: string) => void,
): NotificationRule[] {
  const { QueueConfigurations, ...others } = recordOf(configuration);
  for (const name of Object.keys(others)) {
    log(`s3: ${bucket}: ${name} is ignored: the local S3 notifies SQS queues only`);
  }
  return listOf(QueueConfigurations).map((declared) => ruleOf(bucket, recordOf(declared)));
}

/** Whether the event, for example `ObjectCreated:Put`, on this key is what the rule asks for. */
export function wants(rule: NotificationRule, event: string, key: string): boolean {
  const group = rule.event.endsWith(':*') ? rule.event.slice(0, -1) : undefined;
  const named = group === undefined ? rule.event === event : event.startsWith(group);
  return named && key.startsWith(rule.prefix) && key.endsWith(rule.suffix);
}

function ruleOf(bucket: string, declared: Readonly<Record<string, unknown>>): NotificationRule {
  const event = String(declared.Event);
  const queueArn = String(declared.Queue);
  if (!/^arn:aws[\w-]*:sqs:[\w-]*:\d{12}:[\w.-]+$/.test(queueArn)) {
    throw new Error(`Bucket ${bucket} notifies ${queueArn}: expected the ARN of an SQS queue.`);
  }
  if (!/^s3:\w+:(\w+|\*)$/.test(event)) {
    throw new Error(
      `Bucket ${bucket} notifies of ${event}: expected an event name such as s3:ObjectCreated:Put.`,
    );
  }
  const filters = listOf(recordOf(recordOf(declared.Filter).S3Key).Rules).map(recordOf);
  const filter = (name: string) =>
    String(filters.find((rule) => String(rule.Name).toLowerCase() === name)?.Value ?? '');
  return {
    id: createHash('sha256').update(JSON.stringify(declared)).digest('hex').slice(0, 32),
    queueArn,
    event: event.replace(/^s3:/, ''),
    prefix: filter('prefix'),
    suffix: filter('suffix'),
  };
}
