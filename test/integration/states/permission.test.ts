import {
  SFNClient,
  SFNServiceException,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import { Faults } from '../../../offline/fault/faults.ts';
import { parseFaults } from '../../../offline/fault/file.ts';
import {
  functionArn,
  type Machines,
  machine,
  machineArn,
  machineRole,
  oneState,
  startMachines,
} from '../../support/machines.ts';
import { roleWith, trusting } from '../../support/permission-stack.ts';

const handlers = { photos: () => 'done', other: () => 'other' };
const invoke = (name: string) => oneState({ Type: 'Task', Resource: functionArn(name) });
const caught = {
  StartAt: 'Try',
  States: {
    Try: {
      Type: 'Task',
      Resource: functionArn('photos'),
      Catch: [{ ErrorEquals: ['Lambda.AWSLambdaException'], Next: 'Caught' }],
      End: true,
    },
    Caught: { Type: 'Pass', End: true },
  },
};

const clock = new Clock();
const faults = new Faults({ clock, seed: 1, hindsightMs: 0, crash: async () => {} });
let stack: Machines;
beforeAll(async () => {
  stack = await startMachines(
    {
      Allowed: machine(invoke('photos'), {
        StateMachineName: 'allowed',
        Type: 'EXPRESS',
        Role: 'NarrowRole',
      }),
      Denied: machine(invoke('other'), { StateMachineName: 'denied', Type: 'EXPRESS', Role: 'NarrowRole' }),
      Caught: machine(caught, { StateMachineName: 'caught', Type: 'EXPRESS', Role: 'EmptyRole' }),
      Scheduled: machine(oneState({ Type: 'Pass' }), { StateMachineName: 'scheduled' }),
      NarrowRole: machineRole({ Action: 'lambda:InvokeFunction', Resource: functionArn('photos') }),
      EmptyRole: machineRole({ Action: 'sqs:SendMessage' }),
      FunctionRole: roleWith({ Action: 'states:StartExecution', Resource: machineArn('allowed') }),
      Nightly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'nightly',
          ScheduleExpression: 'rate(1 day)',
          Target: {
            Arn: { Ref: 'Scheduled' },
            RoleArn: { 'Fn::GetAtt': ['NightlyRole', 'Arn'] },
            Input: '{"for":"today"}',
          },
        },
      },
      NightlyRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: trusting('scheduler.amazonaws.com'),
          Policies: [
            {
              PolicyName: 'access',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: {
                  Effect: 'Allow',
                  Action: 'states:StartExecution',
                  Resource: { Ref: 'Scheduled' },
                },
              },
            },
          ],
        },
      },
    },
    { handlers, fault: faults, clock },
  );
});
afterAll(() => stack.stop());

const sync = (name: string, client = stack.sfn) =>
  client.send(new StartSyncExecutionCommand({ stateMachineArn: machineArn(name) }));

test('a machine calls in its own role', async () => {
  expect(await sync('allowed')).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  const calls = stack.gateway.record.read().filter(({ service }) => service === 'lambda');
  expect(calls.at(-1)).toMatchObject({
    principal: { kind: 'service', name: 'states.amazonaws.com', sourceArn: machineArn('allowed') },
    needs: [{ action: 'lambda:InvokeFunction', resource: functionArn('photos') }],
    result: 'ok',
  });
});

test('what its role lacks fails the task as on AWS, and the line to add is told once', async () => {
  for (let times = 0; times < 2; times++) {
    expect(await sync('denied')).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringMatching(
        /^User: arn:aws:sts::\d+:assumed-role\/\S+\/denied is not authorized to perform: lambda:InvokeFunction on resource: \S+:other because no identity-based policy allows the lambda:InvokeFunction action \(Service: Lambda, Status Code: 403, Request ID: \S+\)$/,
      ),
    });
  }
  expect(stack.logged.filter((line) => line.includes('Denied may not'))).toEqual([
    `Permission: Denied may not lambda:InvokeFunction on ${functionArn('other')}. To allow it, add to the policy of NarrowRole: - { Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Function1.Arn }`,
  ]);
});

test('a machine can catch what its role lacks', async () => {
  expect(await sync('caught')).toMatchObject({ status: 'SUCCEEDED' });
});

test('a function needs states:StartExecution on the machine', async () => {
  const photos = stack.clientOf({ kind: 'function', name: 'photos', arn: functionArn('photos') });
  const start = (name: string) =>
    photos.send(new StartExecutionCommand({ stateMachineArn: machineArn(name) }));
  await start('allowed');
  const refused = start('denied');
  await expect(refused).rejects.toBeInstanceOf(SFNServiceException);
  await expect(refused).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`states:StartExecution on resource: ${machineArn('denied')}`),
  });
  await stack.idle();
});

test('faults come with the errors of Step Functions, and of what a machine calls', async () => {
  const set = (...rules: object[]) => faults.set(parseFaults({ faults: rules }, 'a test'));
  const client = new SFNClient({ ...stack.clientConfig, maxAttempts: 1, disableHostPrefix: true });
  set({ name: 'busy', service: 'states', operation: 'StartSyncExecution', effect: { kind: 'throttle' } });
  await expect(sync('allowed', client)).rejects.toMatchObject({ name: 'ThrottlingException' });
  set({ name: 'broken', service: 'states', effect: { kind: 'fail' } });
  await expect(sync('allowed', client)).rejects.toMatchObject({ name: 'InternalFailure' });
  set({ name: 'full', service: 'lambda', caller: 'service:states', effect: { kind: 'throttle' } });
  expect(await sync('allowed')).toMatchObject({ error: 'Lambda.TooManyRequestsException' });
  set({ name: 'down', service: 'lambda', caller: 'service:states', effect: { kind: 'fail' } });
  expect(await sync('allowed')).toMatchObject({ error: 'Lambda.ServiceException' });
  set({ name: 'cut', service: 'lambda', caller: 'service:states', effect: { kind: 'drop' } });
  expect(await sync('allowed')).toMatchObject({ error: 'Lambda.SdkClientException' });
  set();
});

test('StartSyncExecution is understood with the prefix that the SDK puts before the host', async () => {
  const client = new SFNClient({ ...stack.clientConfig, maxAttempts: 2 });
  let host = '';
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { hostname: string };
      host = request.hostname;
      // Signed already; a name server would have to lead here.
      request.hostname = '127.0.0.1';
      return next(args);
    },
    { step: 'deserialize', priority: 'low' },
  );
  expect(await sync('allowed', client)).toMatchObject({ status: 'SUCCEEDED' });
  expect(host).toBe('sync-127.0.0.1');
});

test('a schedule starts its machine in its own role', async () => {
  await stack.pass(86_400_000);
  const [execution] = stack.states.executions().filter(({ machine: name }) => name === 'scheduled');
  expect(execution).toMatchObject({ status: 'SUCCEEDED', input: '{"for":"today"}' });
});

test('the stack does not start where a role lets nobody in, or lacks what traces need', async () => {
  const start = (more: Record<string, unknown>, role = machineRole()) =>
    startMachines({
      Lone: machine(oneState({ Type: 'Pass' }), { Role: 'LoneRole', ...more }),
      LoneRole: role,
    });
  const closed = roleWith();
  await expect(start({}, closed)).rejects.toThrow(
    'Lone: LoneRole does not let states.amazonaws.com assume it.',
  );
  const narrow = machineRole({ Action: 'sqs:SendMessage' });
  await expect(start({ TracingConfiguration: { Enabled: true } }, narrow)).rejects.toThrow(
    /Lone may not xray:PutTraceSegments on \*\. To allow it, add to the policy of LoneRole: .* \(for its traces\)/,
  );
  await expect(start({ LoggingConfiguration: { Level: 'ALL' } }, narrow)).rejects.toThrow(
    /Lone may not logs:CreateLogDelivery on \*.* \(for its logs\)/,
  );
});
