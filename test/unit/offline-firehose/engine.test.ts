import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFirehoseEngine, type FirehoseEngine } from '../../../offline/firehose/engine.ts';
import { createS3Engine } from '../../../offline/s3/engine.ts';
import { type TestContext, testContext } from '../../support/context.ts';
import { stackOf } from '../../support/stack.ts';

let context: TestContext;
beforeEach(() => {
  context = testContext();
});
afterEach(() => context.stop());

function start(on: TestContext, IntervalInSeconds: number): FirehoseEngine {
  const stack = stackOf(on, {
    Clicks: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'clicks' } },
    Stream: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: {
        DeliveryStreamName: 'clicks',
        ExtendedS3DestinationConfiguration: {
          BucketARN: 'arn:aws:s3:::clicks',
          RoleARN: 'arn:aws:iam::000000000000:role/any',
          BufferingHints: { IntervalInSeconds, SizeInMBs: 1 },
        },
      },
    },
  });
  const engine = createFirehoseEngine(on, stack);
  on.engines.set('s3', createS3Engine(on, stack));
  on.engines.set('firehose', engine);
  return engine;
}

const put = (on: TestContext, text: string) =>
  on.ask('firehose', 'PutRecord', {
    DeliveryStreamName: 'clicks',
    Record: { Data: Buffer.from(text).toString('base64') },
  });

async function stored(): Promise<string[]> {
  const { Contents } = await context.ask('s3', 'ListObjectsV2', { Bucket: 'clicks' });
  const keys = [Contents ?? []].flat() as { Key: string }[];
  return await Promise.all(
    keys.map(async ({ Key }) => {
      const { Body } = await context.ask('s3', 'GetObject', { Bucket: 'clicks', Key });
      return (await buffer(Body as NodeJS.ReadableStream)).toString();
    }),
  );
}

test('a record that comes before what the last run left is looked at is delivered with it, once', async () => {
  const before = start(context, 60);
  await put(context, 'a');
  await before.close();
  await context.stop({ remove: false });
  context = testContext(context.stateDir);
  const after = start(context, 0);
  await put(context, 'b');
  await after.idle();
  expect(await stored()).toEqual(['ab']);
});

test('what is due at this moment counts as under way', async () => {
  const engine = start(context, 0);
  await engine.idle();
  expect(engine.busy).toBe(false);
  const answer = put(context, 'a');
  expect(engine.busy).toBe(true);
  await answer;
  await engine.idle();
  expect(await stored()).toEqual(['a']);
});

test('a stopped engine takes nothing any more', async () => {
  const engine = start(context, 60);
  const closed = engine.close();
  await expect(put(context, 'a')).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
  await closed;
});
