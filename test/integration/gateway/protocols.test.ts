import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceError } from '../../../offline/contract.ts';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const dynamodb = echoEngine('dynamodb', (call) => {
  if (call.operation === 'GetItem') return { output: { Item: { pk: { S: 'a' } } } };
  throw new ServiceError('TransactionCanceledException', 'Transaction cancelled', 400, {
    CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
  });
});
const sqs = echoEngine('sqs', () => {
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
});
const sns = echoEngine('sns', (call) => {
  if (call.operation === 'CreateTopic') throw new ServiceError('InvalidParameter', 'Name <&>');
  if (call.operation === 'GetTopicAttributes') return { output: { Attributes: { Policy: '{"a":"<b>"}' } } };
  return { output: { MessageId: 'm-1' } };
});
const s3 = echoEngine('s3', (call) => {
  if (call.operation === 'GetObject') throw new ServiceError('NoSuchKey', 'No & such key', 404, { Key: 'k' });
  return { status: 200, headers: { etag: '"e"' }, body: undefined };
});

let aws: TestGateway;
beforeAll(async () => {
  aws = await startTestGateway(() => [dynamodb, sqs, sns, s3]);
});
afterAll(() => aws.stop());

test('JSON: members, and errors with their own class and members', async () => {
  const client = new DynamoDBClient(aws.clientConfig);
  const read = await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }));
  expect(read.Item).toEqual({ pk: { S: 'a' } });
  expect(dynamodb.calls.at(-1)).toMatchObject({
    operation: 'GetItem',
    principal: { kind: 'developer' },
    input: { TableName: 't', Key: { pk: { S: 'a' } } },
  });
  await expect(client.send(new PutItemCommand({ TableName: 't', Item: {} }))).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message: 'Transaction cancelled',
    CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
  });
});

test('SQS: an error has its class and the code that older clients know', async () => {
  const client = new SQSClient(aws.clientConfig);
  await expect(
    client.send(new ReceiveMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/q` })),
  ).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue', Type: 'Sender' },
  });
});

test('query: maps and lists in, XML out', async () => {
  const client = new SNSClient(aws.clientConfig);
  const published = await client.send(
    new PublishCommand({
      TopicArn: 'arn:aws:sns:eu-west-1:000000000000:t',
      Message: 'ü & <x>',
      MessageAttributes: { type: { DataType: 'String', StringValue: 'photo.ready' } },
    }),
  );
  expect(published.MessageId).toBe('m-1');
  expect(sns.calls.at(-1)).toMatchObject({
    operation: 'Publish',
    input: {
      Message: 'ü & <x>',
      MessageAttributes: { type: { DataType: 'String', StringValue: 'photo.ready' } },
    },
  });
  const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: 'arn' }));
  expect(Attributes).toEqual({ Policy: '{"a":"<b>"}' });
  await expect(
    client.send(new CreateTopicCommand({ Name: 't', Tags: [{ Key: 'a', Value: 'b' }] })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException', message: 'Name <&>' });
  expect(sns.calls.at(-1)?.input).toEqual({ Name: 't', Tags: [{ Key: 'a', Value: 'b' }] });
});

test('S3: address, body and headers reach the engine; errors are XML', async () => {
  const client = new S3Client(aws.clientConfig);
  const put = await client.send(
    new PutObjectCommand({
      Bucket: 'b',
      Key: 'a b+ü//../c',
      Body: Buffer.from('hello'),
      ContentType: 'image/x',
    }),
  );
  expect(put.ETag).toBe('"e"');
  expect(s3.calls.at(-1)).toMatchObject({
    operation: 'PutObject',
    input: { Bucket: 'b', Key: 'a b+ü//../c' },
  });
  expect(s3.calls.at(-1)?.http?.headers['content-type']).toBe('image/x');
  expect(s3.bodies.at(-1)?.toString()).toBe('hello');
  await expect(client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
    message: 'No & such key',
  });
});
