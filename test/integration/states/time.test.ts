import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  functionArn,
  type Machines,
  machine,
  machineArn,
  oneState,
  startMachines,
} from '../../support/machines.ts';

const SECOND = 1_000;

/** What the function `unsteady` does, call by call: throw an error of this name, or answer. */
let plan: (string | 'never')[] = [];
/** When it was called, in milliseconds after the first call. */
let calls: number[] = [];

const handlers = {
  unsteady: () => {
    calls.push(stack.clock.now());
    const name = plan.shift();
    if (name === 'never') return new Promise(() => {});
    if (name) throw Object.assign(new Error('as planned'), { name });
    return 'done';
  },
};

const unsteady = (more: object) => oneState({ Type: 'Task', Resource: functionArn('unsteady'), ...more });
const caught = (definition: { States: object }) => ({
  ...definition,
  States: { ...definition.States, Caught: { Type: 'Pass', End: true } },
});
const retry = (ErrorEquals: string[], more: object = {}) => ({ ErrorEquals, ...more });

const definitions: Record<string, object> = {
  wait: oneState({ Type: 'Wait', Seconds: 90 }),
  waitPath: oneState({ Type: 'Wait', SecondsPath: '$.seconds' }),
  waitUntil: oneState({ Type: 'Wait', TimestampPath: '$.until' }),
  waitFixed: oneState({ Type: 'Wait', Timestamp: '2001-01-01T00:00:00Z' }),
  retries: unsteady({ Retry: [retry(['A'], { IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 3 })] }),
  capped: unsteady({
    Retry: [retry(['States.ALL'], { IntervalSeconds: 10, MaxAttempts: 4, MaxDelaySeconds: 15 })],
  }),
  jitter: unsteady({
    Retry: [retry(['A'], { IntervalSeconds: 100, MaxAttempts: 5, BackoffRate: 1, JitterStrategy: 'FULL' })],
  }),
  twoRetriers: unsteady({
    Retry: [retry(['A'], { MaxAttempts: 1 }), retry(['B'], { MaxAttempts: 2, IntervalSeconds: 5 })],
  }),
  notRetried: unsteady({ Retry: [retry(['A'], { MaxAttempts: 0 }), retry(['States.ALL'])] }),
  taskFailed: caught(
    unsteady({
      TimeoutSeconds: 5,
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failed', Next: 'Caught' },
        { ErrorEquals: ['States.Timeout'], ResultPath: '$.late', Next: 'Caught' },
      ],
    }),
  ),
  late: unsteady({ TimeoutSeconds: 30, Retry: [retry(['States.Timeout'], { MaxAttempts: 1 })] }),
  latePath: unsteady({ TimeoutSecondsPath: '$.seconds' }),
  whole: {
    ...caught(unsteady({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] })),
    TimeoutSeconds: 45,
  },
  together: {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Short', States: { Short: { Type: 'Wait', Seconds: 10, End: true } } },
          { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 20, End: true } } },
        ],
        End: true,
      },
    },
  },
};

let stack: Machines;
beforeAll(async () => {
  const machines = Object.entries(definitions).map(([name, definition]) => [
    name,
    machine(definition, { StateMachineName: name }),
  ]);
  stack = await startMachines(Object.fromEntries(machines), { handlers });
});
afterAll(() => stack.stop());
afterEach(() => {
  plan = [];
  calls = [];
});

async function start(name: string, input: object = {}, ...failures: string[]) {
  plan = [...failures];
  const { executionArn } = await stack.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(name), input: JSON.stringify(input) }),
  );
  // Who waits for nothing to be under way would wait for ever where a function never answers.
  if (failures[0] === 'never') await expect.poll(() => calls).toHaveLength(1);
  else await stack.idle();
  return {
    told: () => stack.sfn.send(new DescribeExecutionCommand({ executionArn })),
    status: async () => (await stack.sfn.send(new DescribeExecutionCommand({ executionArn }))).status,
    events: async () => (await stack.sfn.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [],
    path: () => stack.states.executions().find(({ arn }) => arn === executionArn)?.path,
  };
}

/** Whole seconds between the calls. */
const pauses = () => calls.slice(1).map((at, index) => Math.round((at - (calls[index] as number)) / SECOND));

describe('Wait', () => {
  test.each<[string, object, number]>([
    ['wait', {}, 90],
    ['waitPath', { seconds: 3 * 86_400 }, 3 * 86_400],
  ])('%s takes its time on the clock, and nothing is under way meanwhile', async (name, input, seconds) => {
    const execution = await start(name, input);
    expect(stack.states.busy).toBe(false);
    await stack.pass((seconds - 30) * SECOND);
    expect(await execution.status()).toBe('RUNNING');
    await stack.pass(30 * SECOND);
    expect(await execution.status()).toBe('SUCCEEDED');
  });

  test('until a time', async () => {
    const until = new Date(stack.clock.now() + 600 * SECOND).toISOString();
    const execution = await start('waitUntil', { until });
    await stack.pass(500 * SECOND);
    expect(await execution.status()).toBe('RUNNING');
    await stack.pass(100 * SECOND);
    expect(await execution.status()).toBe('SUCCEEDED');
  });

  test('for a time that has passed takes none', async () => {
    expect(await (await start('waitFixed')).status()).toBe('SUCCEEDED');
    expect(await (await start('waitPath', { seconds: 0 })).status()).toBe('SUCCEEDED');
  });

  test.each<[string, object]>([
    ['waitPath', { seconds: -1 }],
    ['waitPath', { seconds: 'soon' }],
    ['waitPath', {}],
    ['waitUntil', { until: 'tomorrow' }],
    ['waitUntil', { until: 5 }],
  ])('%s of %j ends the execution', async (name, input) => {
    expect(await (await start(name, input)).told()).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
  });

  test('of two branches goes on side by side', async () => {
    const execution = await start('together');
    await stack.pass(10 * SECOND);
    expect(await execution.status()).toBe('RUNNING');
    expect(stack.states.busy).toBe(false);
    await stack.pass(10 * SECOND);
    expect(await execution.status()).toBe('SUCCEEDED');
  });
});

describe('Retry', () => {
  test('waits longer each time', async () => {
    const execution = await start('retries', {}, 'A', 'A', 'A', 'A');
    expect(stack.states.busy).toBe(false);
    await stack.pass(200 * SECOND);
    expect(pauses()).toEqual([2, 6, 18, 54]);
    expect(await execution.told()).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(execution.path()).toEqual([
      { state: 'Only', event: 'entered' },
      ...Array(4).fill({ state: 'Only', event: 'retried', error: 'A' }),
    ]);
  });

  test('gives up after its attempts, with the last error', async () => {
    const execution = await start('retries', {}, 'A', 'A', 'A', 'A', 'A');
    await stack.pass(200 * SECOND);
    expect(calls).toHaveLength(5);
    expect(await execution.told()).toMatchObject({ status: 'FAILED', error: 'A' });
    const types = (await execution.events()).map(({ type }) => type);
    expect(types.filter((type) => type === 'LambdaFunctionFailed')).toHaveLength(5);
    expect(types.filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
  });

  test('never waits longer than it may', async () => {
    await start('capped', {}, 'A', 'B', 'C', 'D');
    await stack.pass(100 * SECOND);
    expect(pauses()).toEqual([10, 15, 15, 15]);
  });

  test('with full jitter draws each pause from 0 up to it', async () => {
    await start('jitter', {}, 'A', 'A', 'A', 'A', 'A');
    await stack.pass(600 * SECOND);
    expect(pauses()).toHaveLength(5);
    expect(new Set(pauses()).size).toBeGreaterThan(2);
    for (const pause of pauses()) expect(pause).toBeLessThanOrEqual(100);
  });

  test('counts each retrier by itself', async () => {
    const execution = await start('twoRetriers', {}, 'B', 'A', 'B', 'A');
    await stack.pass(60 * SECOND);
    expect(pauses()).toEqual([5, 1, 10]);
    expect(await execution.told()).toMatchObject({ status: 'FAILED', error: 'A' });
  });

  test('goes by the first retrier that is for the error, even if it has no attempts', async () => {
    const execution = await start('notRetried', {}, 'A');
    expect(await execution.told()).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(calls).toHaveLength(1);
  });
});

describe('a timeout', () => {
  test('of a task ends it by States.Timeout, without a cause', async () => {
    const execution = await start('late', {}, 'never', 'never');
    await stack.clock.advance(20 * SECOND);
    expect(await execution.status()).toBe('RUNNING');
    await stack.clock.advance(60 * SECOND);
    const told = await execution.told();
    expect(told).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(told).not.toHaveProperty('cause');
    expect(pauses()).toEqual([31]);
    const events = await execution.events();
    expect(events[2]).toMatchObject({ lambdaFunctionScheduledEventDetails: { timeoutInSeconds: 30 } });
    expect(events[4]).toMatchObject({
      type: 'LambdaFunctionTimedOut',
      lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });

  test('of a task may come from its data', async () => {
    const execution = await start('latePath', { seconds: 7 }, 'never');
    await stack.clock.advance(7 * SECOND);
    expect(await execution.told()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await (await start('latePath', { seconds: 0 })).told()).toMatchObject({ error: 'States.Runtime' });
  });

  test('is not States.TaskFailed, every other error is', async () => {
    const late = await start('taskFailed', {}, 'never');
    await stack.clock.advance(5 * SECOND);
    expect(JSON.parse((await late.told()).output ?? '')).toEqual({
      late: { Error: 'States.Timeout', Cause: '' },
    });
    const failed = await start('taskFailed', {}, 'Whatever');
    expect(JSON.parse((await failed.told()).output ?? '')).toMatchObject({ failed: { Error: 'Whatever' } });
    expect(failed.path()).toEqual([
      { state: 'Only', event: 'entered' },
      { state: 'Only', event: 'caught', error: 'Whatever' },
      { state: 'Caught', event: 'entered' },
    ]);
  });

  test('of the machine ends the execution, whatever is caught', async () => {
    const execution = await start('whole', {}, 'never');
    await stack.clock.advance(45 * SECOND);
    const told = await execution.told();
    expect(told.status).toBe('TIMED_OUT');
    expect(told).not.toHaveProperty('error');
    expect((await execution.events()).at(-1)?.type).toBe('ExecutionTimedOut');
  });
});
