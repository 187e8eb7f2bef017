import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  InvalidArn,
  ListExecutionsCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineTypeNotSupported,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Machines, machine, machineArn, oneState, startMachines } from '../../support/machines.ts';

let stack: Machines;
beforeAll(async () => {
  const express = (name: string) => ({ Type: 'EXPRESS', StateMachineName: name });
  stack = await startMachines({
    Quick: machine(oneState({ Type: 'Pass', Result: { done: true } }), express('quick')),
    Wrong: machine(oneState({ Type: 'Fail', Error: 'Wrong', Cause: 'as always' }), express('wrong')),
    Slow: machine(oneState({ Type: 'Wait', Seconds: 400 }), express('slow')),
    Short: machine(oneState({ Type: 'Wait', Seconds: 400 }, { TimeoutSeconds: 20 }), express('short')),
    Standard: machine(oneState({ Type: 'Pass' }), { StateMachineName: 'standard' }),
  });
});
afterAll(() => stack.stop());

const start = (name: string, more = {}) =>
  stack.sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn(name), ...more }));
const sync = (name: string, more = {}) =>
  stack.sfn.send(new StartSyncExecutionCommand({ stateMachineArn: machineArn(name), ...more }));
const found = (arn: string | undefined) =>
  stack.states.executions().find(({ arn: each }) => each === arn) as Record<string, unknown>;

test('StartSyncExecution answers what the execution came to', async () => {
  const done = await sync('quick', { name: 'run', input: '{"a":1}', traceHeader: 'Root=1-2-3' });
  expect(done).toMatchObject({
    stateMachineArn: machineArn('quick'),
    name: 'run',
    ...{ status: 'SUCCEEDED', input: '{"a":1}', output: '{"done":true}', traceHeader: 'Root=1-2-3' },
    ...{ inputDetails: { included: true }, outputDetails: { included: true } },
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
  });
  expect(done.executionArn).toMatch(/^arn:aws:states:eu-west-1:0{12}:express:quick:run:[0-9a-f-]{36}$/);
  expect(done.stopDate).toBeInstanceOf(Date);
});

test('StartSyncExecution answers a failure as the outcome, not as an error', async () => {
  expect(await sync('wrong')).toMatchObject({ status: 'FAILED', error: 'Wrong', cause: 'as always' });
});

test('an execution ends after five minutes, or when the machine says', async () => {
  for (const [name, seconds] of [
    ['slow', 300],
    ['short', 20],
  ] as const) {
    const running = sync(name);
    await expect.poll(() => stack.states.executions().at(-1)).toMatchObject({ machine: name });
    await stack.pass((seconds - 10) * 1000);
    expect(stack.states.executions().at(-1)).toMatchObject({ status: 'RUNNING' });
    await stack.pass(10_000);
    const { status, startDate, stopDate, error } = await running;
    expect({ status, error }).toEqual({ status: 'TIMED_OUT' });
    expect(Number(stopDate) - Number(startDate)).toBeGreaterThanOrEqual(seconds * 1000);
  }
});

test('StartExecution starts a name as often as it is asked', async () => {
  const first = await start('quick', { name: 'twice', input: '1' });
  const second = await start('quick', { name: 'twice', input: '2' });
  expect(first.executionArn).not.toBe(second.executionArn);
  await stack.idle();
  for (const { executionArn } of [first, second]) {
    expect(found(executionArn)).toMatchObject({ name: 'twice', status: 'SUCCEEDED' });
  }
});

test('nothing can be looked up afterwards, as AWS keeps nothing', async () => {
  const { executionArn } = await start('quick');
  const arn = { executionArn };
  for (const command of [
    new DescribeExecutionCommand(arn),
    new GetExecutionHistoryCommand(arn),
    new StopExecutionCommand(arn),
  ]) {
    const asked = stack.sfn.send(command as DescribeExecutionCommand);
    await expect(asked).rejects.toBeInstanceOf(InvalidArn);
    await expect(asked).rejects.toThrow("Invalid Arn: 'Resource type not valid in this context: express'");
  }
  const list = stack.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn('quick') }));
  await expect(list).rejects.toBeInstanceOf(StateMachineTypeNotSupported);
  const machineTold = await stack.sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: machineArn('quick') }),
  );
  expect(machineTold.type).toBe('EXPRESS');
});

test('a Standard machine has no StartSyncExecution', async () => {
  await expect(sync('standard')).rejects.toBeInstanceOf(StateMachineTypeNotSupported);
});

test('the last thousand can be seen through the control door', async () => {
  for (let each = 0; each < 1_010; each++)
    await stack.context.call(
      { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' },
      'states',
      'StartExecution',
      { stateMachineArn: machineArn('quick'), name: `seen-${each}`, input: '{}' },
    );
  await stack.idle();
  const seen = stack.states.executions().filter(({ machine: name }) => name === 'quick');
  expect(seen).toHaveLength(1_000);
  expect(seen.at(-1)).toMatchObject({
    name: 'seen-1009',
    status: 'SUCCEEDED',
    path: [{ state: 'Only', event: 'entered' }],
  });
});
