import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { inject } from 'vitest';
import { allIdle, type Background } from '../../offline/activity.ts';
import type { Principal, Resource } from '../../offline/contract.ts';
import { createDynamoDbEngines } from '../../offline/dynamodb/engine.ts';
import { functionsOf } from '../../offline/lambda/function.ts';
import { type ReceivedMessage, sqsRecord } from '../../offline/lambda/sqs-record.ts';
import { createS3Engine } from '../../offline/s3/engine.ts';
import { createSecretsEngine } from '../../offline/secrets/engine.ts';
import { createSnsEngine } from '../../offline/sns/engine.ts';
import { createSqsEngine } from '../../offline/sqs/engine.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import { startTestGateway } from './gateway.ts';

type Members = Record<string, unknown>;

/**
 * Table, bucket, queues and topic of the service, as it deploys, and nothing that wakes a function: the test
 * hands over messages and records itself, in the order it likes. `lib` has to be imported after the start,
 * because it reads its environment then.
 */
export interface LibStack {
  readonly s3: S3Client;
  readonly mediaBucket: string;
  /** Takes every message off a queue, as its function would get them, oldest first. */
  takeMessages(queue: string): Promise<SQSRecord[]>;
  /** The records of the table's stream since the last time, as the function behind it would get them. */
  takeRecords(): Promise<DynamoDBRecord[]>;
  /** Asks any service as the developer. */
  ask(service: 'dynamodb' | 'sqs' | 'sns', operation: string, input: Members): Promise<Members>;
  stop(): Promise<void>;
}

const developer: Principal = { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' };

/** Starts the engines on a free port and points this process's environment at them. */
export async function startLibStack(): Promise<LibStack> {
  const template = inject('localTemplate');
  const background: Background[] = [];
  const resources = new Map<string, Resource>();
  const gateway = await startTestGateway((context) => {
    const { region, account, endpoint } = context;
    const stack = resolveStack(template, { stackName: 'afterparty-local', region, account, endpoint });
    for (const resource of stack.resources) resources.set(resource.logicalId, resource);
    Object.assign(process.env, functionsOf(stack)[0]?.environment, {
      LOG_LEVEL: 'ERROR',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    });
    const s3 = createS3Engine(context, stack);
    const sns = createSnsEngine(context, stack);
    background.push(s3, sns);
    return [
      s3,
      sns,
      createSqsEngine(context, stack),
      createSecretsEngine(context, stack),
      ...createDynamoDbEngines(context, stack),
    ];
  });
  const { context, clientConfig, endpoint } = gateway;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: clientConfig.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: clientConfig.credentials.secretAccessKey,
  });
  const s3 = new S3Client(clientConfig);
  const ask: LibStack['ask'] = (service, operation, input) =>
    context.call(developer, service, operation, input);
  const streamArn = `${resources.get('Table')?.arn}/stream`;
  let iterator: unknown;

  return {
    s3,
    mediaBucket: resources.get('MediaBucket')?.name ?? '',
    ask,
    async takeMessages(queue) {
      await allIdle(background);
      const { physicalId: QueueUrl, arn } = resources.get(queue) as Resource;
      const taken: SQSRecord[] = [];
      for (;;) {
        const { Messages = [] } = (await ask('sqs', 'ReceiveMessage', {
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        })) as { Messages?: ReceivedMessage[] };
        if (Messages.length === 0) return taken;
        for (const message of Messages) {
          taken.push(sqsRecord(message, arn, context.region) as unknown as SQSRecord);
          await ask('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
        }
      }
    },
    async takeRecords() {
      const stream = (operation: string, input: Members): Promise<Members> =>
        context.call(developer, 'dynamodbstreams', operation, input);
      if (iterator === undefined) iterator = await firstIterator(stream, streamArn);
      const answer = await stream('GetRecords', { ShardIterator: iterator });
      iterator = answer.NextShardIterator;
      return structuredClone(answer.Records) as DynamoDBRecord[];
    },
    async stop() {
      s3.destroy();
      await gateway.stop();
    },
  };
}

async function firstIterator(
  stream: (operation: string, input: Members) => Promise<Members>,
  prefix: string,
): Promise<unknown> {
  const { Streams } = (await stream('ListStreams', {})) as { Streams: { StreamArn: string }[] };
  const StreamArn = Streams.find(({ StreamArn: arn }) => arn.startsWith(prefix))?.StreamArn;
  const { StreamDescription } = (await stream('DescribeStream', { StreamArn })) as {
    StreamDescription: { Shards: { ShardId: string }[] };
  };
  const { ShardIterator } = await stream('GetShardIterator', {
    StreamArn,
    ShardId: StreamDescription.Shards[0]?.ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  });
  return ShardIterator;
}
