import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TemplateResource } from '../../../offline/template/template.ts';
import { documentOf } from '../../support/permission.ts';
import { type JudgedGateway, startJudged } from '../../support/permission-gateway.ts';
import { arns, developer, resources, roleWith } from '../../support/permission-stack.ts';

const sending = (Queue: string, Service: string, source: string): TemplateResource => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: Queue }],
    PolicyDocument: documentOf({
      Principal: { Service },
      Action: 'sqs:SendMessage',
      Condition: { ArnEquals: { 'aws:SourceArn': source } },
    }),
  },
});
const subscribed = (Endpoint: unknown): TemplateResource => ({
  Type: 'AWS::SNS::Subscription',
  Properties: {
    TopicArn: arns.activity,
    Protocol: 'sqs',
    Endpoint,
    RawMessageDelivery: true,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
  },
});
const queue = (QueueName: string): TemplateResource => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName },
});
const opened = { BlockPublicPolicy: false, RestrictPublicBuckets: false };

let aws: JudgedGateway;

beforeAll(async () => {
  aws = await startJudged({
    WriterRole: roleWith({ Action: ['s3:PutObject', 's3:GetObject'], Resource: `${arns.media}/own/*` }),
    Media: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        ...resources.Media?.Properties,
        PublicAccessBlockConfiguration: opened,
        NotificationConfiguration: {
          QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arns.uploads }],
        },
      },
    },
    MediaPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: 'media',
        PolicyDocument: documentOf({
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `${arns.media}/public/*`,
        }),
      },
    },
    UploadsPolicy: sending('Uploads', 's3.amazonaws.com', arns.media),
    Open: queue('open'),
    OpenPolicy: sending('Open', 'sns.amazonaws.com', arns.activity),
    Shut: queue('shut'),
    Dead: queue('dead'),
    DeadPolicy: sending('Dead', 'sns.amazonaws.com', arns.activity),
    OpenSubscription: subscribed({ 'Fn::GetAtt': ['Open', 'Arn'] }),
    ShutSubscription: subscribed({ 'Fn::GetAtt': ['Shut', 'Arn'] }),
  });
  for (const Key of ['own/a', 'other/a', 'public/a']) {
    await new S3Client(aws.configOf(developer)).send(
      new PutObjectCommand({ Bucket: 'media', Key, Body: Key }),
    );
  }
});
afterAll(() => aws.stop());

describe('whoever has a signed address acts as its signer', () => {
  test.each([
    ['own/a', 200],
    ['other/a', 403],
  ])('reading %s: %i', async (Key, status) => {
    const url = await getSignedUrl(
      new S3Client(aws.configOf()),
      new GetObjectCommand({ Bucket: 'media', Key }),
    );
    const answer = await fetch(url);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(status === 200 ? Key : '<Code>AccessDenied</Code>');
  });

  test.each([
    ['own/b', 204],
    ['other/b', 403],
  ])('sending %s in a form: %i', async (Key, status) => {
    const { url, fields } = await createPresignedPost(new S3Client(aws.configOf()), { Bucket: 'media', Key });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['x']));
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(status);
  });
});

test.each([
  ['public/a', 200],
  ['own/a', 403],
  ['public/missing', 403],
])('without a key %s is what the bucket’s policy makes it: %i', async (key, status) => {
  expect((await fetch(`${aws.endpoint}/media/${key}`)).status).toBe(status);
});

describe('services are judged by the policies of what they use', () => {
  const received = async (name: string) => {
    const sqs = new SQSClient(aws.configOf(developer));
    const QueueUrl = `${aws.endpoint}/000000000000/${name}`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
    );
    return Messages.map(({ Body = '' }) => Body);
  };

  test('S3, notifying a queue that lets it', async () => {
    expect(await received('uploads')).toContainEqual(expect.stringContaining('"key":"own/a"'));
  });

  test('SNS, delivering to a queue that lets it; what another refuses goes to the dead letters', async () => {
    const sns = new SNSClient(aws.configOf(developer));
    await sns.send(new PublishCommand({ TopicArn: arns.activity, Message: 'hello' }));
    expect(await received('open')).toEqual(['hello']);
    expect(await received('dead')).toEqual(['hello']);
    await vi.waitFor(() =>
      expect(aws.logged).toContainEqual(
        expect.stringMatching(
          /sns\.amazonaws\.com for arn:\S+:activity may not sqs:SendMessage on arn:\S+:shut\. To allow it, add/,
        ),
      ),
    );
  });
});
