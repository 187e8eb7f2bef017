import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { allIdle } from '../../../offline/activity.ts';
import { Clock } from '../../../offline/clock.ts';
import type { Context, Engine, FunctionPool, Stack } from '../../../offline/contract.ts';
import { Faults } from '../../../offline/fault/faults.ts';
import { parseFaults } from '../../../offline/fault/file.ts';
import { createFirehoseEngine, type FirehoseEngine } from '../../../offline/firehose/engine.ts';
import { StackPermission } from '../../../offline/gateway/permission/stack-permission.ts';
import { createLambdaEngine } from '../../../offline/lambda/engine.ts';
import { createS3Engine } from '../../../offline/s3/engine.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import type { TemplateResource } from '../../../offline/template/template.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { account, documentOf, type GivenStatement } from '../../support/permission.ts';
import { lambdaIn, roleWith } from '../../support/permission-stack.ts';
import { stackOf } from '../../support/stack.ts';
import { poolOf, type TestHandler } from '../../support/woken.ts';

type Resources = Readonly<Record<string, TemplateResource>>;

export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;
export const BUCKET = 'clicks';
export const lambdaArn = `arn:aws:lambda:eu-west-1:${account}:function:shape`;
export const streamArn = `arn:aws:firehose:eu-west-1:${account}:deliverystream/clicks`;

/** What Lambda is handed by Firehose. */
export interface TransformEvent {
  readonly invocationId: string;
  readonly deliveryStreamArn: string;
  readonly region: string;
  readonly records: readonly {
    readonly recordId: string;
    readonly approximateArrivalTimestamp: number;
    readonly data: string;
  }[];
}

export interface StreamsOptions {
  /** The function `shape` of the stack. */
  readonly shape?: TestHandler;
  /** Put in the place of the function's handler. */
  readonly pool?: (stack: Stack, context: Context) => FunctionPool;
  /** Changes of the stream's destination. */
  readonly destination?: Readonly<Record<string, unknown>>;
  /** Parameters of the processor; there is none unless there is a function. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly resources?: Resources;
  /** What the stream's role may do; everything unless given. */
  readonly may?: readonly GivenStatement[];
  readonly stateDir?: string;
  /** How far the clock is ahead of real time at the start. */
  readonly aheadMs?: number;
}

/** One stream, `clicks`, into a bucket of the same name, behind a gateway that judges. */
export interface Streams extends TestGateway {
  readonly stack: Stack;
  readonly engine: FirehoseEngine;
  readonly firehose: FirehoseClient;
  readonly stateDir: string;
  readonly logged: string[];
  /** Puts records, each a text, in one batch. Gives their ids. */
  put(...data: string[]): Promise<(string | undefined)[]>;
  putOne(data: string): Promise<string | undefined>;
  idle(): Promise<void>;
  /** Lets time pass, and what falls due be done. */
  pass(ms: number): Promise<void>;
  /** The keys of the bucket. */
  keys(prefix?: string): Promise<string[]>;
  /** The text of an object, unpacked where it is packed. */
  text(key: string): Promise<string>;
  /** The lines of all objects below a prefix. */
  lines(prefix?: string): Promise<string[]>;
  /** Lets these faults happen, instead of those before. */
  fail(...faults: readonly object[]): void;
  /** Replaces what the stream's role may do. */
  allow(...statements: GivenStatement[]): void;
}

const at = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });

export function streamResources({ shape, pool, destination, parameters, may }: StreamsOptions): Resources {
  const given = { LambdaArn: at('Shape'), RoleArn: at('StreamRole'), ...parameters };
  const processing = {
    Enabled: true,
    Processors: [
      {
        Type: 'Lambda',
        Parameters: Object.entries(given).map(([ParameterName, ParameterValue]) => ({
          ParameterName,
          ParameterValue,
        })),
      },
    ],
  };
  return {
    Clicks: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } },
    Shape: lambdaIn('ShapeRole', { FunctionName: 'shape', Handler: 'functions/shape.handler', Timeout: 1 }),
    ShapeRole: roleWith(),
    Stream: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: {
        DeliveryStreamName: 'clicks',
        ExtendedS3DestinationConfiguration: {
          BucketARN: at('Clicks'),
          RoleARN: at('StreamRole'),
          Prefix: 'clicks/!{timestamp:yyyy/MM/dd/HH}/',
          ErrorOutputPrefix: 'refused/!{firehose:error-output-type}/',
          BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
          ...((shape || pool) && { ProcessingConfiguration: processing }),
          ...destination,
        },
      },
    },
    StreamRole: streamRole(...(may ?? [{}])),
  };
}

/** A role that only Firehose, for this account, may take on. */
function streamRole(...statements: GivenStatement[]): TemplateResource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: documentOf({
        Principal: { Service: 'firehose.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Resource: undefined,
        Condition: { StringEquals: { 'sts:ExternalId': { Ref: 'AWS::AccountId' } } },
      }),
      Policies: [{ PolicyName: 'access', PolicyDocument: documentOf(...statements) }],
    },
  };
}

export async function startStreams(options: StreamsOptions = {}): Promise<Streams> {
  const clock = new Clock(options.aheadMs);
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const stateDir = options.stateDir ?? folder();
  const permission = new StackPermission({ clock, region: 'eu-west-1', account, log });
  const fault = new Faults({ clock, seed: 1, hindsightMs: 0, crash: async () => {} });
  const background: (Engine & FirehoseEngine)[] = [];
  let stack: Stack | undefined;
  const govern = (context: Pick<Context, 'region' | 'account' | 'endpoint'>, more: StreamsOptions = {}) => {
    stack = stackOf(context, { ...streamResources({ ...options, ...more }), ...options.resources });
    permission.govern(stack);
    fault.govern(stack);
    return stack;
  };
  const gateway = await startTestGateway(
    (context) => {
      const made = govern(context);
      const pool = options.pool?.(made, context) ?? poolOf({ shape: options.shape ?? (() => undefined) });
      background.push(createFirehoseEngine(context, made));
      return [
        createSqsEngine(context, made),
        createS3Engine(context, made),
        createLambdaEngine(context, made, pool),
        ...background,
      ];
    },
    { permission, fault, clock, log, stateDir },
  );
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= gateway.stop());
  onTestFinished(stop);
  const engine = background[0] as FirehoseEngine;
  const parts = gateway.engines.filter((each) => 'idle' in each) as unknown as FirehoseEngine[];
  // A second attempt, as a client learns from the first that the stack's clock is ahead of its own.
  const config = { ...gateway.clientConfig, maxAttempts: 2 };
  const firehose = new FirehoseClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const idle = () => allIdle(parts);
  const keys = async (Prefix = '') => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
    return Contents.map(({ Key }) => Key as string);
  };
  const text = async (Key: string) => {
    const { Body, ContentEncoding } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = await buffer(Body as NodeJS.ReadableStream);
    return (ContentEncoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  };
  return {
    ...gateway,
    ...{ stack: stack as unknown as Stack, engine, firehose, stateDir, logged, stop, idle, keys, text },
    async put(...data) {
      const Records = data.map((each) => ({ Data: Buffer.from(each) }));
      const { RequestResponses = [] } = await firehose.send(
        new PutRecordBatchCommand({ DeliveryStreamName: 'clicks', Records }),
      );
      return RequestResponses.map(({ RecordId }) => RecordId);
    },
    async putOne(data) {
      const Record = { Data: Buffer.from(data) };
      return (await firehose.send(new PutRecordCommand({ DeliveryStreamName: 'clicks', Record }))).RecordId;
    },
    async pass(ms) {
      await idle();
      await clock.advance(ms);
      await idle();
    },
    async lines(prefix) {
      const texts = await Promise.all((await keys(prefix)).map(text));
      return texts.flatMap((each) => each.split('\n')).filter((line) => line !== '');
    },
    fail: (...faults) => fault.set(parseFaults({ faults }, 'a test')),
    allow: (...may) => void govern(gateway.context, { may }),
  };
}

/** A folder that is gone after the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'afterparty-firehose-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** What a kill at this moment would leave of the state. */
export function leftBy({ stateDir }: Streams): string {
  const left = folder();
  cpSync(stateDir, left, { recursive: true });
  return left;
}
