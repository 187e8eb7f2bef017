import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  type FirehoseServiceException,
  InvalidArgumentException,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  ResourceNotFoundException,
  ServiceUnavailableException,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { describe, expect, test } from 'vitest';
import { account } from '../../support/permission.ts';
import { roleWith } from '../../support/permission-stack.ts';
import {
  BUCKET,
  lambdaArn,
  SECOND,
  type Streams,
  startStreams,
  streamArn,
  streamResources,
} from './stack.ts';

const Name = { DeliveryStreamName: 'clicks' };
const LARGEST = 1_024_000;

/** Puts records of so many bytes. */
const putSizes = ({ firehose }: Streams, sizes: readonly number[]) =>
  firehose.send(
    new PutRecordBatchCommand({ ...Name, Records: sizes.map((size) => ({ Data: Buffer.alloc(size, 'x') })) }),
  );
const refusalOf = async (answer: Promise<unknown>) =>
  (await answer.then(
    () => new Error('It was taken.'),
    (error) => error,
  )) as FirehoseServiceException;

test('each record that is taken has an id of its own', async () => {
  const stack = await startStreams();
  const one = await stack.firehose.send(
    new PutRecordCommand({ ...Name, Record: { Data: Buffer.from('a') } }),
  );
  expect(one).toMatchObject({ RecordId: expect.stringMatching(/./), Encrypted: false });
  const batch = await putSizes(stack, [1, 1]);
  expect(batch).toMatchObject({ FailedPutCount: 0, Encrypted: false });
  const ids = [one.RecordId, ...(batch.RequestResponses ?? []).map(({ RecordId }) => RecordId)];
  expect(new Set(ids).size).toBe(3);
  expect(batch.RequestResponses?.every((each) => each.ErrorCode === undefined)).toBe(true);
});

describe('what is taken at most', () => {
  test('is a record of 1 000 KiB', async () => {
    const stack = await startStreams();
    await putSizes(stack, [LARGEST]);
    expect(await refusalOf(putSizes(stack, [1, LARGEST + 1]))).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
      $metadata: { httpStatusCode: 400 },
    });
    const Record = { Data: Buffer.alloc(LARGEST + 1) };
    expect(await refusalOf(stack.firehose.send(new PutRecordCommand({ ...Name, Record })))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("Value at 'record.data' failed"),
    });
  });

  test('is a batch of 500 records', async () => {
    const stack = await startStreams();
    await putSizes(
      stack,
      Array.from({ length: 500 }, () => 1),
    );
    const refusal = await refusalOf(
      putSizes(
        stack,
        Array.from({ length: 501 }, () => 1),
      ),
    );
    expect(refusal).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
    });
    await stack.pass(60 * SECOND);
    expect((await stack.lines()).join('')).toHaveLength(500);
  });

  test('is a batch of 4 MiB', async () => {
    const stack = await startStreams({
      destination: { BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 128 } },
    });
    const four = [LARGEST, LARGEST, LARGEST, LARGEST];
    const rest = 4 * 1024 * 1024 - 4 * LARGEST;
    await putSizes(stack, [...four, rest]);
    const refusal = await refusalOf(putSizes(stack, [...four, rest + 1]));
    expect(refusal).toBeInstanceOf(InvalidArgumentException);
    expect(refusal.message).toBe('Records size exceeds 4 MB limit');
    expect(stack.engine.streams()).toMatchObject([{ buffered: { bytes: 4 * 1024 * 1024 } }]);
  });
});

test('a record may be empty, a batch may not', async () => {
  const stack = await startStreams();
  await putSizes(stack, [0]);
  expect(await refusalOf(putSizes(stack, []))).toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('greater than or equal to 1'),
  });
});

test('a stream that is not there is told from a name that none can have', async () => {
  const stack = await startStreams();
  const to = (DeliveryStreamName: string) =>
    refusalOf(
      stack.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('a') } })),
    );
  const missing = await to('other');
  expect(missing).toBeInstanceOf(ResourceNotFoundException);
  expect(missing.message).toBe(`Firehose other under account ${account} not found.`);
  expect(await to('a b')).toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining("'deliveryStreamName'"),
  });
  expect(await to('x'.repeat(65))).toMatchObject({ name: 'ValidationException' });
});

test('what is no request of the API is refused as such', async () => {
  const stack = await startStreams();
  const send = (input: object) => {
    const client = new FirehoseClient({ ...stack.clientConfig, maxAttempts: 1 });
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: unknown }).body = JSON.stringify(input);
        return next(args);
      },
      { step: 'build', priority: 'high' },
    );
    return refusalOf(client.send(new PutRecordCommand({ ...Name, Record: { Data: Buffer.from('a') } })));
  };
  expect(await send({ ...Name, Record: { Data: 'no base64!' } })).toMatchObject({
    name: 'SerializationException',
  });
  expect(await send({ ...Name, Record: { Data: 7 } })).toMatchObject({ name: 'SerializationException' });
  expect(await send({ ...Name, Record: 'a' })).toMatchObject({ name: 'SerializationException' });
  expect(await send({ ...Name, Record: {} })).toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value null at 'record.data' failed to satisfy constraint: Member must not be null",
  });
  expect(await send({ Record: { Data: '' } })).toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining("'deliveryStreamName'"),
  });
  const update = new UpdateDestinationCommand({
    ...Name,
    CurrentDeliveryStreamVersionId: '1',
    DestinationId: 'destinationId-000000000001',
  });
  expect(await refusalOf(stack.firehose.send(update))).toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('PutRecordBatch'),
  });
});

test('a stream is described with its defaults', async () => {
  const stack = await startStreams({
    shape: () => undefined,
    destination: { BufferingHints: undefined },
  });
  const { DeliveryStreamDescription } = await stack.firehose.send(new DescribeDeliveryStreamCommand(Name));
  const role = expect.stringMatching(/^arn:aws:iam::\d{12}:role\//);
  expect(DeliveryStreamDescription).toMatchObject({
    DeliveryStreamName: 'clicks',
    DeliveryStreamARN: streamArn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: 'DirectPut',
    VersionId: '1',
    HasMoreDestinations: false,
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        S3DestinationDescription: { BucketARN: `arn:aws:s3:::${BUCKET}` },
        ExtendedS3DestinationDescription: {
          BucketARN: `arn:aws:s3:::${BUCKET}`,
          RoleARN: role,
          Prefix: 'clicks/!{timestamp:yyyy/MM/dd/HH}/',
          ErrorOutputPrefix: 'refused/!{firehose:error-output-type}/',
          BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 5 },
          CompressionFormat: 'UNCOMPRESSED',
          EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
          S3BackupMode: 'Disabled',
          ProcessingConfiguration: {
            Enabled: true,
            Processors: [
              {
                Type: 'Lambda',
                Parameters: expect.arrayContaining([
                  { ParameterName: 'LambdaArn', ParameterValue: lambdaArn },
                  { ParameterName: 'NumberOfRetries', ParameterValue: '3' },
                  { ParameterName: 'BufferSizeInMBs', ParameterValue: '1' },
                  { ParameterName: 'BufferIntervalInSeconds', ParameterValue: '60' },
                ]),
              },
            ],
          },
        },
      },
    ],
  });
});

test('streams are listed by name, in pages', async () => {
  const { Stream } = streamResources({});
  const named = (DeliveryStreamName: string) => ({
    ...Stream,
    Type: 'AWS::KinesisFirehose::DeliveryStream',
    Properties: { ...Stream?.Properties, DeliveryStreamName },
  });
  const stack = await startStreams({ resources: { B: named('b'), A: named('a') } });
  const list = async (input: object) => {
    const answer = await stack.firehose.send(new ListDeliveryStreamsCommand(input));
    return [answer.DeliveryStreamNames, answer.HasMoreDeliveryStreams];
  };
  expect(await list({})).toEqual([['a', 'b', 'clicks'], false]);
  expect(await list({ Limit: 2 })).toEqual([['a', 'b'], true]);
  expect(await list({ Limit: 2, ExclusiveStartDeliveryStreamName: 'b' })).toEqual([['clicks'], false]);
  expect(await list({ DeliveryStreamType: 'KinesisStreamAsSource' })).toEqual([[], false]);
});

test('a function needs the right to put records', async () => {
  const Resource = streamArn;
  const stack = await startStreams({
    resources: { ShapeRole: roleWith({ Action: 'firehose:PutRecordBatch', Resource }) },
  });
  const credentials = stack.gateway.credentials.issueKey({ kind: 'function', name: 'shape', arn: lambdaArn });
  const firehose = new FirehoseClient({ ...stack.clientConfig, credentials });
  const Record = { Data: Buffer.from('a') };
  await firehose.send(new PutRecordBatchCommand({ ...Name, Records: [Record] }));
  expect(await refusalOf(firehose.send(new PutRecordCommand({ ...Name, Record })))).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`firehose:PutRecord on resource: ${streamArn}`),
  });
});

test('the stack does not start where the role is for Firehose in another account', async () => {
  const StreamRole = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'firehose.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': '111111111111' } },
        },
      },
    },
  };
  await expect(startStreams({ resources: { StreamRole } })).rejects.toThrow(
    'Stream: StreamRole does not let firehose.amazonaws.com assume it.',
  );
});

test('what a fault leaves out of a batch is told record by record, and is not delivered', async () => {
  const stack = await startStreams();
  stack.fail({ name: 'partly', service: 'firehose', effect: { kind: 'partial', share: 0.5 } });
  const texts = Array.from({ length: 40 }, (_, index) => `${index}`);
  const Records = texts.map((text) => ({ Data: Buffer.from(`${text}\n`) }));
  const { FailedPutCount, RequestResponses = [] } = await stack.firehose.send(
    new PutRecordBatchCommand({ ...Name, Records }),
  );
  const taken = texts.filter((_, index) => RequestResponses[index]?.RecordId !== undefined);
  const failed = RequestResponses.filter(({ ErrorCode }) => ErrorCode === 'ServiceUnavailableException');
  expect(FailedPutCount).toBe(failed.length);
  expect(taken.length + failed.length).toBe(40);
  expect(Math.min(taken.length, failed.length)).toBeGreaterThan(0);
  await stack.pass(60 * SECOND);
  expect(await stack.lines()).toEqual(taken);
});

test('who calls too often is told so', async () => {
  const stack = await startStreams();
  stack.fail({ name: 'busy', service: 'firehose', effect: { kind: 'throttle' } });
  const client = new FirehoseClient({ ...stack.clientConfig, maxAttempts: 1 });
  const refusal = await refusalOf(
    client.send(new PutRecordCommand({ ...Name, Record: { Data: Buffer.from('a') } })),
  );
  expect(refusal).toBeInstanceOf(ServiceUnavailableException);
  expect(refusal.$metadata.httpStatusCode).toBe(503);
});
