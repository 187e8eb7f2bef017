import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Background } from '../../../offline/activity.ts';
import { type Engine, ServiceError } from '../../../offline/contract.ts';
import type { Fault } from '../../../offline/gateway/fault.ts';
import { createSnsEngine } from '../../../offline/sns/engine.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { stackOf } from '../../support/stack.ts';

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });
const subscription = (endpoint: string, more: Record<string, unknown> = {}) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: { Ref: 'Activity' }, Protocol: 'sqs', Endpoint: arn(endpoint), ...more },
});

const RESOURCES = {
  Activity: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'activity' } },
  Everything: queue('everything'),
  Raw: queue('raw'),
  Lost: queue('lost'),
  Spare: queue('spare'),
  ToEverything: subscription('Everything'),
  ToRaw: subscription('Raw', {
    RawMessageDelivery: true,
    FilterPolicy: { type: ['photo.ready'] },
    RedrivePolicy: { deadLetterTargetArn: arn('Lost') },
  }),
};

let stateDir: string;
let aws: TestGateway;
let engine: Engine & Background;
let sns: SNSClient;
let sqs: SQSClient;
/** The error that SendMessage to a queue ends with, by the queue's name. */
let failing: Map<string, ServiceError>;
let logged: string[];

const fault: Fault = {
  async apply(call, next) {
    const name = String(call.input.QueueUrl).split('/').at(-1) as string;
    const error = call.operation === 'SendMessage' ? failing.get(name) : undefined;
    if (error) throw error;
    return next(call);
  },
};

async function start() {
  aws = await startTestGateway(
    (context) => {
      const stack = stackOf(context, RESOURCES);
      engine = createSnsEngine(context, stack);
      return [engine, createSqsEngine(context, stack)];
    },
    { stateDir, fault, log: (line) => logged.push(line) },
  );
  sns = new SNSClient(aws.clientConfig);
  sqs = new SQSClient(aws.clientConfig);
}

async function stop() {
  sns.destroy();
  sqs.destroy();
  await aws.stop();
}

beforeEach(async () => {
  failing = new Map();
  logged = [];
  stateDir = await mkdtemp(join(tmpdir(), 'afterparty-sns-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(stateDir, { recursive: true });
});

const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:activity';
const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const ready = { type: text('photo.ready') };

async function publish(Message: string, more: Partial<PublishCommandInput> = {}) {
  const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message, ...more }));
  await engine.idle();
  return MessageId;
}

async function received(name: string): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: `${aws.endpoint}/000000000000/${name}`,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}

const bodies = async (name: string) => (await received(name)).map(({ Body }) => Body);

describe('publishing', () => {
  test('an envelope tells message, topic, subject and attributes', async () => {
    const MessageId = await publish('hello', {
      Subject: 'A photo',
      MessageAttributes: { type: text('other'), size: { DataType: 'Number', StringValue: '3' } },
    });
    const [message] = await received('everything');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'A photo',
      Message: 'hello',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      MessageAttributes: { type: { Type: 'String', Value: 'other' }, size: { Type: 'Number', Value: '3' } },
    });
    expect(message?.MessageAttributes).toBeUndefined();
  });

  test('a raw delivery is the message itself, its attributes those of the queue', async () => {
    await publish('hello', {
      MessageAttributes: { ...ready, raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) } },
    });
    const [message] = await received('raw');
    expect(message).toMatchObject({
      Body: 'hello',
      Attributes: { SenderId: 'sns.amazonaws.com' },
      MessageAttributes: { type: text('photo.ready'), raw: { BinaryValue: new Uint8Array([1, 2]) } },
    });
  });

  test('the filter policy decides', async () => {
    await publish('no', { MessageAttributes: { type: text('photo.deleted') } });
    await publish('none');
    await publish('yes', { MessageAttributes: ready });
    expect(await bodies('raw')).toEqual(['yes']);
    expect(await received('everything')).toHaveLength(3);
  });

  test('a delivery passes the gateway as SNS, in the name of the topic', async () => {
    await publish('hello', { MessageAttributes: ready });
    const sends = aws.gateway.record.read().filter(({ operation }) => operation === 'SendMessage');
    expect(sends.map(({ principal, needs }) => [principal, needs[0]?.resource])).toEqual(
      ['everything', 'raw'].map((name) => [
        { kind: 'service', name: 'sns.amazonaws.com', sourceArn: TopicArn },
        `arn:aws:sqs:eu-west-1:000000000000:${name}`,
      ]),
    );
  });

  test('a batch is published entry by entry', async () => {
    const { Successful, Failed } = await sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'one', MessageAttributes: ready },
          { Id: 'b', Message: '' },
          { Id: 'c', Message: 'two', MessageAttributes: ready },
        ],
      }),
    );
    await engine.idle();
    expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
    expect(await bodies('raw')).toEqual(['one', 'two']);
  });

  test('MessageStructure json gives each protocol its own text', async () => {
    await publish(JSON.stringify({ default: 'for all', sqs: 'for queues' }), {
      MessageStructure: 'json',
      MessageAttributes: ready,
    });
    expect(await bodies('raw')).toEqual(['for queues']);
  });

  test.each<[string, Partial<PublishCommandInput>, string]>([
    ['an unknown topic', { TopicArn: `${TopicArn}x` }, 'NotFoundException'],
    ['an empty message', { Message: '' }, 'InvalidParameterException'],
    ['more than 256 KiB', { Message: 'x'.repeat(256 * 1024 + 1) }, 'InvalidParameterException'],
    [
      'a number that is none',
      { MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } },
      'InvalidParameterException',
    ],
  ])('%s is refused', async (_, more, name) => {
    await expect(publish('x', more)).rejects.toMatchObject({ name });
  });
});

describe('deliveries that fail', () => {
  const down = new ServiceError('ServiceUnavailable', 'down', 503);

  test('are retried on the clock until the queue is back', async () => {
    failing.set('raw', down);
    await publish('late', { MessageAttributes: ready });
    await passing(24 * 3600);
    failing.clear();
    expect(await bodies('raw')).toEqual([]);
    await passing(20);
    expect(await bodies('raw')).toEqual(['late']);
    expect(await bodies('lost')).toEqual([]);
  });

  test('are still owed after a restart', async () => {
    failing.set('raw', down);
    await publish('late', { MessageAttributes: ready });
    await stop();
    failing.clear();
    await start();
    await aws.clock.advance(20_000);
    await engine.idle();
    expect(await bodies('raw')).toEqual(['late']);
  });

  test('go to the dead-letter queue at once where trying again is no help', async () => {
    failing.set('raw', new ServiceError('AccessDenied', 'no', 403));
    await publish('refused', { MessageAttributes: ready });
    expect(await received('lost')).toMatchObject([
      { Body: 'refused', MessageAttributes: { type: text('photo.ready') } },
    ]);
  });

  test('without a dead-letter queue are lost, and that is said', async () => {
    failing.set('everything', new ServiceError('AccessDenied', 'no', 403));
    await publish('refused');
    expect(logged.join()).toContain('a message to arn:aws:sqs:eu-west-1:000000000000:everything was lost');
  });

  test('eleven attributes are too many for a raw delivery', async () => {
    const names = Array.from({ length: 10 }, (_, at) => [`a${at}`, text('x')]);
    await publish('many', { MessageAttributes: { ...ready, ...Object.fromEntries(names) } });
    expect(await bodies('raw')).toEqual([]);
    expect(await received('everything')).toHaveLength(1);
  });

  /** Lets seconds pass in small steps, each long enough for every attempt that falls due in it. */
  async function passing(seconds: number) {
    for (let passed = 0; passed < seconds; passed += 20) {
      await aws.clock.advance(20_000);
      await engine.idle();
    }
  }
});

describe('subscriptions', () => {
  const Endpoint = 'arn:aws:sqs:eu-west-1:000000000000:spare';

  test('are listed, read, changed, made and ended', async () => {
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ TopicArn, SubscriptionsConfirmed: '2' });
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint,
        Attributes: { RawMessageDelivery: 'true' },
        ReturnSubscriptionArn: true,
      }),
    );
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions?.map((each) => each.Endpoint?.split(':').at(-1))).toEqual([
      'everything',
      'raw',
      'spare',
    ]);
    await publish('one');
    await sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicy',
        AttributeValue: '{"type":["photo.ready"]}',
      }),
    );
    await publish('two');
    expect(await bodies('spare')).toEqual(['one']);
    const told = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(told.Attributes).toMatchObject({
      RawMessageDelivery: 'true',
      FilterPolicy: '{"type":["photo.ready"]}',
    });
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await publish('three', { MessageAttributes: ready });
    expect(await bodies('spare')).toEqual([]);
  });

  test('made through the API survive a restart', async () => {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    await stop();
    await start();
    await publish('hello');
    expect(await received('spare')).toHaveLength(1);
  });

  test('to other protocols are kept and their messages logged', async () => {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ops@example.com' }));
    await publish('hello');
    expect(logged).toEqual(['SNS: would send email to ops@example.com: hello']);
  });

  test('a wrong filter policy is refused by name', async () => {
    const [{ SubscriptionArn } = {}] =
      (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? [];
    await expect(
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: 'FilterPolicy',
          AttributeValue: '{"type":[{"like":"x"}]}',
        }),
      ),
    ).rejects.toThrow("FilterPolicy: type: the operator like isn't known here");
  });
});
