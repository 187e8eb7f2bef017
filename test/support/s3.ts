import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Background } from '../../offline/activity.ts';
import { type Call, type Engine, ServiceError } from '../../offline/contract.ts';
import { createS3Engine } from '../../offline/s3/engine.ts';
import { echoEngine } from './echo-engine.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { stackOf } from './stack.ts';

/** The local S3 behind a gateway, and a queue that keeps what it is sent. */
export interface S3Stand extends TestGateway {
  readonly s3: S3Client;
  readonly engine: Engine & Background;
  /** Everything the queue was sent, refused or taken. */
  readonly sent: Call[];
  readonly logged: string[];
  /** The event records that the queue took. */
  records(): Promise<EventRecord[]>;
  client(config?: S3ClientConfig): S3Client;
}

/** What a queue hears of one event. */
export interface EventRecord {
  readonly eventName: string;
  readonly userIdentity: { readonly principalId: string };
  readonly s3: {
    readonly bucket: { readonly name: string; readonly arn: string };
    readonly object: {
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer: string;
    };
  };
}

export interface S3StandOptions {
  readonly stateDir?: string;
  /** Properties of the bucket `media`, which is versioned, beside its own. */
  readonly media?: Readonly<Record<string, unknown>>;
  /** Whether the queue refuses what it is sent. */
  readonly queueRefuses?: () => boolean;
}

const resources = {
  Media: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'media',
      VersioningConfiguration: { Status: 'Enabled' },
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: ['https://app.example', 'https://*.preview.example'],
            AllowedMethods: ['GET', 'PUT', 'POST'],
            AllowedHeaders: ['*'],
            ExposedHeaders: ['ETag', 'Location'],
            MaxAge: 7200,
          },
        ],
      },
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Queue: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
            Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'originals/' }] } },
          },
          {
            Event: 's3:ObjectRemoved:*',
            Queue: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
            Filter: { S3Key: { Rules: [{ Name: 'Suffix', Value: '.jpg' }] } },
          },
        ],
      },
    },
  },
  Plain: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'plain',
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: 's3:ObjectRemoved:Delete',
            Queue: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
          },
        ],
      },
    },
  },
  Uploads: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'uploads' } },
};

/** Starts S3 with the buckets `media` (versioned, CORS, notifications) and `plain` (not versioned). */
export async function startS3(options: S3StandOptions = {}): Promise<S3Stand> {
  const logged: string[] = [];
  const taken: Call[] = [];
  const queue = echoEngine('sqs', (call) => {
    if (options.queueRefuses?.()) throw new ServiceError('QueueDoesNotExist', 'There is no such queue.');
    taken.push(call);
    return { output: { MessageId: String(taken.length) } };
  });
  let engine: (Engine & Background) | undefined;
  const gateway = await startTestGateway(
    (context) => {
      const { Media } = resources;
      const media = { ...Media, Properties: { ...Media.Properties, ...options.media } };
      engine = createS3Engine(context, stackOf(context, { ...resources, Media: media }));
      return [queue, engine];
    },
    {
      log: (line) => logged.push(line),
      ...(options.stateDir !== undefined && { stateDir: options.stateDir }),
    },
  );
  const s3Engine = engine as Engine & Background;
  // A repeated attempt would hide what the first one met.
  const client = (config: S3ClientConfig = {}) =>
    new S3Client({ ...gateway.clientConfig, maxAttempts: 1, ...config });
  const s3 = client();
  return {
    ...gateway,
    engine: s3Engine,
    s3,
    sent: queue.calls,
    logged,
    client,
    async records() {
      await s3Engine.idle();
      return taken.flatMap((call) => JSON.parse(String(call.input.MessageBody)).Records as EventRecord[]);
    },
    async stop() {
      s3.destroy();
      await gateway.stop();
    },
  };
}

/** A folder for state that outlives its stand. */
export function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), 'afterparty-s3-'));
}
