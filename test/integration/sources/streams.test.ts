import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer, Call, Engine } from '../../../offline/contract.ts';
import {
  arnOf,
  lambdaFunction,
  mapping,
  startWoken,
  type TestHandler,
  type WokenStack,
} from '../../support/woken.ts';

interface StreamEvent {
  Records: {
    eventName: string;
    eventSourceARN: string;
    dynamodb: { SequenceNumber: string; Keys: { pk: { S: string } }; NewImage?: { n: { N: string } } };
  }[];
}

let stack: WokenStack;
afterEach(() => stack.stop());

function start(work: TestHandler, options: Record<string, unknown> = {}, stateDir?: string) {
  stack = startWoken(
    {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'items',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
      Failures: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failures' } },
      Announce: lambdaFunction('announce'),
      AnnounceTable: mapping({ 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Announce', {
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...options,
      }),
    },
    { announce: work },
    stateDir,
  );
}

function put(pk: string, n = 0) {
  const Item = { pk: { S: pk }, n: { N: String(n) } };
  return stack.context.ask('dynamodb', 'PutItem', { TableName: 'items', Item });
}

/** Puts items whose records arrive as one page. */
async function putAll(...keys: string[]) {
  const TransactItems = keys.map((pk) => ({ Put: { TableName: 'items', Item: { pk: { S: pk } } } }));
  await stack.context.ask('dynamodb', 'TransactWriteItems', { TransactItems });
}

const keysOf = ({ Records }: StreamEvent) => Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);

async function failures(): Promise<Record<string, never>[]> {
  const { Messages = [] } = await stack.context.ask('sqs', 'ReceiveMessage', {
    QueueUrl: 'failures',
    MaxNumberOfMessages: 10,
  });
  return (Messages as { Body: string }[]).map(({ Body }) => JSON.parse(Body));
}

describe('an event', () => {
  test('has the shape that Lambda gives it, and comes as soon as the item is written', async () => {
    const events: StreamEvent[] = [];
    start((event: StreamEvent) => void events.push(event));
    await put('a', 1);
    await stack.idle();
    expect(events).toEqual([
      {
        Records: [
          {
            eventID: expect.any(String),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'eu-west-1',
            eventSourceARN: expect.stringMatching(
              /^arn:aws:dynamodb:eu-west-1:000000000000:table\/items\/stream\//,
            ),
            dynamodb: {
              ApproximateCreationDateTime: expect.any(Number),
              Keys: { pk: { S: 'a' } },
              NewImage: { pk: { S: 'a' }, n: { N: '1' } },
              SequenceNumber: expect.any(String),
              SizeBytes: expect.any(Number),
              StreamViewType: 'NEW_AND_OLD_IMAGES',
            },
          },
        ],
      },
    ]);
  });

  test('holds only what the filters want', async () => {
    const seen: string[] = [];
    const Pattern = JSON.stringify({
      eventName: ['INSERT'],
      dynamodb: { NewImage: { n: { N: ['1', '2'] } } },
    });
    start((event: StreamEvent) => void seen.push(...keysOf(event)), {
      FilterCriteria: { Filters: [{ Pattern }] },
    });
    await put('a', 1);
    await put('b', 3);
    await put('c', 2);
    await put('c', 1);
    await stack.idle();
    expect(seen).toEqual(['a', 'c']);
  });
});

describe('positions', () => {
  test('a restart goes on after what was done, with what was not', async () => {
    const seen: string[] = [];
    const stuck = Promise.withResolvers<void>();
    start(async (event: StreamEvent) => {
      if (keysOf(event).includes('stuck')) await stuck.promise;
      seen.push(...keysOf(event));
    });
    await put('a');
    await put('b');
    await stack.idle();
    await put('stuck');
    await new Promise(setImmediate);
    await stack.stop({ remove: false });
    expect(seen).toEqual(['a', 'b']);
    const again: string[] = [];
    start((event: StreamEvent) => void again.push(...keysOf(event)), {}, stack.context.stateDir);
    await put('c');
    await stack.idle();
    expect(again).toEqual(['stuck', 'c']);
    stuck.resolve();
  });

  test('LATEST begins with what is written after the first start, and forgets nothing later', async () => {
    const work = (seen: string[]) => (event: StreamEvent) => void seen.push(...keysOf(event));
    const first: string[] = [];
    start(work(first));
    await put('before');
    await stack.stop({ remove: false });

    const latest: string[] = [];
    const options = { StartingPosition: 'LATEST' };
    const { stateDir } = stack.context;
    await rm(join(stateDir, 'lambda'), { recursive: true });
    start(work(latest), options, stateDir);
    await stack.idle();
    stack.context.engines.delete('lambda');
    await put('unseen');
    await stack.stop({ remove: false });
    expect(latest).toEqual([]);

    start(work(latest), options, stateDir);
    await put('new');
    await stack.idle();
    expect(latest).toEqual(['unseen', 'new']);
  });

  test('after more than a day of standstill reading goes on with what the stream still has', async () => {
    const seen: string[] = [];
    let isBroken = true;
    start((event: StreamEvent) => {
      if (isBroken) throw new Error('not yet');
      seen.push(...keysOf(event));
    });
    await put('old');
    await stack.pass(25 * 3_600_000, 600_000);
    isBroken = false;
    await put('new');
    await stack.pass(60_000);
    expect(seen).toEqual(['new']);
  });
});

describe('failures', () => {
  const poisoned = (poison: string, calls: string[][] = []) => ({
    calls,
    work: (event: StreamEvent) => {
      calls.push(keysOf(event));
      if (keysOf(event).includes(poison)) throw new Error('poison');
    },
  });

  test('bisecting isolates the poison record; every other is processed, in order, and only once', async () => {
    const { calls, work } = poisoned('e');
    start(work, {
      FunctionResponseTypes: [],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: arnOf('Failures') } },
    });
    await putAll('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    await stack.pass(60_000, 1_000);
    expect(calls.map((keys) => keys.join(''))).toEqual([
      'abcdefgh',
      'abcd',
      'efgh',
      'ef',
      'e',
      'e',
      'e',
      'f',
      'gh',
    ]);
    const [report] = await failures();
    expect(report).toMatchObject({
      version: '1.0',
      requestContext: {
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:announce',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { functionError: 'Unhandled' },
      DDBStreamBatchInfo: { batchSize: 1, shardId: expect.any(String) },
    });
  });

  test('without bisecting the whole batch is retried, then given up', async () => {
    const { calls, work } = poisoned('b');
    start(work, {
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: arnOf('Failures') } },
    });
    await putAll('a', 'b', 'c');
    await stack.pass(60_000, 1_000);
    await put('d');
    await stack.idle();
    expect(calls.map((keys) => keys.join(''))).toEqual(['abc', 'abc', 'd']);
    expect(await failures()).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 3 } }]);
  });

  test('a reported failure is where the next attempt begins', async () => {
    const calls: string[][] = [];
    start((event: StreamEvent) => {
      calls.push(keysOf(event));
      const failed = event.Records.filter(
        ({ dynamodb }) => calls.length === 1 && 'ce'.includes(dynamodb.Keys.pk.S),
      );
      return {
        batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
      };
    });
    await putAll('a', 'b', 'c', 'd', 'e');
    await stack.pass(1_000);
    expect(calls.map((keys) => keys.join(''))).toEqual(['abcde', 'cde']);
  });

  test('a poison record that is reported is isolated too, and costs no other its attempts', async () => {
    const calls: string[][] = [];
    start(
      (event: StreamEvent) => {
        calls.push(keysOf(event));
        const failed = event.Records.filter(({ dynamodb }) => dynamodb.Keys.pk.S === 'b');
        return {
          batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
        };
      },
      { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 },
    );
    await putAll('a', 'b', 'c', 'd');
    await stack.pass(10_000, 1_000);
    expect(calls.map((keys) => keys.join(''))).toEqual(['abcd', 'bcd', 'bc', 'b', 'c', 'd']);
    expect(stack.context.logged).toEqual([
      'Lambda: announce gave up 1 stream records: RetryAttemptsExhausted',
    ]);
  });

  test('an attempt that got further does not count as a retry', async () => {
    const done: string[] = [];
    start(
      (event: StreamEvent) => {
        const [first, next] = event.Records.map(({ dynamodb }) => dynamodb);
        done.push(String(first?.Keys.pk.S));
        return { batchItemFailures: next ? [{ itemIdentifier: next.SequenceNumber }] : [] };
      },
      { MaximumRetryAttempts: 1 },
    );
    await putAll('a', 'b', 'c', 'd');
    await stack.pass(10_000, 1_000);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a malformed answer fails the batch', async () => {
    const calls: string[][] = [];
    start((event: StreamEvent) => {
      calls.push(keysOf(event));
      return calls.length === 1 ? { batchItemFailures: [{ itemIdentifier: '' }] } : undefined;
    });
    await putAll('a', 'b');
    await stack.pass(1_000);
    expect(calls.map((keys) => keys.join(''))).toEqual(['ab', 'ab']);
  });

  test('records over MaximumRecordAgeInSeconds are given up, younger ones are not', async () => {
    const calls: string[][] = [];
    let isBroken = true;
    start(
      (event: StreamEvent) => {
        calls.push(keysOf(event));
        if (isBroken) throw new Error('down');
      },
      {
        MaximumRecordAgeInSeconds: 3_600,
        DestinationConfig: { OnFailure: { Destination: arnOf('Failures') } },
      },
    );
    await put('old');
    await stack.pass(3_500_000, 20_000);
    await put('young');
    await stack.pass(200_000, 20_000);
    isBroken = false;
    await stack.pass(120_000, 20_000);
    expect(calls.at(-1)).toEqual(['young']);
    expect(await failures()).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded' }, DDBStreamBatchInfo: { batchSize: 1 } },
    ]);
  });

  test('a bucket as destination gets the records themselves', async () => {
    const objects: { Bucket: string; Key: string; Body: string }[] = [];
    start(
      () => {
        throw new Error('poison');
      },
      {
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::operations' } },
      },
    );
    stack.context.engines.set('s3', bucketFor(objects));
    await put('a', 7);
    await stack.idle();
    const [object] = objects;
    expect(object).toMatchObject({
      Bucket: 'operations',
      Key: expect.stringMatching(/^aws\/lambda\/.+\/shardId/),
    });
    const report = JSON.parse(object?.Body ?? '');
    expect(JSON.parse(report.payload).Records[0].dynamodb.NewImage).toEqual({
      pk: { S: 'a' },
      n: { N: '7' },
    });
  });

  function bucketFor(objects: unknown[]): Engine {
    return {
      service: 's3',
      needs: () => [],
      async handle({ input }: Call): Promise<Answer> {
        objects.push(input);
        return { output: {} };
      },
      close: async () => {},
    };
  }
});

describe('batches', () => {
  test('of one shard follow one another, no larger than the batch size', async () => {
    const calls: string[][] = [];
    let running = 0;
    start(
      async (event: StreamEvent) => {
        expect(++running).toBe(1);
        calls.push(keysOf(event));
        await new Promise(setImmediate);
        running--;
      },
      { BatchSize: 2 },
    );
    await putAll('a', 'b', 'c', 'd', 'e');
    await stack.idle();
    expect(calls.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(calls.every((keys) => keys.length <= 2)).toBe(true);
  });

  test('with a parallelization factor each key keeps its order, and one stuck key holds up no other lane', async () => {
    const versions = new Map<string, number[]>();
    const stuck = Promise.withResolvers<void>();
    start(
      async (event: StreamEvent) => {
        for (const { dynamodb } of event.Records) {
          const key = dynamodb.Keys.pk.S;
          if (key === 'stuck') await stuck.promise;
          const seen = versions.get(key) ?? [];
          versions.set(key, [...seen, Number(dynamodb.NewImage?.n.N)]);
        }
      },
      { ParallelizationFactor: 10, BatchSize: 5 },
    );
    await put('stuck');
    for (let version = 1; version <= 3; version++) {
      for (const key of 'abcdefghij') await put(key, version);
    }
    await new Promise(setImmediate);
    const free = [...versions.values()];
    expect(free.length).toBeGreaterThan(5);
    stuck.resolve();
    await stack.idle();
    expect([...versions].filter(([key]) => key !== 'stuck').map(([, seen]) => seen)).toEqual(
      Array(10).fill([1, 2, 3]),
    );
  });

  test('with a window wait for more', async () => {
    const calls: string[][] = [];
    start((event: StreamEvent) => void calls.push(keysOf(event)), { MaximumBatchingWindowInSeconds: 60 });
    await put('a');
    await stack.context.clock.advance(50_000);
    await put('b');
    expect(calls).toEqual([]);
    await stack.pass(10_000);
    expect(calls).toEqual([['a', 'b']]);
  });
});
