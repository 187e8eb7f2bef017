import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { BUCKET, SECOND, type Streams, startStreams, streamArn } from './stack.ts';

/** The hour, day and so on in which everything that the test puts arrives. */
const prefixAt = (time: number) =>
  `clicks/${new Date(time).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;

test('records wait for the interval and become one object, in the order in which they came', async () => {
  const stack = await startStreams();
  await stack.put('a\n', 'b\n');
  await stack.putOne('c\n');
  await stack.pass(58 * SECOND);
  expect(await stack.keys()).toEqual([]);
  await stack.pass(2 * SECOND);
  const [key = '', ...more] = await stack.keys();
  expect(more).toEqual([]);
  expect(await stack.text(key)).toBe('a\nb\nc\n');
});

test('the size of the buffer is reached before its interval', async () => {
  const stack = await startStreams();
  const half = 'x'.repeat(512 * 1024);
  await stack.put(half);
  await stack.idle();
  expect(await stack.keys()).toEqual([]);
  await stack.put(half);
  await stack.idle();
  const [key = ''] = await stack.keys();
  expect(await stack.text(key)).toBe(half + half);
});

test('an interval of no seconds delivers at once', async () => {
  const destination = { BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } };
  const stack = await startStreams({ destination });
  await stack.putOne('a');
  await stack.idle();
  expect(await stack.lines()).toEqual(['a']);
});

test('each interval begins with a record', async () => {
  const stack = await startStreams();
  await stack.putOne('a');
  await stack.pass(60 * SECOND);
  await stack.pass(30 * SECOND);
  await stack.putOne('b');
  await stack.pass(58 * SECOND);
  expect(await stack.lines()).toEqual(['a']);
  await stack.pass(2 * SECOND);
  expect((await stack.lines()).sort()).toEqual(['a', 'b']);
});

describe('an object', () => {
  const head = async ({ clientConfig }: Streams, Key: string) => {
    const s3 = new S3Client({ ...clientConfig, maxAttempts: 2, forcePathStyle: true });
    return await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
  };

  test('is named after the arrival of its oldest record, in UTC', async () => {
    const stack = await startStreams();
    const before = Math.floor(stack.clock.now());
    await stack.putOne('a');
    const after = Math.floor(stack.clock.now());
    await stack.pass(40 * SECOND);
    await stack.putOne('b');
    await stack.pass(20 * SECOND);
    const [key = ''] = await stack.keys();
    const name =
      /^(.*)clicks-1-(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const [, prefix, day, hour, minute, second] = name.exec(key) ?? [];
    const arrived = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
    expect(arrived).toBeGreaterThan(before - SECOND);
    expect(arrived).toBeLessThanOrEqual(after);
    expect(prefix).toBe(prefixAt(arrived));
    expect(await head(stack, key)).toMatchObject({ ContentType: 'application/octet-stream' });
    expect((await head(stack, key)).ContentEncoding).toBeUndefined();
  });

  test('is packed where the stream says so', async () => {
    const stack = await startStreams({ destination: { CompressionFormat: 'GZIP' } });
    await stack.put('a\n', 'b\n');
    await stack.pass(60 * SECOND);
    const [key = ''] = await stack.keys();
    expect(key).toMatch(/\.gz$/);
    expect(await head(stack, key)).toMatchObject({
      ContentType: 'application/octet-stream',
      ContentEncoding: 'gzip',
    });
    expect(await stack.text(key)).toBe('a\nb\n');
  });

  test('keeps bytes that are no text', async () => {
    const stack = await startStreams();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await stack.put(bytes as unknown as string);
    await stack.pass(60 * SECOND);
    const [key = ''] = await stack.keys();
    expect((await head(stack, key)).ContentLength).toBe(256);
    expect(await stack.text(key)).toBe(bytes.toString());
  });

  test('is written in the role of the stream', async () => {
    const stack = await startStreams();
    await stack.putOne('a');
    await stack.pass(60 * SECOND);
    const [key] = await stack.keys();
    const written = stack.gateway.record.read().filter(({ operation }) => operation === 'PutObject');
    expect(written).toMatchObject([
      {
        principal: { kind: 'service', name: 'firehose.amazonaws.com', sourceArn: streamArn },
        needs: [{ action: 's3:PutObject', resource: `arn:aws:s3:::${BUCKET}/${key}` }],
        result: 'ok',
      },
    ]);
  });
});

test('the bucket tells of the object', async () => {
  const queueArn = 'arn:aws:sqs:eu-west-1:000000000000:learning';
  const stack = await startStreams({
    resources: {
      Learning: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'learning' } },
      LearningPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Learning' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: queueArn,
            },
          },
        },
      },
      Clicks: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: BUCKET,
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Event: 's3:ObjectCreated:*',
                Queue: queueArn,
                Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'clicks/' }] } },
              },
            ],
          },
        },
      },
    },
  });
  await stack.putOne('a');
  await stack.pass(60 * SECOND);
  const { Messages } = await stack.gateway.call(
    { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' },
    'sqs',
    'ReceiveMessage',
    { QueueUrl: `${stack.endpoint}/000000000000/learning`, MaxNumberOfMessages: 10 },
  );
  const [key = ''] = await stack.keys();
  const [{ Records: [told] = [] } = {}, ...more] = (Messages as { Body: string }[]).map(({ Body }) =>
    JSON.parse(Body),
  );
  expect(more).toEqual([]);
  expect(told).toMatchObject({ eventName: 'ObjectCreated:Put', s3: { object: { key, size: 1 } } });
});

test('what waits can be delivered without letting time pass', async () => {
  const stack = await startStreams();
  await stack.put('a\n', 'bc\n');
  expect(stack.engine.streams()).toEqual([
    { name: 'clicks', buffered: { records: 2, bytes: 5 }, owedObjects: 0 },
  ]);
  await stack.engine.flush();
  expect(await stack.lines()).toEqual(['a', 'bc']);
  expect(stack.engine.streams()).toEqual([
    { name: 'clicks', buffered: { records: 0, bytes: 0 }, owedObjects: 0 },
  ]);
  await stack.pass(60 * SECOND);
  expect(await stack.keys()).toHaveLength(1);
});
