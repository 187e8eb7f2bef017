import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allIdle, type Background } from '../../../offline/activity.ts';
import { Clock } from '../../../offline/clock.ts';
import { createDynamoDbEngines } from '../../../offline/dynamodb/engine.ts';
import { Faults } from '../../../offline/fault/faults.ts';
import { parseFaults } from '../../../offline/fault/file.ts';
import { createLambdaEngine } from '../../../offline/lambda/engine.ts';
import { startSchedules } from '../../../offline/lambda/schedules.ts';
import { startEventSources } from '../../../offline/lambda/sources.ts';
import { createS3Engine } from '../../../offline/s3/engine.ts';
import { createSnsEngine } from '../../../offline/sns/engine.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { stackOf } from '../../support/stack.ts';
import { arnOf, lambdaFunction } from '../../support/woken.ts';

const HOUR_MS = 3_600_000;
const RESOURCES = {
  Media: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'media' } },
  Later: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'later' } },
  Failing: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'failing',
      VisibilityTimeout: 3_600,
      RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 5 },
    },
  },
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  Told: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'told' } },
  Activity: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'activity' } },
  Delivery: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      Protocol: 'sqs',
      TopicArn: { Ref: 'Activity' },
      Endpoint: arnOf('Told'),
      RawMessageDelivery: true,
    },
  },
  Things: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    },
  },
  Settle: lambdaFunction('settle'),
  Work: lambdaFunction('work'),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: arnOf('Work'), EventSourceArn: arnOf('Failing'), BatchSize: 1 },
  },
  EachMinute: {
    Type: 'AWS::Events::Rule',
    Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Id: 'it', Arn: arnOf('Settle') }] },
  },
};

const clock = new Clock();
const calls = new Map<string, number>();
let aws: TestGateway;
let background: Background[];
let stopSources: () => Promise<void>;

beforeAll(async () => {
  // SNS tries at once, after seconds, and then every 20 s: forty failures take a quarter of an hour.
  const faults = new Faults({ clock, seed: 1, hindsightMs: 0 });
  const effect = { kind: 'fail' };
  const away = {
    name: 'away',
    service: 'sqs',
    operation: 'SendMessage',
    caller: 'service:sns',
    times: 40,
    effect,
  };
  faults.set(parseFaults({ faults: [away] }, 'the test'));
  aws = await startTestGateway(
    (context) => {
      const stack = stackOf(context, RESOURCES);
      const sns = createSnsEngine(context, stack);
      const lambda = createLambdaEngine(context, stack, {
        async invoke(name) {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          if (name === 'settle') return { ok: true, payload: undefined };
          return {
            ok: false,
            error: { errorType: 'Error', errorMessage: 'It never works.', stackTrace: [] },
          };
        },
        close: async () => {},
      });
      background = [sns, lambda];
      queueMicrotask(() => {
        const sources = startEventSources(context, stack);
        const schedules = startSchedules(context, stack);
        background.push(sources, schedules);
        stopSources = async () => {
          schedules.close();
          await sources.close();
        };
      });
      return [
        sns,
        lambda,
        createS3Engine(context, stack),
        createSqsEngine(context, stack),
        ...createDynamoDbEngines(context, stack),
      ];
    },
    { clock, fault: faults, log: () => {} },
  );
});
afterAll(async () => {
  await stopSources();
  await aws.stop();
});

test('a day passes in moments: what waits for hours happens, what lasts for hours ends', async () => {
  const [s3, sqs, sns, dynamodb] = [S3Client, SQSClient, SNSClient, DynamoDBClient].map(
    (Client) => new Client(aws.clientConfig),
  ) as [S3Client, SQSClient, SNSClient, DynamoDBClient];
  const queue = (name: string) => `${aws.endpoint}/000000000000/${name}`;
  const receive = async (name: string) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue(name) }))).Messages ?? [];
  const pass = async (ms: number) => {
    await clock.advance(ms);
    await allIdle(background);
  };

  await s3.send(new PutObjectCommand({ Bucket: 'media', Key: 'a', Body: 'photo' }));
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'media', Key: 'a' }), { expiresIn: 900 });
  await sqs.send(
    new SendMessageCommand({ QueueUrl: queue('later'), MessageBody: 'hidden for twelve hours' }),
  );
  const [hidden] = await receive('later');
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queue('later'),
      ReceiptHandle: hidden?.ReceiptHandle,
      VisibilityTimeout: 12 * 3_600,
    }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: queue('failing'), MessageBody: 'never works' }));
  await sns.send(
    new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:activity', Message: 'at last' }),
  );
  const expiresAt = String(Math.floor(clock.now() / 1_000) + 20 * 3_600);
  await dynamodb.send(
    new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'brief' }, expiresAt: { N: expiresAt } } }),
  );
  expect((await fetch(url)).status).toBe(200);
  expect(await receive('later')).toEqual([]);

  const from = performance.now();
  for (let hour = 0; hour < 24; hour++) await pass(HOUR_MS);
  const tookMs = performance.now() - from;

  expect((await fetch(url)).status).toBe(403);
  expect((await receive('later'))[0]?.Body).toBe('hidden for twelve hours');
  expect(calls.get('work')).toBe(5);
  expect((await receive('dead'))[0]?.Body).toBe('never works');
  expect((await receive('told'))[0]?.Body).toBe('at last');
  const key = { TableName: 'things', Key: { pk: { S: 'brief' } } };
  expect((await dynamodb.send(new GetItemCommand(key))).Item).toBeUndefined();
  expect(calls.get('settle')).toBe(24 * 60);
  expect(tookMs).toBeLessThan(HOUR_MS / 100);
});
