import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNServiceException,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Machines, machine, machineArn, oneState, startMachines } from '../../support/machines.ts';

const DAY = 86_400_000;

let stack: Machines;
beforeAll(async () => {
  stack = await startMachines({
    Pass: machine(oneState({ Type: 'Pass' }), { StateMachineName: 'pass' }),
    Wait: machine(oneState({ Type: 'Wait', Seconds: 3600 }), {
      StateMachineName: 'wait',
      TracingConfiguration: { Enabled: true },
    }),
  });
});
afterAll(() => stack.stop());

const start = (name: string, more: { name?: string; input?: string } = {}) =>
  stack.sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn(name), ...more }));
const describeExecution = (executionArn: string | undefined) =>
  stack.sfn.send(new DescribeExecutionCommand({ executionArn }));
const stop = (executionArn: string | undefined, more = {}) =>
  stack.sfn.send(new StopExecutionCommand({ executionArn, ...more }));

describe('StartExecution', () => {
  test('answers where the execution is and when it began, under a name of its own', async () => {
    const { executionArn, startDate } = await start('pass');
    expect(executionArn).toMatch(/^arn:aws:states:eu-west-1:0{12}:execution:pass:[0-9a-f-]{36}$/);
    expect(startDate?.getTime()).toBeCloseTo(stack.clock.now(), -4);
  });

  test('takes the same name and input again while it runs', async () => {
    const first = await start('wait', { name: 'once', input: '{"a":1}' });
    const second = await start('wait', { name: 'once', input: '{"a":1}' });
    expect(second).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await stop(first.executionArn);
  });

  test('refuses a name that has another input, or whose execution has ended, for 90 days', async () => {
    const { executionArn } = await start('wait', { name: 'taken', input: '{"a":1}' });
    await expect(start('wait', { name: 'taken', input: '{"a":2}' })).rejects.toBeInstanceOf(
      ExecutionAlreadyExists,
    );
    await stop(executionArn);
    await stack.idle();
    const again = () => start('wait', { name: 'taken', input: '{"a":1}' });
    await expect(again()).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    await stack.pass(89 * DAY);
    await expect(again()).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    await stack.pass(2 * DAY);
    const { executionArn: same } = await again();
    expect(same).toBe(executionArn);
    await stop(same);
  });

  test.each([
    ['a blank', 'a b'],
    ['a bracket', 'a<b'],
    ['a wildcard', 'a*'],
    ['a colon', 'a:b'],
    ['a control character', 'a\u0007b'],
    ['81 characters', 'a'.repeat(81)],
    ['no character', ''],
  ])('refuses a name with %s', async (_, name) => {
    await expect(start('pass', { name })).rejects.toMatchObject({
      name: expect.stringMatching(/^(InvalidName|ValidationException)$/),
    });
  });

  test('takes a name of 80 characters', async () => {
    const { executionArn } = await start('pass', { name: 'n'.repeat(80) });
    expect(executionArn?.endsWith(`:${'n'.repeat(80)}`)).toBe(true);
    expect(InvalidName.name).toBe('InvalidName');
  });

  test('refuses what is no JSON, and more than 256 KiB', async () => {
    for (const input of ['', '{', "{'a':1}", `"${'x'.repeat(262_143)}"`]) {
      await expect(start('pass', { input })).rejects.toBeInstanceOf(InvalidExecutionInput);
    }
    await start('pass', { input: `"${'x'.repeat(262_142)}"` });
  });

  test('tells a machine that is not there from an ARN that is none', async () => {
    await expect(start('nobody')).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    const wrong = new StartExecutionCommand({ stateMachineArn: 'arn:aws:states:pass' });
    await expect(stack.sfn.send(wrong)).rejects.toBeInstanceOf(InvalidArn);
  });

  test('takes an empty object for an input that was not given', async () => {
    const { executionArn } = await start('pass');
    await stack.idle();
    expect(await describeExecution(executionArn)).toMatchObject({ input: '{}', output: '{}' });
  });
});

describe('DescribeExecution', () => {
  test('tells of an execution while it runs and after it ended', async () => {
    const { executionArn } = await start('wait', { name: 'described', input: '{"a": 1}' });
    const running = await describeExecution(executionArn);
    expect(running).toMatchObject({
      executionArn,
      stateMachineArn: machineArn('wait'),
      name: 'described',
      status: 'RUNNING',
      input: '{"a": 1}',
      inputDetails: { included: true },
    });
    expect(running).not.toHaveProperty('stopDate');
    expect(running).not.toHaveProperty('output');
    await stack.pass(3_600_000);
    const ended = await describeExecution(executionArn);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"a":1}',
      outputDetails: { included: true },
    });
    expect(Number(ended.stopDate) - Number(ended.startDate)).toBeGreaterThanOrEqual(3_600_000);
  });

  test('refuses what is not there, and what is no execution', async () => {
    const missing = `${machineArn('pass').replace('stateMachine', 'execution')}:missing`;
    await expect(describeExecution(missing)).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    await expect(describeExecution(machineArn('pass'))).rejects.toBeInstanceOf(InvalidArn);
    await expect(describeExecution('nothing')).rejects.toBeInstanceOf(InvalidArn);
  });
});

describe('StopExecution', () => {
  test('ends an execution with the error and cause that are given', async () => {
    const { executionArn } = await start('wait');
    const { stopDate } = await stop(executionArn, { error: 'Enough', cause: 'seen all' });
    expect(stopDate).toBeInstanceOf(Date);
    await stack.idle();
    expect(await describeExecution(executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'seen all',
    });
    const { events } = await stack.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
    );
    expect(events).toMatchObject([
      { type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'Enough', cause: 'seen all' } },
    ]);
  });

  test('is over at once for those who look, and does nothing a second time', async () => {
    const { executionArn } = await start('wait');
    const first = await stop(executionArn);
    expect(await describeExecution(executionArn)).toMatchObject({ status: 'ABORTED' });
    await stack.pass(1_000);
    const second = await stop(executionArn, { error: 'Late' });
    expect(second.stopDate).toEqual(first.stopDate);
    expect(await describeExecution(executionArn)).not.toHaveProperty('error');
  });
});

describe('GetExecutionHistory', () => {
  let executionArn: string | undefined;
  beforeAll(async () => {
    ({ executionArn } = await start('pass', { input: '{"a":1}' }));
    await stack.idle();
  });
  const history = (more = {}) => stack.sfn.send(new GetExecutionHistoryCommand({ executionArn, ...more }));

  test('tells each event with its number, its time and what it follows', async () => {
    const { events = [] } = await history();
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      // The first state follows nothing, as AWS counts.
      [2, 0, 'PassStateEntered'],
      [3, 2, 'PassStateExited'],
      [4, 3, 'ExecutionSucceeded'],
    ]);
    expect(events[0]).toMatchObject({
      executionStartedEventDetails: {
        input: '{"a":1}',
        inputDetails: { truncated: false },
        roleArn: expect.stringContaining(':role/'),
      },
    });
    expect(events[1]).toMatchObject({
      stateEnteredEventDetails: { name: 'Only', input: '{"a":1}', inputDetails: { truncated: false } },
    });
    expect(events[2]).toMatchObject({
      stateExitedEventDetails: { name: 'Only', output: '{"a":1}', outputDetails: { truncated: false } },
    });
    expect(events[3]).toMatchObject({
      executionSucceededEventDetails: { output: '{"a":1}', outputDetails: { truncated: false } },
    });
    for (const { timestamp } of events) expect(timestamp).toBeInstanceOf(Date);
  });

  test('goes page by page, in either direction', async () => {
    for (const reverseOrder of [false, true]) {
      const seen: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await history({ maxResults: 3, reverseOrder, nextToken });
        seen.push(...(page.events ?? []).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken);
      expect(seen).toEqual(reverseOrder ? [4, 3, 2, 1] : [1, 2, 3, 4]);
    }
  });

  test('leaves inputs and outputs out where they are not wanted', async () => {
    const { events = [] } = await history({ includeExecutionData: false });
    expect(JSON.stringify(events)).not.toContain('{\\"a\\":1}');
    expect(events[1]?.stateEnteredEventDetails?.name).toBe('Only');
  });

  test('refuses a token of nobody', async () => {
    await expect(history({ nextToken: 'x' })).rejects.toBeInstanceOf(InvalidToken);
    await expect(history({ maxResults: 1_001 })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('lists', () => {
  test('executions are listed newest first, by status and page by page', async () => {
    const list = (more = {}) =>
      stack.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn('wait'), ...more }));
    for (const name of ['list-1', 'list-2', 'list-3']) {
      await start('wait', { name });
      await stack.clock.advance(1);
    }
    const running = await list({ statusFilter: 'RUNNING' });
    expect(running.executions?.map(({ name }) => name)).toEqual(['list-3', 'list-2', 'list-1']);
    expect(running.executions?.[0]).not.toHaveProperty('stopDate');
    const first = await list({ statusFilter: 'RUNNING', maxResults: 2 });
    expect(first.executions).toHaveLength(2);
    const second = await list({ statusFilter: 'RUNNING', maxResults: 2, nextToken: first.nextToken });
    expect(second.executions?.map(({ name }) => name)).toEqual(['list-1']);
    expect(second.nextToken).toBeUndefined();
    await stack.pass(3_600_000);
    expect((await list({ statusFilter: 'RUNNING' })).executions).toEqual([]);
    await expect(list({ stateMachineArn: machineArn('nobody') })).rejects.toBeInstanceOf(
      StateMachineDoesNotExist,
    );
  });

  test('machines are listed and described as they deploy', async () => {
    const { stateMachines = [] } = await stack.sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines.map(({ name, type }) => [name, type])).toEqual([
      ['pass', 'STANDARD'],
      ['wait', 'STANDARD'],
    ]);
    expect(stateMachines[0]?.creationDate).toBeInstanceOf(Date);
    const told = await stack.sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: machineArn('wait') }),
    );
    expect(told).toMatchObject({
      ...{ name: 'wait', type: 'STANDARD', status: 'ACTIVE', stateMachineArn: machineArn('wait') },
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    });
    expect(told.roleArn).toMatch(/^arn:aws:iam::0{12}:role\//);
    expect(JSON.parse(told.definition ?? '')).toMatchObject({ StartAt: 'Only' });
    expect(told.creationDate).toBeInstanceOf(Date);
  });
});

test('what is not offered is named, with what is', async () => {
  const { DeleteStateMachineCommand } = await import('@aws-sdk/client-sfn');
  const asked = stack.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: machineArn('pass') }));
  await expect(asked).rejects.toThrow(/DeleteStateMachine.*StartExecution/);
  await expect(asked).rejects.toBeInstanceOf(SFNServiceException);
});
