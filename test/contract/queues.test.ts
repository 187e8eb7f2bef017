import { expect, inject, test } from 'vitest';
import { type CfnResource, ofType, readTemplate, referenced } from '../support/template.ts';

const template = readTemplate(inject('packaged'));
const queues = ofType(template, 'AWS::SQS::Queue');
const subscriptions = ofType(template, 'AWS::SNS::Subscription');
const mappings = ofType(template, 'AWS::Lambda::EventSourceMapping');
const media = template.Resources.MediaBucket?.Properties ?? {};
const clicks = template.Resources.ClicksBucket?.Properties ?? {};

interface Delivery {
  readonly queue: string | undefined;
  readonly service: string;
  readonly source: unknown;
}

/** Everything that is put into a queue by a service rather than by code. */
const deliveries: Delivery[] = [
  ...subscriptions.flatMap(([, { Properties }]) =>
    [Properties.Endpoint, Properties.RedrivePolicy.deadLetterTargetArn].map((target) => ({
      queue: referenced(target),
      service: 'sns.amazonaws.com',
      source: Properties.TopicArn,
    })),
  ),
  ...[media, clicks].flatMap(({ NotificationConfiguration, BucketName }) =>
    NotificationConfiguration.QueueConfigurations.map((notification: { Queue: unknown }) => ({
      queue: referenced(notification.Queue),
      service: 's3.amazonaws.com',
      source: { 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${BucketName['Fn::Sub']}` },
    })),
  ),
];

test.each(deliveries)('$service may send to $queue from its source alone', ({ queue, service, source }) => {
  const policies = ofType(template, 'AWS::SQS::QueuePolicy').filter(
    ([, { Properties }]) => referenced(Properties.Queues) === queue,
  );
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  expect(statements.filter(({ Principal }) => Principal.Service === service)).toEqual([
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
      Condition: expect.objectContaining({ ArnEquals: { 'aws:SourceArn': source } }),
    }),
  ]);
});

test('every queue is encrypted and gives up into a dead-letter queue that keeps for 14 days', () => {
  for (const [id, { Properties }] of queues) {
    expect([id, Properties.SqsManagedSseEnabled]).toEqual([id, true]);
    if (id.endsWith('DeadLetterQueue')) {
      expect([id, Properties.MessageRetentionPeriod]).toEqual([id, 1_209_600]);
    } else {
      expect(referenced(Properties.RedrivePolicy.deadLetterTargetArn)).toBe(
        id.replace(/Queue$/, 'DeadLetterQueue'),
      );
      expect(template.Resources).toHaveProperty(id.replace(/Queue$/, 'DeadLetterQueue'));
    }
  }
});

test('a message stays hidden for six times the timeout of its consumer', () => {
  const behindQueues = mappings.filter(([, mapping]) => queueOf(mapping));
  expect(behindQueues.length).toBeGreaterThan(0);
  for (const [id, mapping] of behindQueues) {
    const timeout = template.Resources[referenced(mapping.Properties.FunctionName) ?? '']?.Properties.Timeout;
    const visibility = queueOf(mapping)?.Properties.VisibilityTimeout ?? 30;
    expect([id, visibility >= 6 * timeout]).toEqual([id, true]);
  }
});

test('every queue but the dead-letter queues has a consumer', () => {
  const consumed = mappings.map(([, { Properties }]) => referenced(Properties.EventSourceArn));
  const working = queues.map(([id]) => id).filter((id) => !id.endsWith('DeadLetterQueue'));
  expect(consumed).toEqual(expect.arrayContaining([...working, 'UploadsDeadLetterQueue']));
});

test('uploads, and only uploads, are announced by the bucket', () => {
  expect(media.NotificationConfiguration).toEqual({
    QueueConfigurations: [
      {
        Event: 's3:ObjectCreated:*',
        Queue: { 'Fn::GetAtt': ['UploadsQueue', 'Arn'] },
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'originals/' }] } },
      },
    ],
  });
});

test('subscriptions deliver the event itself, chosen by its attributes', () => {
  for (const [id, { Properties }] of subscriptions) {
    expect([id, Properties]).toEqual([
      id,
      expect.objectContaining({
        Protocol: 'sqs',
        RawMessageDelivery: true,
        FilterPolicyScope: 'MessageAttributes',
      }),
    ]);
    expect(Properties.FilterPolicy.type.length).toBeGreaterThan(0);
  }
});

test('one photo an invocation, bounded; everything else fails message by message', () => {
  for (const [, { Properties }] of mappings) {
    expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  }
  const uploads = mappings.find(
    ([, { Properties }]) => referenced(Properties.EventSourceArn) === 'UploadsQueue',
  );
  expect(uploads?.[1].Properties).toMatchObject({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 50 } });
});

test('the stream has one consumer, which sees what is announced, and never blocks for good', () => {
  const streams = mappings.filter(
    ([, { Properties }]) => Properties.EventSourceArn['Fn::GetAtt'][1] === 'StreamArn',
  );
  expect(streams).toHaveLength(1);
  const [[, { Properties }]] = streams as [[string, CfnResource]];
  expect(Properties).toMatchObject({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 20 });
  const patterns = Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
    JSON.parse(Pattern),
  );
  expect(patterns).toEqual([
    { dynamodb: { NewImage: { entity: { S: ['photo', 'follow', 'like', 'edit', 'batch'] } } } },
    { eventName: ['REMOVE'], dynamodb: { OldImage: { entity: { S: ['photo', 'follow', 'like'] } } } },
  ]);
});

function queueOf({ Properties }: CfnResource): CfnResource | undefined {
  const source = template.Resources[referenced(Properties.EventSourceArn) ?? ''];
  return source?.Type === 'AWS::SQS::Queue' ? source : undefined;
}
