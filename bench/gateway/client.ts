import { parentPort, workerData } from 'node:worker_threads';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inputs, type Operation } from './operations.ts';

/** What a client is told to do: one operation, again and again, on so many connections. */
export interface Order {
  readonly operation: Operation;
  readonly connections: number;
  readonly ms: number;
}

/** The SDK's clients in a thread of their own, so that their work isn't counted as the gateway's. */
const { config, endpoint } = workerData as {
  config: ConstructorParameters<typeof S3Client>[0];
  endpoint: string;
};
const dynamodb = new DynamoDBClient(config as never);
const s3 = new S3Client(config as never);
const sqs = new SQSClient(config as never);
const sns = new SNSClient(config as never);

const calls: Record<Operation, (input: never) => Promise<unknown>> = {
  'S3 PutObject 4 kB': (input) => s3.send(new PutObjectCommand(input)),
  'S3 PutObject 1 MB': (input) => s3.send(new PutObjectCommand(input)),
  'S3 GetObject 4 kB': (input) =>
    s3.send(new GetObjectCommand(input)).then(({ Body }) => Body?.transformToByteArray()),
  'DynamoDB PutItem': (input) => dynamodb.send(new PutItemCommand(input)),
  'DynamoDB GetItem': (input) => dynamodb.send(new GetItemCommand(input)),
  'DynamoDB Query of 20': (input) => dynamodb.send(new QueryCommand(input)),
  'DynamoDB TransactWriteItems of 3': (input) => dynamodb.send(new TransactWriteItemsCommand(input)),
  'SQS SendMessage': (input) => sqs.send(new SendMessageCommand(input)),
  'SNS Publish to one queue': (input) => sns.send(new PublishCommand(input)),
};

parentPort?.on('message', async ({ operation, connections, ms }: Order) => {
  const until = performance.now() + ms;
  const from = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        await calls[operation](inputs[operation](endpoint, done) as never);
        done++;
      }
    }),
  );
  parentPort?.postMessage({ done, ms: performance.now() - from });
});
