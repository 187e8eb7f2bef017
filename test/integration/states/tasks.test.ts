import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceError } from '../../../offline/contract.ts';
import type { Fault } from '../../../offline/gateway/fault.ts';
import {
  functionArn,
  type Machines,
  machine,
  machineArn,
  oneState,
  startMachines,
} from '../../support/machines.ts';

const handlers = {
  echo: (event: unknown) => event,
  fails: ({ as = 'Error' }: { as?: string }) => {
    throw Object.assign(new Error('as asked'), { name: as });
  },
  large: ({ bytes }: { bytes: number }) => 'x'.repeat(bytes - 2),
};

const task = (Resource: string, Parameters?: object, more: object = {}) =>
  oneState({ Type: 'Task', Resource, ...(Parameters && { Parameters }), ...more });
const service = (name: string, Parameters: object) => task(`arn:aws:states:::${name}`, Parameters);
const item = { pk: { S: 'a' }, sk: { S: 'b' } };
const queueUrl = { 'Fn::GetAtt': ['Queue', 'QueueUrl'] };
const topic = { Ref: 'Topic' };

const definitions: Record<string, object> = {
  bare: task(functionArn('echo')),
  invoke: service('lambda:invoke', { FunctionName: functionArn('echo'), 'Payload.$': '$' }),
  byName: service('lambda:invoke', { FunctionName: 'echo', Payload: { fixed: true } }),
  sdkInvoke: service('aws-sdk:lambda:invoke', { FunctionName: 'echo', 'Payload.$': '$' }),
  nobody: service('lambda:invoke', { 'FunctionName.$': '$.name' }),
  fails: service('lambda:invoke', { FunctionName: 'fails', 'Payload.$': '$' }),
  bareFails: task(functionArn('fails')),
  large: task(functionArn('large')),
  send: service('sqs:sendMessage', { QueueUrl: queueUrl, 'MessageBody.$': '$' }),
  sendNowhere: service('sqs:sendMessage', {
    QueueUrl: 'http://127.0.0.1:4566/000000000000/nowhere',
    MessageBody: 'x',
  }),
  sendNothing: service('sqs:sendMessage', { QueueUrl: queueUrl }),
  receive: service('aws-sdk:sqs:receiveMessage', { QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  publish: service('sns:publish', { TopicArn: topic, 'Message.$': '$' }),
  put: service('dynamodb:putItem', {
    TableName: 'things',
    Item: { ...item, n: { 'N.$': "States.Format('{}', $.n)" } },
    ConditionExpression: 'attribute_not_exists(pk)',
  }),
  get: service('dynamodb:getItem', { TableName: 'things', Key: item }),
  update: service('dynamodb:updateItem', {
    TableName: 'things',
    Key: item,
    UpdateExpression: 'SET n = n + :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ReturnValues: 'ALL_NEW',
  }),
  delete: service('dynamodb:deleteItem', { TableName: 'things', Key: item }),
  query: service('aws-sdk:dynamodb:query', {
    TableName: 'things',
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'a' } },
  }),
  wrongQuery: service('aws-sdk:dynamodb:query', { TableName: 'things', KeyConditionExpression: 'wrong' }),
  noTable: service('dynamodb:getItem', { TableName: 'nothing', Key: item }),
  start: service('states:startExecution', {
    StateMachineArn: machineArn('other'),
    Input: { 'from.$': '$$.Execution.Id' },
    'Name.$': '$.name',
  }),
};

const faulty: { code?: string; status?: number } = {};
const fault: Fault = {
  apply: (call, next) => {
    if (faulty.code && call.principal.kind === 'service') {
      throw new ServiceError(faulty.code, 'for once', faulty.status ?? 400);
    }
    return next(call);
  },
};

let stack: Machines;
beforeAll(async () => {
  const express = Object.entries(definitions).map(([name, definition]) => [
    name,
    machine(definition, { StateMachineName: name, Type: 'EXPRESS' }),
  ]);
  stack = await startMachines(
    {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'queue' } },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'things',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        },
      },
      Other: machine(oneState({ Type: 'Pass' }), { StateMachineName: 'other' }),
      Told: machine(definitions.invoke as object, { StateMachineName: 'told' }),
      BareTold: machine(definitions.bare as object, { StateMachineName: 'bareTold' }),
      ...Object.fromEntries(express),
    },
    { handlers, fault },
  );
});
afterAll(() => stack.stop());

async function run(name: string, given: unknown = {}) {
  const { status, output, error, cause } = await stack.sfn.send(
    new StartSyncExecutionCommand({ stateMachineArn: machineArn(name), input: JSON.stringify(given) }),
  );
  return status === 'SUCCEEDED' ? JSON.parse(output ?? '') : { error, cause };
}

async function history(name: string) {
  const { executionArn } = await stack.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(name), input: '{"a":1}' }),
  );
  await stack.idle();
  const { events = [] } = await stack.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  return events;
}

describe('a function', () => {
  test('named by its ARN gets the input as its event and gives its answer', async () => {
    expect(await run('bare', { a: 1 })).toEqual({ a: 1 });
  });

  test.each(['invoke', 'sdkInvoke'])('called by %s gives what Lambda answers around it', async (name) => {
    expect(await run(name, { a: 1 })).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { a: 1 },
      StatusCode: 200,
    });
  });

  test('can be named by its name', async () => {
    expect(await run('byName')).toMatchObject({ Payload: { fixed: true } });
  });

  test.each(['fails', 'bareFails'])('that fails (%s) gives its own error its name', async (name) => {
    const { error, cause } = await run(name, { as: 'NothingToDo' });
    expect(error).toBe('NothingToDo');
    expect(JSON.parse(cause)).toMatchObject({
      errorType: 'NothingToDo',
      errorMessage: 'as asked',
      trace: [],
    });
  });

  test('that is not there is told by its service', async () => {
    expect(await run('nobody', { name: 'nobody' })).toEqual({
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(
        /^Function not found: arn:\S+:nobody \(Service: Lambda, Status Code: 404, Request ID: [0-9a-f-]{36}\)$/,
      ),
    });
  });

  test('may answer 256 KiB and no more', async () => {
    expect(await run('large', { bytes: 262_144 })).toHaveLength(262_142);
    expect(await run('large', { bytes: 262_145 })).toEqual({
      error: 'States.DataLimitExceeded',
      cause: `The state/task '${functionArn('large')}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
  });

  test.each([
    ['TooManyRequestsException', 429, 'Lambda.TooManyRequestsException'],
    ['ServiceException', 500, 'Lambda.ServiceException'],
    ['AccessDeniedException', 403, 'Lambda.AWSLambdaException'],
  ])('that Lambda does not call for %s fails with %s, %s', async (code, status, error) => {
    Object.assign(faulty, { code, status });
    expect(await run('bare')).toMatchObject({ error });
    Object.assign(faulty, { code: undefined, status: undefined });
  });

  test('is told of in the history, by events of its own where it is named by its ARN', async () => {
    const told = await history('told');
    const where = { resourceType: 'lambda', resource: 'invoke' };
    expect(told.slice(2, 5)).toMatchObject([
      { type: 'TaskScheduled', taskScheduledEventDetails: { ...where, region: 'eu-west-1' } },
      { type: 'TaskStarted', taskStartedEventDetails: where },
      { type: 'TaskSucceeded', taskSucceededEventDetails: { ...where, outputDetails: { truncated: false } } },
    ]);
    expect(told[2]?.taskScheduledEventDetails).not.toHaveProperty('timeoutInSeconds');
    const bare = await history('bareTold');
    expect(bare.slice(2, 5)).toMatchObject([
      {
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { resource: functionArn('echo'), input: '{"a":1}' },
      },
      { type: 'LambdaFunctionStarted' },
      { type: 'LambdaFunctionSucceeded', lambdaFunctionSucceededEventDetails: { output: '{"a":1}' } },
    ]);
  });
});

describe('other services', () => {
  test('a queue is sent a message, as JSON where it is no text', async () => {
    expect(await run('send', { hello: 'you' })).toMatchObject({ MessageId: expect.any(String) });
    const { Messages } = await run('receive');
    expect(JSON.parse(Messages[0].Body)).toEqual({ hello: 'you' });
  });

  test('a topic is told', async () => {
    expect(await run('publish', { hello: 'you' })).toMatchObject({ MessageId: expect.any(String) });
  });

  test('items are put, got, changed, found and deleted', async () => {
    expect(await run('put', { n: 1 })).toEqual({});
    expect(await run('get')).toEqual({ Item: { ...item, n: { N: '1' } } });
    expect(await run('update')).toEqual({ Attributes: { ...item, n: { N: '2' } } });
    expect(await run('query')).toMatchObject({ Count: 1, Items: [{ ...item, n: { N: '2' } }] });
    expect(await run('put', { n: 1 })).toMatchObject({
      error: 'DynamoDB.ConditionalCheckFailedException',
      cause: expect.stringContaining('(Service: DynamoDB, Status Code: 400, Request ID: '),
    });
    await run('delete');
    expect(await run('get')).toEqual({});
  });

  test('another machine is started, once a name', async () => {
    const { ExecutionArn, StartDate } = await run('start', { name: 'child' });
    expect(ExecutionArn).toContain(':execution:other:child');
    expect(Date.parse(StartDate)).toBeGreaterThan(0);
    await stack.idle();
    const child = await stack.sfn.send(new DescribeExecutionCommand({ executionArn: ExecutionArn }));
    expect(JSON.parse(child.input ?? '')).toEqual({ from: expect.stringContaining(':express:start:') });
    expect(await run('start', { name: 'child' })).toMatchObject({
      error: 'StepFunctions.ExecutionAlreadyExistsException',
    });
  });

  test.each([
    ['noTable', 'DynamoDB.ResourceNotFoundException'],
    // What the service's model doesn't list has one name for all of it.
    ['wrongQuery', 'DynamoDb.DynamoDbException'],
    ['sendNowhere', 'SQS.QueueDoesNotExistException'],
    ['sendNothing', 'SQS.AmazonSQSException'],
  ])('%s fails with %s', async (name, error) => {
    expect(await run(name)).toMatchObject({ error });
  });
});
