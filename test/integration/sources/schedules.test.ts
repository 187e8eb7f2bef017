import { afterEach, expect, test } from 'vitest';
import { arnOf, lambdaFunction, startWoken, type WokenStack } from '../../support/woken.ts';

let stack: WokenStack;
afterEach(() => stack.stop());

interface Scheduled {
  time: string;
  resources: string[];
}

function rule(
  ScheduleExpression: string,
  target: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'tick',
      ScheduleExpression,
      Targets: [{ Id: 'it', Arn: arnOf('Settle'), ...target }],
      ...more,
    },
  };
}

test('a rule wakes its function on the clock, as EventBridge, with the scheduled event', async () => {
  const events: Scheduled[] = [];
  stack = startWoken(
    { Settle: lambdaFunction('settle'), Tick: rule('rate(1 minute)') },
    { settle: (event: Scheduled) => void events.push(event) },
  );
  const began = stack.context.clock.now();
  await stack.pass(24 * 3_600_000);
  expect(events).toHaveLength(24 * 60);
  const arn = 'arn:aws:events:eu-west-1:000000000000:rule/tick';
  expect(events[0]).toEqual({
    version: '0',
    id: expect.any(String),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: 'eu-west-1',
    resources: [arn],
    detail: {},
  });
  const gaps = events.map(({ time }, at) => Math.round((Date.parse(time) - began) / 60_000) - at);
  expect(new Set(gaps)).toEqual(new Set([1]));
  expect(stack.context.calls[0]?.principal).toEqual({
    kind: 'service',
    name: 'events.amazonaws.com',
    sourceArn: arn,
  });
});

test('a rule with an input sends that; a disabled one sends nothing', async () => {
  const events: unknown[] = [];
  stack = startWoken(
    {
      Settle: lambdaFunction('settle'),
      Tick: rule('cron(0 3 * * ? *)', { Input: '{"job":"purge"}' }),
      Off: rule('rate(1 minute)', {}, { State: 'DISABLED' }),
    },
    { settle: (event: unknown) => void events.push(event) },
  );
  await stack.pass(48 * 3_600_000);
  expect(events).toEqual([{ job: 'purge' }, { job: 'purge' }]);
});

test('a schedule of EventBridge Scheduler can fill a queue', async () => {
  stack = startWoken(
    {
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
      Hourly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'hourly',
          ScheduleExpression: 'rate(1 hour)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: arnOf('Jobs'),
            RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
            Input: '{"n":1}',
          },
        },
      },
    },
    {},
  );
  await stack.pass(3 * 3_600_000);
  const { Messages } = await stack.context.ask('sqs', 'ReceiveMessage', {
    QueueUrl: 'jobs',
    MaxNumberOfMessages: 10,
  });
  expect((Messages as { Body: string }[]).map(({ Body }) => Body)).toEqual(Array(3).fill('{"n":1}'));
});

test('a failing event is tried three times, after one and two minutes, then sent to the failure destination', async () => {
  const times: number[] = [];
  stack = startWoken(
    {
      Failed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failed' } },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Settle: lambdaFunction('settle', { DeadLetterConfig: { TargetArn: arnOf('Dead') } }),
      Invokes: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Settle' },
          Qualifier: '$LATEST',
          DestinationConfig: { OnFailure: { Destination: arnOf('Failed') } },
        },
      },
    },
    {
      settle: () => {
        times.push(stack.context.clock.now());
        throw new TypeError('no');
      },
    },
  );
  const { StatusCode } = await stack.context.ask('lambda', 'Invoke', {
    FunctionName: 'settle',
    InvocationType: 'Event',
    Payload: { a: 1 },
  });
  expect(StatusCode).toBe(202);
  await stack.pass(600_000, 10_000);
  expect(times.map((time) => Math.round((time - (times[0] as number)) / 60_000))).toEqual([0, 1, 3]);
  expect(JSON.parse(await bodyFrom('failed'))).toMatchObject({
    requestContext: {
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:settle:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { a: 1 },
    responsePayload: { errorType: 'TypeError', errorMessage: 'no' },
  });
  expect(await bodyFrom('dead')).toBe('{"a":1}');
});

test('an accepted event survives a restart', async () => {
  const resources = { Settle: lambdaFunction('settle') };
  const events: unknown[] = [];
  stack = startWoken(resources, {
    settle: () => {
      throw new Error('down');
    },
  });
  await stack.context.ask('lambda', 'Invoke', {
    FunctionName: 'settle',
    InvocationType: 'Event',
    Payload: { a: 1 },
  });
  await stack.idle();
  await stack.stop({ remove: false });
  stack = startWoken(
    resources,
    { settle: (event: unknown) => void events.push(event) },
    stack.context.stateDir,
  );
  await stack.pass(60_000);
  expect(events).toEqual([{ a: 1 }]);
});

test('Invoke answers what the handler came to, and refuses what Lambda would', async () => {
  stack = startWoken(
    { Settle: lambdaFunction('settle') },
    {
      settle: (event: { fail?: boolean }) => {
        if (event.fail) throw new RangeError('too far');
        return { got: event };
      },
    },
  );
  const invoke = (FunctionName: string, Payload: unknown) =>
    stack.context.ask('lambda', 'Invoke', { FunctionName, Payload });
  expect(await invoke('settle', { a: 1 })).toEqual({ StatusCode: 200, Payload: { got: { a: 1 } } });
  expect(
    await invoke('arn:aws:lambda:eu-west-1:000000000000:function:settle:$LATEST', { fail: true }),
  ).toEqual({
    StatusCode: 200,
    FunctionError: 'Unhandled',
    Payload: { errorType: 'RangeError', errorMessage: 'too far', trace: [] },
  });
  await expect(invoke('nobody', {})).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
  });
  await expect(invoke('settle', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({ status: 413 });
});

test('what a schedule cannot do is told at the start', () => {
  const problem = (properties: Record<string, unknown>) => () =>
    startWoken({ Settle: lambdaFunction('settle'), Tick: rule('rate(1 minute)', properties) }, {});
  expect(problem({ InputPath: '$.detail' })).toThrow(
    'Schedule Tick: ✖ is not offered by the local schedules',
  );
  expect(problem({ Arn: 'arn:aws:kinesis:eu-west-1:0:stream/x' })).toThrow('neither a function nor a queue');
  stack = startWoken({ Settle: lambdaFunction('settle') }, {});
});

async function bodyFrom(QueueUrl: string): Promise<string> {
  const { Messages } = await stack.context.ask('sqs', 'ReceiveMessage', { QueueUrl });
  return (Messages as { Body: string }[])[0]?.Body ?? '';
}
