import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import { createDynamoDbEngines } from '../../../offline/dynamodb/engine.ts';
import { faultControl } from '../../../offline/fault/control.ts';
import { Faults } from '../../../offline/fault/faults.ts';
import { parseFaults } from '../../../offline/fault/file.ts';
import { createIssuerEngine } from '../../../offline/issuer/engine.ts';
import { createS3Engine } from '../../../offline/s3/engine.ts';
import { createSecretsEngine } from '../../../offline/secrets/engine.ts';
import { createSnsEngine } from '../../../offline/sns/engine.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { clientId } from '../../support/issuer.ts';
import { stackOf } from '../../support/stack.ts';
import { tableName, tableStack } from '../../support/table-stack.ts';

const RESOURCES = {
  Media: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'media' } },
  Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs', VisibilityTimeout: 30 } },
  Activity: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'activity' } },
};

const clock = new Clock();
const hindsightMs = 10_000;
let faults: Faults;
let aws: TestGateway;
let queueUrl: string;

/** Puts these faults in the place of all others. */
const given = (...rules: object[]) => faults.set(parseFaults({ faults: rules }, 'the test'));
const met = () => faults.report().map((report) => report.met);

/** A client's settings; `attempts` tells how often it asks. */
const client = (attempts: number) => ({ ...aws.clientConfig, maxAttempts: attempts });

const key = (name: string) => ({ pk: { S: name }, sk: { S: '1' } });
const table = { TableName: tableName };

beforeAll(async () => {
  faults = new Faults({ clock, seed: 1, hindsightMs });
  aws = await startTestGateway(
    (context) => {
      const stack = stackOf(context, RESOURCES);
      return [
        createS3Engine(context, stack),
        createSqsEngine(context, stack),
        createSnsEngine(context, stack),
        createSecretsEngine(context, stack),
        createIssuerEngine(context, stack),
        ...createDynamoDbEngines(context, tableStack()),
      ];
    },
    { clock, fault: faults, hindsightMs },
  );
  aws.gateway.control('/_afterparty/faults', faultControl(faults));
  queueUrl = `${aws.endpoint}/000000000000/jobs`;
});
afterAll(() => aws.stop());
beforeEach(() => given());

/** What a call fails with: the error's name and HTTP status. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => [],
    (error) => [error.name, error.$metadata.httpStatusCode],
  );

/** A call of each service that does nothing but be answered, and its errors as the SDK names them. */
const services = [
  {
    service: 'dynamodb',
    call: (attempts: number) => new DynamoDBClient(client(attempts)).send(new ScanCommand(table)),
    throttled: ['ProvisionedThroughputExceededException', 400],
    failed: ['InternalServerError', 500],
  },
  {
    service: 's3',
    call: (attempts: number) => new S3Client(client(attempts)).send(new ListBucketsCommand()),
    throttled: ['SlowDown', 503],
    failed: ['InternalError', 500],
  },
  {
    service: 'sqs',
    call: (attempts: number) =>
      new SQSClient(client(attempts)).send(new GetQueueAttributesCommand({ QueueUrl: queueUrl })),
    throttled: ['RequestThrottled', 400],
    failed: ['InternalError', 500],
  },
  {
    service: 'sns',
    call: (attempts: number) =>
      new SNSClient(client(attempts)).send(
        new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:000000000000:activity', Message: 'x' }),
      ),
    throttled: ['Throttling', 400],
    failed: ['InternalErrorException', 500],
  },
] as const;

describe.each(services)('$service', ({ service, call, throttled, failed }) => {
  it('throttles with the error that its clients wait and ask again for', async () => {
    given({ name: 'busy', service, times: 2, effect: { kind: 'throttle' } });
    expect(await errorOf(call(1))).toEqual(throttled);
    await call(2);
    expect(met()).toEqual([2]);
  });

  it('fails with an error of its own that clients ask again for', async () => {
    given({ name: 'broken', service, times: 2, effect: { kind: 'fail' } });
    expect(await errorOf(call(1))).toEqual(failed);
    await call(2);
    expect(met()).toEqual([2]);
  });

  it('can be cut off, which clients survive', async () => {
    given({ name: 'cut', service, times: 2, effect: { kind: 'drop', when: 'before' } });
    await expect(call(1)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await call(2);
    expect(met()).toEqual([2]);
  });
});

it.each([
  ['secretsmanager', 'ThrottlingException'],
  ['cognito-idp', 'TooManyRequestsException'],
])('%s throttles with %s', async (service, name) => {
  given({ name: 'busy', service, effect: { kind: 'throttle' } });
  const call =
    service === 'secretsmanager'
      ? new SecretsManagerClient(client(1)).send(new GetSecretValueCommand({ SecretId: 'any' }))
      : new CognitoIdentityProviderClient(client(1)).send(
          new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId }),
        );
  await expect(call).rejects.toMatchObject({ name });
});

describe('an answer that is lost', () => {
  it('has had its effect: a client that asks again meets it', async () => {
    given({ name: 'lost', service: 'dynamodb', operation: 'PutItem', times: 1, effect: { kind: 'drop' } });
    const put = new PutItemCommand({
      ...table,
      Item: key('lost'),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await expect(new DynamoDBClient(client(2)).send(put)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });

  it('is told from others in the record of calls', async () => {
    given({ name: 'lost', service: 'dynamodb', operation: 'PutItem', times: 1, effect: { kind: 'drop' } });
    await new DynamoDBClient(client(2)).send(new PutItemCommand({ ...table, Item: key('told') }));
    const puts = aws.gateway.record.read().filter(({ operation }) => operation === 'PutItem');
    expect(puts.slice(-2).map(({ fault, result }) => [fault, result])).toEqual([
      ['lost', 'ok'],
      [undefined, 'ok'],
    ]);
  });
});

describe('a duplicate', () => {
  it('takes effect twice, and the caller hears of one', async () => {
    given({ name: 'twice', service: 'sqs', operation: 'SendMessage', effect: { kind: 'duplicate' } });
    const sqs = new SQSClient(client(1));
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'hello' }));
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(['hello', 'hello']);
    expect(new Set(Messages.map(({ MessageId }) => MessageId)).size).toBe(2);
    for (const { ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  });

  it('of an upload is the same bytes again', async () => {
    given({ name: 'twice', service: 's3', effect: { kind: 'duplicate' } });
    const s3 = new S3Client(client(1));
    const Body = Buffer.alloc(300_000, 'ab');
    await s3.send(new PutObjectCommand({ Bucket: 'media', Key: 'twice', Body }));
    const got = await s3.send(new GetObjectCommand({ Bucket: 'media', Key: 'twice' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
  });
});

describe('DynamoDB', () => {
  it.each([
    ['throttle', 'ThrottlingError'],
    ['conflict', 'TransactionConflict'],
  ])('cancels a transaction that meets a %s, and says so as its reason', async (kind, code) => {
    given({ name: 'cancelled', service: 'dynamodb', operation: 'TransactWriteItems', effect: { kind } });
    const write = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { ...table, Item: key('a') } }, { Put: { ...table, Item: key('b') } }],
    });
    const error = await new DynamoDBClient(client(1)).send(write).catch((caught) => caught);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect(error.CancellationReasons.map(({ Code }: { Code: string }) => Code)).toEqual([code, 'None']);
  });

  it('leaves part of a batch undone, and says which', async () => {
    given({ name: 'half', service: 'dynamodb', operation: 'BatchWriteItem', effect: { kind: 'partial' } });
    const names = Array.from({ length: 20 }, (_, index) => `batch-${index}`);
    const requests = names.map((name) => ({ PutRequest: { Item: key(name) } }));
    const dynamodb = new DynamoDBClient(client(1));
    const { UnprocessedItems } = await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }),
    );
    const left = (UnprocessedItems?.[tableName] ?? []).map(({ PutRequest }) => PutRequest?.Item?.pk?.S);
    const { Items = [] } = await dynamodb.send(new ScanCommand(table));
    const done = Items.map(({ pk }) => pk?.S).filter((name) => name?.startsWith('batch-'));
    expect(left.length).toBeGreaterThan(0);
    expect(done.length).toBeGreaterThan(0);
    expect([...left, ...done].sort()).toEqual(names.sort());
  });

  it('lags behind where a read may, and nowhere else', async () => {
    given({ name: 'lag', service: 'dynamodb', effect: { kind: 'stale', ms: 5_000 } });
    const dynamodb = new DynamoDBClient(client(1));
    const item = { ...key('late'), gsi1pk: { S: 'late' }, gsi1sk: { S: '1' } };
    await dynamodb.send(new PutItemCommand({ ...table, Item: item }));
    const get = (ConsistentRead: boolean) =>
      dynamodb.send(new GetItemCommand({ ...table, Key: key('late'), ConsistentRead }));
    const query = new QueryCommand({
      ...table,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :late',
      ExpressionAttributeValues: { ':late': { S: 'late' } },
    });
    expect((await get(false)).Item).toBeUndefined();
    expect((await dynamodb.send(query)).Items).toEqual([]);
    expect((await get(true)).Item).toEqual(item);
    await clock.advance(5_001);
    expect((await get(false)).Item).toEqual(item);
    expect((await dynamodb.send(query)).Items).toEqual([item]);
  });
});

describe('SQS', () => {
  const receive = async (sqs: SQSClient) => {
    const ask = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      AttributeNames: ['All'],
    });
    return (await sqs.send(ask)).Messages ?? [];
  };

  it('hands messages out in any order, each once', async () => {
    given({ name: 'mixed', service: 'sqs', effect: { kind: 'unordered' } });
    const sqs = new SQSClient(client(1));
    const bodies = Array.from({ length: 10 }, (_, index) => String(index));
    const Entries = bodies.map((MessageBody) => ({ Id: MessageBody, MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    const messages = await receive(sqs);
    const received = messages.map(({ Body }) => Body);
    expect(received.toSorted()).toEqual(bodies);
    expect(received).not.toEqual(bodies);
    for (const { ReceiptHandle } of messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  });

  it('delivers again what it has handed out, which does not count as another try', async () => {
    given({
      name: 'again',
      service: 'sqs',
      times: 2,
      operation: 'ReceiveMessage',
      effect: { kind: 'redelivered' },
    });
    const sqs = new SQSClient(client(1));
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'again' }));
    const times = [await receive(sqs), await receive(sqs), await receive(sqs)];
    expect(times.map(([message]) => message?.Body)).toEqual(['again', 'again', 'again']);
    expect(times.map(([message]) => message?.Attributes?.ApproximateReceiveCount)).toEqual(['1', '1', '1']);
    expect(await receive(sqs)).toEqual([]);
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: times[2]?.[0]?.ReceiptHandle }),
    );
    await clock.advance(31_000);
    expect(await receive(sqs)).toEqual([]);
  });
});

describe('which calls meet a fault', () => {
  /** Which of twenty calls failed, as 1 and 0. */
  const pattern = async (also?: () => Promise<unknown>) => {
    const dynamodb = new DynamoDBClient(client(1));
    let answers = '';
    for (let call = 0; call < 20; call++) {
      await also?.();
      const get = dynamodb.send(new GetItemCommand({ ...table, Key: key('x') }));
      answers += await get.then(
        () => '0',
        () => '1',
      );
    }
    return answers;
  };
  const half = {
    name: 'half',
    service: 'dynamodb',
    operation: ['GetItem', 'Scan'],
    probability: 0.5,
    effect: { kind: 'fail' },
  };

  it('is told by the seed and the order of each caller, whoever calls in between', async () => {
    given(half);
    const first = await pattern();
    expect(first).toMatch(/0/);
    expect(first).toMatch(/1/);
    given(half);
    const scan = () => new DynamoDBClient(client(1)).send(new ScanCommand(table)).catch(() => undefined);
    expect(await pattern(scan)).toBe(first);
  });

  it('is bounded by after and times', async () => {
    given({ ...half, probability: 1, after: 3, times: 2 });
    expect(await pattern()).toBe(`000${'11'}${'0'.repeat(15)}`);
  });

  it('is bounded by caller and resource', async () => {
    given({ ...half, probability: 1, caller: 'anonymous' });
    expect(await pattern()).toBe('0'.repeat(20));
    given({ ...half, probability: 1, resource: 'arn:aws:dynamodb:*:table/other*' });
    expect(await pattern()).toBe('0'.repeat(20));
    given({
      ...half,
      probability: 1,
      caller: 'developer',
      resource: `arn:aws:dynamodb:*:table/${tableName}`,
    });
    expect(await pattern()).toBe('1'.repeat(20));
  });
});

describe('the control door', () => {
  const ask = async (method: string, body?: unknown) => {
    const answer = await fetch(`${aws.endpoint}/_afterparty/faults`, {
      method,
      headers: { 'x-afterparty-control': '1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('sets, counts and ends faults of a running stack', async () => {
    const rule = { name: 'busy', service: 'dynamodb', effect: { kind: 'throttle' } };
    expect((await ask('POST', { faults: [rule] })).status).toBe(200);
    await expect(services[0].call(1)).rejects.toThrow();
    expect((await ask('GET')).body).toMatchObject({ faults: [{ rule, fitted: 1, met: 1 }] });
    expect((await ask('DELETE')).body).toEqual({ faults: [] });
    await services[0].call(1);
  });

  it('refuses what can not be, and leaves the faults as they were', async () => {
    const lag = (ms: number) => ({ name: 'lag', service: 'dynamodb', effect: { kind: 'stale', ms } });
    await ask('POST', { faults: [lag(1)] });
    expect(await ask('POST', { faults: [lag(60_000)] })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('lags 60000 ms behind, but the stack remembers 10000 ms') },
    });
    expect((await ask('POST', { faults: [{}] })).status).toBe(400);
    expect((await ask('GET')).body).toMatchObject({ faults: [{ rule: lag(1) }] });
  });
});
