import { afterEach, describe, expect, test } from 'vitest';
import {
  arnOf,
  lambdaFunction,
  mapping,
  startWoken,
  type TestHandler,
  type WokenStack,
} from '../../support/woken.ts';

interface QueueEvent {
  Records: { messageId: string; body: string; attributes: Record<string, string> }[];
}

let stack: WokenStack;
afterEach(() => stack.stop());

function resources(options: Record<string, unknown> = {}, redrive = true) {
  return {
    Jobs: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'jobs',
        VisibilityTimeout: 360,
        ...(redrive ? { RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 3 } } : {}),
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Work: lambdaFunction('work'),
    WorkOnJobs: mapping(arnOf('Jobs'), 'Work', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...options,
    }),
  };
}

function start(work: TestHandler, options: Record<string, unknown> = {}, stateDir?: string) {
  stack = startWoken(resources(options), { work }, stateDir);
}

async function send(...bodies: string[]) {
  const Entries = bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
  await stack.context.ask('sqs', 'SendMessageBatch', { QueueUrl: 'jobs', Entries });
}

async function counts(QueueUrl: string) {
  const { Attributes } = await stack.context.ask('sqs', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['All'],
  });
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes as Record<
    string,
    string
  >;
  return [Number(ApproximateNumberOfMessages), Number(ApproximateNumberOfMessagesNotVisible)];
}

const bodiesOf = ({ Records }: QueueEvent) => Records.map(({ body }) => body);

describe('an event', () => {
  test('has the shape that Lambda gives it', async () => {
    const events: unknown[] = [];
    start((event) => void events.push(event));
    await stack.context.ask('sqs', 'SendMessage', {
      QueueUrl: 'jobs',
      MessageBody: '{"a":1}',
      MessageAttributes: {
        type: { DataType: 'String', StringValue: 'photo.ready' },
        raw: { DataType: 'Binary', BinaryValue: 'AQI=' },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
      },
    });
    await stack.idle();
    const lists = { stringListValues: [], binaryListValues: [] };
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: expect.any(String),
            receiptHandle: expect.any(String),
            body: '{"a":1}',
            attributes: {
              ApproximateReceiveCount: '1',
              SentTimestamp: expect.stringMatching(/^\d{13}$/),
              SenderId: 'developer',
              ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
              AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
            },
            messageAttributes: {
              type: { stringValue: 'photo.ready', ...lists, dataType: 'String' },
              raw: { binaryValue: 'AQI=', ...lists, dataType: 'Binary' },
            },
            md5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
            md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventSource: 'aws:sqs',
            eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:jobs',
            awsRegion: 'eu-west-1',
          },
        ],
      },
    ]);
  });

  test("is fetched and acknowledged in the function's name, and handed over by Lambda", async () => {
    start(() => undefined);
    await send('a');
    await stack.idle();
    const lambda = 'arn:aws:lambda:eu-west-1:000000000000:function:work';
    expect(new Set(stack.context.calls.map(({ principal, operation }) => [operation, principal]))).toEqual(
      new Set([
        ['ReceiveMessage', { kind: 'function', name: 'work', arn: lambda }],
        ['SendMessageBatch', expect.anything()],
        [
          'Invoke',
          {
            kind: 'service',
            name: 'lambda.amazonaws.com',
            sourceArn: 'arn:aws:sqs:eu-west-1:000000000000:jobs',
          },
        ],
        ['DeleteMessageBatch', { kind: 'function', name: 'work', arn: lambda }],
        ['ReceiveMessage', { kind: 'function', name: 'work', arn: lambda }],
      ]),
    );
  });
});

describe('what is deleted of three messages', () => {
  const ids = ({ Records }: QueueEvent) => Records.map(({ messageId }) => messageId);
  const fail = (...itemIdentifiers: unknown[]) => ({
    batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
  });
  const rows: [string, (event: QueueEvent) => unknown, number][] = [
    ['no answer', () => undefined, 3],
    ['null', () => null, 3],
    ['an empty object', () => ({}), 3],
    ['an empty list', () => ({ batchItemFailures: [] }), 3],
    ['no list', () => ({ batchItemFailures: null }), 3],
    ['one failure', (event) => fail(ids(event)[1]), 2],
    ['three failures', (event) => fail(...ids(event)), 0],
    ['the same failure twice', (event) => fail(ids(event)[0], ids(event)[0]), 2],
    ['an unknown message', () => fail('someone else'), 0],
    ['an empty identifier', () => fail(''), 0],
    ['an identifier that is null', () => fail(null), 0],
    ['a wrong key', (event) => ({ batchItemFailures: [{ messageId: ids(event)[0] }] }), 0],
    ['a list that is a text', () => ({ batchItemFailures: 'none' }), 0],
    ['an answer that is a text', () => 'done', 0],
    [
      'a throw',
      () => {
        throw new Error('no');
      },
      0,
    ],
  ];

  test.each(rows)('%s', async (_, work, deleted) => {
    start(work as TestHandler);
    await send('a', 'b', 'c');
    await stack.idle();
    expect(await counts('jobs')).toEqual([0, 3 - deleted]);
  });

  test('without ReportBatchItemFailures the answer says nothing', async () => {
    start((event: QueueEvent) => fail(...ids(event)), { FunctionResponseTypes: [] });
    await send('a', 'b', 'c');
    await stack.idle();
    expect(await counts('jobs')).toEqual([0, 0]);
  });
});

describe('failures', () => {
  test('come again after the visibility timeout and end in the dead-letter queue', async () => {
    const seen: string[] = [];
    start((event: QueueEvent) => {
      seen.push(...event.Records.map(({ attributes }) => attributes.ApproximateReceiveCount as string));
      throw new Error('poison');
    });
    await send('poison');
    await stack.pass(24 * 3_600_000, 360_000);
    expect(seen).toEqual(['1', '2', '3']);
    expect(await counts('jobs')).toEqual([0, 0]);
    expect(await counts('dead')).toEqual([1, 0]);
  });

  test('of the call itself leave the message where it is, and are told', async () => {
    start(() => undefined);
    stack.context.engines.delete('lambda');
    await send('a');
    await stack.idle();
    expect(await counts('jobs')).toEqual([0, 1]);
    expect(stack.context.logged).toEqual(['Lambda: jobs could not invoke work: No lambda is running here.']);
  });

  test('of reading are retried with pauses and told once', async () => {
    const bodies: string[] = [];
    start((event: QueueEvent) => void bodies.push(...bodiesOf(event)));
    const sqs = stack.context.engines.get('sqs');
    stack.context.engines.delete('sqs');
    await stack.pass(120_000, 20_000);
    if (sqs) stack.context.engines.set('sqs', sqs);
    await send('a');
    await stack.pass(60_000);
    expect(bodies).toEqual(['a']);
    expect(stack.context.logged).toHaveLength(1);
  });
});

describe('batches', () => {
  test('are no larger than the batch size', async () => {
    const batches: string[][] = [];
    start((event: QueueEvent) => void batches.push(bodiesOf(event)), { BatchSize: 2 });
    await send('a', 'b', 'c', 'd', 'e');
    await stack.idle();
    expect(batches.map(({ length }) => length).sort()).toEqual([1, 2, 2]);
  });

  test('with a window wait for more, up to the batch size', async () => {
    const batches: string[][] = [];
    start((event: QueueEvent) => void batches.push(bodiesOf(event)), {
      BatchSize: 12,
      MaximumBatchingWindowInSeconds: 300,
    });
    await send('a', 'b');
    await stack.context.clock.advance(200_000);
    await send('c');
    await stack.context.clock.advance(90_000);
    expect(batches).toEqual([]);
    await stack.pass(20_000);
    await send(...'1234567890');
    await send(...'abcdefghij');
    await stack.pass(300_000);
    expect(batches.map(({ length }) => length)).toEqual([3, 12, 8]);
  });

  test('are cut so that an event stays under 6 MiB', async () => {
    const sizes: number[] = [];
    start((event: QueueEvent) => void sizes.push(event.Records.length), {
      MaximumBatchingWindowInSeconds: 300,
    });
    for (let sent = 0; sent < 10; sent++) {
      await stack.context.ask('sqs', 'SendMessage', { QueueUrl: 'jobs', MessageBody: 'x'.repeat(1_000_000) });
    }
    await stack.idle();
    expect(sizes.toSorted()).toEqual([4, 6]);
  });

  test('are processed at the same time, but no more than MaximumConcurrency', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    start(
      async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
      },
      { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    );
    await send('a', 'b', 'c', 'd', 'e');
    await new Promise(setImmediate);
    expect(running).toBe(2);
    expect(await counts('jobs')).toEqual([3, 2]);
    gate.resolve();
    await stack.idle();
    expect(most).toBe(2);
    expect(await counts('jobs')).toEqual([0, 0]);
  });
});

describe('filters', () => {
  test('see a JSON body as its value; what they refuse is deleted', async () => {
    const bodies: string[] = [];
    const Pattern = JSON.stringify({ body: { type: ['photo.ready'], size: [{ numeric: ['>', 2] }] } });
    start((event: QueueEvent) => void bodies.push(...bodiesOf(event)), {
      FilterCriteria: { Filters: [{ Pattern }] },
    });
    await send('{"type":"photo.ready","size":3}', '{"type":"photo.ready","size":1}', 'photo.ready');
    await stack.idle();
    expect(bodies).toEqual(['{"type":"photo.ready","size":3}']);
    expect(await counts('jobs')).toEqual([0, 0]);
  });
});

describe('stopping', () => {
  test('what was under way comes again after the next start', async () => {
    const stuck = Promise.withResolvers<void>();
    start(() => stuck.promise);
    await send('a');
    await new Promise(setImmediate);
    await stack.stop({ remove: false });
    const bodies: string[] = [];
    start((event: QueueEvent) => void bodies.push(...bodiesOf(event)), {}, stack.context.stateDir);
    await stack.pass(360_000);
    expect(bodies).toEqual(['a']);
    stuck.resolve();
  });
});

describe('what deployment would refuse', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a queue whose messages come back too early',
      { Work: lambdaFunction('work', { Timeout: 361 }) },
      'visibility timeout of 360 s',
    ],
    [
      'a large batch without a window',
      resources({ BatchSize: 11 }),
      'needs a MaximumBatchingWindowInSeconds',
    ],
    [
      'another source',
      { WorkOnJobs: mapping('arn:aws:kinesis:eu-west-1:0:stream/x', 'Work') },
      'neither a queue nor',
    ],
    [
      'a filter with an unknown operator',
      resources({ FilterCriteria: { Filters: [{ Pattern: '{"body":[{"like":"x"}]}' }] } }),
      "the operator like isn't known here",
    ],
  ])('%s', async (_, changes, problem) => {
    expect(() => startWoken({ ...resources(), ...(changes as object) }, {})).toThrow(problem);
    start(() => undefined);
  });
});
