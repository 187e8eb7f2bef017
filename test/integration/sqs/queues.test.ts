import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../../offline/contract.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { stackOf } from '../../support/stack.ts';

const QUEUES = {
  Jobs: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'jobs',
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
    },
  },
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  Later: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'later', DelaySeconds: 60 } },
};

let stateDir: string;
let aws: TestGateway;
let sqs: SQSClient;
let polls: number;

async function start() {
  polls = 0;
  aws = await startTestGateway(
    (context) => [countingPolls(createSqsEngine(context, stackOf(context, QUEUES)))],
    { stateDir },
  );
  sqs = new SQSClient(aws.clientConfig);
}

/** Counts the ReceiveMessage calls that are under way. */
function countingPolls(engine: Engine): Engine {
  return {
    service: engine.service,
    needs: (call) => engine.needs(call),
    close: () => engine.close(),
    async handle(call) {
      if (call.operation !== 'ReceiveMessage') return engine.handle(call);
      polls++;
      return engine.handle(call).finally(() => polls--);
    },
  };
}

const pollsUnderWay = (count: number) =>
  vi.waitFor(() => expect(polls).toBe(count), { interval: 1, timeout: 5_000 });

async function stop() {
  sqs.destroy();
  await aws.stop();
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'afterparty-sqs-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(stateDir, { recursive: true });
});

const urlOf = (name: string) => `${aws.endpoint}/000000000000/${name}`;
const arnOf = (name: string) => `arn:aws:sqs:eu-west-1:000000000000:${name}`;

function send(body: string, more: Partial<SendMessageCommandInput> = {}) {
  return sqs.send(new SendMessageCommand({ QueueUrl: urlOf('jobs'), MessageBody: body, ...more }));
}

async function receive(name = 'jobs', more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: urlOf(name),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...more,
    }),
  );
  return Messages ?? [];
}

const bodies = (messages: Message[]) => messages.map((message) => message.Body);

function acknowledge(message: Message | undefined, name = 'jobs') {
  return sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(name), ReceiptHandle: message?.ReceiptHandle }));
}

async function counts(name: string) {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }),
  );
  return [
    Attributes.ApproximateNumberOfMessages,
    Attributes.ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
}

describe('sending and receiving', () => {
  test('a message comes back whole; the SDK has compared its digests', async () => {
    const sent = await send('{"photo":"é"}', {
      MessageAttributes: {
        type: { DataType: 'String', StringValue: 'photo.ready' },
        size: { DataType: 'Number', StringValue: '12.5' },
        raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 255]) },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
      },
    });
    const [message] = await receive();
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: '{"photo":"é"}',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: {
        ApproximateReceiveCount: '1',
        AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
      },
      MessageAttributes: {
        size: { DataType: 'Number', StringValue: '12.5' },
        raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 255]) },
      },
    });
    const sentAt = Number(message?.Attributes?.SentTimestamp);
    expect(Number(message?.Attributes?.ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(sentAt);
  });

  test('attributes come only when asked for, by name or by prefix', async () => {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    await send('x', {
      MessageAttributes: { 'trace.id': text('1'), 'trace.span': text('2'), other: text('3') },
    });
    const [message] = await receive('jobs', {
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['trace.*'],
    });
    expect(Object.keys(message?.Attributes ?? {})).toEqual(['SentTimestamp']);
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['trace.id', 'trace.span']);
  });

  test('a message is hidden for the visibility timeout, then comes again until it is deleted', async () => {
    await send('once');
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    await aws.clock.advance(30_000);
    const [second] = await receive();
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');

    await acknowledge(first);
    expect(await counts('jobs')).toEqual([0, 1, 0]);
    await acknowledge(second);
    expect(await counts('jobs')).toEqual([0, 0, 0]);
    await acknowledge(second);
  });

  test('the visibility timeout can be lengthened, and ended at once', async () => {
    await send('slow');
    const [message] = await receive();
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: urlOf('jobs'),
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(600);
    await aws.clock.advance(599_000);
    expect(await receive()).toEqual([]);
    await change(0);
    expect(bodies(await receive())).toEqual(['slow']);
    await expect(change(10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('delays of a queue and of a message', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('later'), MessageBody: 'queue' }));
    await send('own', { DelaySeconds: 5 });
    expect(await counts('later')).toEqual([0, 0, 1]);
    expect(await receive()).toEqual([]);
    await aws.clock.advance(5_000);
    expect(bodies(await receive())).toEqual(['own']);
    await aws.clock.advance(55_000);
    expect(bodies(await receive('later'))).toEqual(['queue']);
  });

  test('messages older than the retention period are gone', async () => {
    await send('old');
    await aws.clock.advance(345_600_000);
    expect(await receive()).toEqual([]);
    expect(await counts('jobs')).toEqual([0, 0, 0]);
  });
});

describe('long polls', () => {
  const longPoll = async () => {
    const answer = receive('jobs', { WaitTimeSeconds: 20 });
    await pollsUnderWay(1);
    return { answer };
  };

  test('a poll answers as soon as a message is sent', async () => {
    const { answer } = await longPoll();
    await send('hello');
    expect(bodies(await answer)).toEqual(['hello']);
  });

  test('a poll answers when a delay ends, and when a visibility timeout does', async () => {
    await send('delayed', { DelaySeconds: 7 });
    const delayed = await longPoll();
    await aws.clock.advance(7_000);
    expect(bodies(await delayed.answer)).toEqual(['delayed']);
    const again = await longPoll();
    await aws.clock.advance(19_000);
    expect(polls).toBe(1);
    const { answer } = again;
    await aws.clock.advance(1_000);
    expect(await answer).toEqual([]);
    const last = await longPoll();
    await aws.clock.advance(10_000);
    expect(bodies(await last.answer)).toEqual(['delayed']);
  });

  test('waiting polls are served in turn', async () => {
    const first = await longPoll();
    const second = receive('jobs', { WaitTimeSeconds: 20 });
    await pollsUnderWay(2);
    await send('one');
    await send('two');
    expect([await first.answer, await second].map(bodies)).toEqual([['one'], ['two']]);
  });

  test('twenty aborted polls swallow nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController();
      const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf('jobs'), WaitTimeSeconds: 20 }), {
        abortSignal: abort.signal,
      });
      const aborted = expect(poll).rejects.toMatchObject({ name: 'AbortError' });
      await pollsUnderWay(1);
      abort.abort();
      await aborted;
      await pollsUnderWay(0);
      await send(`message ${round}`);
      const [message] = await receive();
      expect(message?.Body).toBe(`message ${round}`);
      await acknowledge(message);
    }
  });
});

describe('dead letters', () => {
  test('a message received too often goes to the dead-letter queue at its next receive', async () => {
    await send('poison', { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    for (const count of ['1', '2']) {
      const [message] = await receive();
      expect(message?.Attributes?.ApproximateReceiveCount).toBe(count);
      await aws.clock.advance(30_000);
    }
    expect(await counts('dead')).toEqual([0, 0, 0]);
    expect(await receive()).toEqual([]);
    const [dead] = await receive('dead');
    expect(dead).toMatchObject({
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: arnOf('jobs') },
      MessageAttributes: { a: { StringValue: 'b' } },
    });
  });

  test('a redrive brings dead letters back to their source as new messages', async () => {
    await send('poison');
    await dieOf('poison');
    const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead') }));
    expect(TaskHandle).toBeTruthy();
    await aws.clock.advance(0);
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf('dead') }));
    expect(Results).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 1 },
    ]);
    const [message] = await receive();
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(message?.Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
  });

  test('a redrive keeps to its rate, survives a restart and can be cancelled', async () => {
    for (const body of ['a', 'b', 'c', 'd', 'e']) await sendTo('dead', body);
    const { TaskHandle } = await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: arnOf('dead'),
        DestinationArn: arnOf('later'),
        MaxNumberOfMessagesPerSecond: 2,
      }),
    );
    await expect(
      sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead') })),
    ).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await aws.clock.advance(0);
    expect(await counts('dead')).toEqual([3, 0, 0]);
    await stop();
    await start();
    await aws.clock.advance(0);
    expect(await counts('dead')).toEqual([1, 0, 0]);
    expect(await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).toMatchObject({
      ApproximateNumberOfMessagesMoved: 4,
    });
    await aws.clock.advance(60_000);
    expect(await counts('dead')).toEqual([1, 0, 0]);
    expect(bodies(await receive('later'))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a letter sent to the dead-letter queue directly has no way back of its own', async () => {
    await sendTo('dead', 'stray');
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead') }));
    await aws.clock.advance(0);
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf('dead') }));
    expect(Results).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    expect(await counts('dead')).toEqual([1, 0, 0]);
  });

  async function dieOf(body: string) {
    for (let round = 0; round < 2; round++) {
      expect(bodies(await receive())).toEqual([body]);
      await aws.clock.advance(30_000);
    }
    expect(await receive()).toEqual([]);
  }
});

describe('batches and errors', () => {
  test('each entry of a batch succeeds or fails by itself', async () => {
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf('jobs'),
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: 'bad \u0000' },
          { Id: 'c', MessageBody: 'two', DelaySeconds: 901 },
        ],
      }),
    );
    expect(sent.Successful?.map((entry) => entry.Id)).toEqual(['a']);
    expect(sent.Failed).toMatchObject([
      { Id: 'b', Code: 'InvalidMessageContents', SenderFault: true },
      { Id: 'c', Code: 'InvalidParameterValue', SenderFault: true },
    ]);
    const [message] = await receive();
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: urlOf('jobs'),
        Entries: [
          { Id: 'x', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'y', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: 'x' }]);
    expect(deleted.Failed).toMatchObject([{ Id: 'y', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await counts('jobs')).toEqual([0, 0, 0]);
  });

  test.each([
    ['EmptyBatchRequest', []],
    ['BatchEntryIdsNotDistinct', [entry('a'), entry('a')]],
    ['InvalidBatchEntryId', [entry('a b')]],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, at) => entry(`e${at}`))],
    ['BatchRequestTooLong', [entry('a', 600_000), entry('b', 600_000)]],
  ])('%s', async (name, Entries) => {
    await expect(
      sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf('jobs'), Entries })),
    ).rejects.toMatchObject({ name });
  });

  function entry(Id: string, bytes = 1) {
    return { Id, MessageBody: 'x'.repeat(bytes) };
  }

  test('one message may have 1 MiB, attributes included, and no more', async () => {
    const MessageAttributes = { k: { DataType: 'String', StringValue: 'v' } };
    const room = 1024 * 1024 - 'kStringv'.length;
    await send('x'.repeat(room), { MessageAttributes });
    await expect(send('x'.repeat(room + 1), { MessageAttributes })).rejects.toThrow(
      'Message must be shorter than 1048576 bytes',
    );
  });

  test('eleven attributes are one too many', async () => {
    const names = Array.from({ length: 11 }, (_, at) => `a${at}`);
    const MessageAttributes = Object.fromEntries(
      names.map((name) => [name, { DataType: 'String', StringValue: 'v' }]),
    );
    await expect(send('x', { MessageAttributes })).rejects.toThrow('[11] exceeds the allowed maximum [10]');
  });

  test('an unknown queue is told as both generations of clients know it', async () => {
    const error = await sendTo('nowhere', 'x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueueDoesNotExist);
    expect(error).toMatchObject({ Code: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  test('a queue is found by the last segment of its URL, whatever the host', async () => {
    const own = new SQSClient({ ...aws.clientConfig, useQueueUrlAsEndpoint: false });
    await own.send(
      new SendMessageCommand({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs', MessageBody: 'x' }),
    );
    own.destroy();
    expect(bodies(await receive())).toEqual(['x']);
  });
});

describe('managing', () => {
  test('queues by name, by list and by attribute', async () => {
    expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).toMatchObject({
      QueueUrl: urlOf('jobs'),
    });
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls).toEqual(['dead', 'jobs', 'later'].map(urlOf));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: urlOf('jobs'),
        AttributeNames: ['QueueArn', 'RedrivePolicy'],
      }),
    );
    expect(Attributes).toEqual({
      QueueArn: arnOf('jobs'),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 }),
    });
  });

  test('attributes can be set, and wrong ones are refused by name', async () => {
    const set = (Attributes: Record<string, string>) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf('jobs'), Attributes }));
    await set({ VisibilityTimeout: '5' });
    await send('quick');
    await receive();
    await aws.clock.advance(5_000);
    expect(bodies(await receive())).toEqual(['quick']);
    await expect(set({ VisibilityTimeout: '43201' })).rejects.toMatchObject({
      name: 'InvalidAttributeValue',
    });
    await expect(set({ Colour: 'red' })).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  });

  test('a purged queue is empty', async () => {
    await send('a');
    await send('b');
    await receive('jobs', { MaxNumberOfMessages: 1 });
    await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf('jobs') }));
    expect(await counts('jobs')).toEqual([0, 0, 0]);
  });
});

describe('restarts', () => {
  test('messages, their receives, their visibility and their handles survive', async () => {
    await send('in flight');
    await send('deleted');
    const [inFlight, deleted] = await receive();
    await acknowledge(deleted);
    await send('ready');
    await send('delayed', { DelaySeconds: 60 });
    await stop();
    await start();
    expect(await counts('jobs')).toEqual([1, 1, 1]);
    expect(bodies(await receive())).toEqual(['ready']);
    await aws.clock.advance(30_000);
    const back = await receive();
    expect(back.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount])).toEqual([
      ['in flight', '2'],
      ['ready', '2'],
    ]);
    await acknowledge(inFlight);
    expect(await counts('jobs')).toEqual([0, 2, 1]);
    await acknowledge(back[0]);
    expect(await counts('jobs')).toEqual([0, 1, 1]);
  });

  test('a torn last line costs nothing that was acknowledged', async () => {
    await send('kept');
    await stop();
    await appendFile(join(stateDir, 'sqs.jsonl'), '{"kind":"put","queue":"jobs","mess');
    await start();
    expect(bodies(await receive())).toEqual(['kept']);
  });
});

function sendTo(name: string, body: string) {
  return sqs.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody: body }));
}
