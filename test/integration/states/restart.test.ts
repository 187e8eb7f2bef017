import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import {
  functionArn,
  type Machines,
  machine,
  machineArn,
  oneState,
  startMachines,
} from '../../support/machines.ts';

const SECOND = 1_000;

/** A function that answers when it is let go, and what it has been called with. */
class Gate {
  readonly calls: unknown[] = [];
  #waiting: { event: unknown; settle: (name?: string) => void }[] = [];

  readonly handler = (event: unknown) => {
    this.calls.push(event);
    return new Promise((resolve, reject) => {
      const settle = (name?: string) =>
        name ? reject(Object.assign(new Error('as asked'), { name })) : resolve(event);
      this.#waiting.push({ event, settle });
    });
  };

  async reached(count: number): Promise<void> {
    await expect.poll(() => this.calls).toHaveLength(count);
  }

  /** Lets those go that were called with `event`, all if there is none; failing by `name`. */
  open(event?: unknown, name?: string): void {
    const isMeant = (each: { event: unknown }) => event === undefined || each.event === event;
    for (const { settle } of this.#waiting.filter(isMeant)) settle(name);
    this.#waiting = this.#waiting.filter((each) => !isMeant(each));
  }
}

const task = (more: object = {}) => ({ Type: 'Task', Resource: functionArn('gate'), ...more });

const definitions = {
  steps: {
    StartAt: 'First',
    States: {
      First: task({ ResultPath: '$.first', Next: 'Second' }),
      Second: task({ Next: 'Done' }),
      Done: { Type: 'Succeed' },
    },
  },
  wait: oneState({ Type: 'Wait', Seconds: 100 }),
  retry: oneState(
    task({ Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 50, MaxAttempts: 2, BackoffRate: 2 }] }),
  ),
  map: oneState({
    Type: 'Map',
    ItemProcessor: {
      StartAt: 'Each',
      States: { Each: task({ Next: 'Then' }), Then: { Type: 'Pass', End: true } },
    },
  }),
  limited: oneState({ Type: 'Wait', Seconds: 500 }, { TimeoutSeconds: 200 }),
};

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'afterparty-states-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts the machines over a state folder. */
async function begin(gate: Gate, stateDir: string, aheadMs = 0, changed: object = {}): Promise<Machines> {
  const clock = new Clock();
  await clock.advance(aheadMs);
  const machines = Object.entries({ ...definitions, ...changed }).map(([name, definition]) => [
    name,
    machine(definition, { StateMachineName: name }),
  ]);
  const express = machine(definitions.wait, { StateMachineName: 'express', Type: 'EXPRESS' });
  const resources = { ...Object.fromEntries(machines), Express: express };
  const stack = await startMachines(resources, { handlers: { gate: gate.handler }, stateDir, clock });
  onTestFinished(() => stack.stop());
  return stack;
}

/** Starts the machines from what a kill at this moment would leave. */
function afterKill(gate: Gate, stateDir: string, aheadMs?: number, changed?: object): Promise<Machines> {
  const left = folder();
  cpSync(stateDir, left, { recursive: true });
  return begin(gate, left, aheadMs, changed);
}

const start = async (stack: Machines, name: string, input: unknown = {}) =>
  (
    await stack.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: machineArn(name),
        name: 'run',
        input: JSON.stringify(input),
      }),
    )
  ).executionArn as string;
const told = (stack: Machines, executionArn: string) =>
  stack.sfn.send(new DescribeExecutionCommand({ executionArn }));
const history = async (stack: Machines, executionArn: string) =>
  (await stack.sfn.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [];

test('an execution goes on at the state that was entered last, whose task is run again', async () => {
  const stateDir = folder();
  const before = new Gate();
  const first = await begin(before, stateDir);
  const arn = await start(first, 'steps', { a: 1 });
  await before.reached(1);
  before.open();
  await before.reached(2);

  const after = new Gate();
  const second = await afterKill(after, stateDir);
  await after.reached(1);
  expect(after.calls).toEqual([{ a: 1, first: { a: 1 } }]);
  expect(await told(second, arn)).toMatchObject({ status: 'RUNNING', input: '{"a":1}' });
  after.open();
  await second.idle();
  expect(await told(second, arn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"a":1,"first":{"a":1}}',
  });
  const events = await history(second, arn);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered'));
  expect(entered.map(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name)).toEqual([
    'First',
    'Second',
    'Done',
  ]);
  expect(second.states.executions()[0]?.path).toEqual(
    ['First', 'Second', 'Done'].map((state) => ({ state, event: 'entered' })),
  );
});

test('what was accepted is there even if nothing of it was begun', async () => {
  const stateDir = folder();
  const before = new Gate();
  const first = await begin(before, stateDir);
  const arn = await start(first, 'steps');
  // A kill right after the answer: only the journal's first line of the execution is there.
  const journal = readFileSync(join(stateDir, 'states.jsonl'), 'utf8').split('\n');
  const left = folder();
  appendFileSync(join(left, 'states.jsonl'), `${journal[0]}\n{"torn`);
  const after = new Gate();
  const second = await begin(after, left);
  await after.reached(1);
  expect(await told(second, arn)).toMatchObject({ status: 'RUNNING' });
  expect((await history(second, arn))[0]?.type).toBe('ExecutionStarted');
});

test('a wait ends when it would have ended, on the clock', async () => {
  const stateDir = folder();
  const gate = new Gate();
  const first = await begin(gate, stateDir);
  const arn = await start(first, 'wait');
  await first.idle();
  const second = await afterKill(gate, stateDir, 60 * SECOND);
  await second.pass(20 * SECOND);
  expect(await told(second, arn)).toMatchObject({ status: 'RUNNING' });
  await second.pass(20 * SECOND);
  expect(await told(second, arn)).toMatchObject({ status: 'SUCCEEDED' });
  const third = await afterKill(gate, stateDir, 3_600 * SECOND);
  await third.idle();
  expect(await told(third, arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a timeout of the machine counts from its start', async () => {
  const stateDir = folder();
  const gate = new Gate();
  const arn = await start(await begin(gate, stateDir), 'limited');
  const second = await afterKill(gate, stateDir, 150 * SECOND);
  await second.pass(30 * SECOND);
  expect(await told(second, arn)).toMatchObject({ status: 'RUNNING' });
  await second.pass(30 * SECOND);
  expect(await told(second, arn)).toMatchObject({ status: 'TIMED_OUT' });
});

test('retries are counted on, and their pause is kept', async () => {
  const stateDir = folder();
  const before = new Gate();
  const first = await begin(before, stateDir);
  const arn = await start(first, 'retry', 1);
  await before.reached(1);
  before.open(1, 'A');
  await first.idle();

  const after = new Gate();
  const second = await afterKill(after, stateDir, 30 * SECOND);
  await second.idle();
  expect(after.calls).toEqual([]);
  await second.clock.advance(20 * SECOND);
  await after.reached(1);
  after.open(1, 'A');
  await second.idle();
  await second.clock.advance(100 * SECOND);
  await after.reached(2);
  after.open(1, 'A');
  await second.idle();
  expect(await told(second, arn)).toMatchObject({ status: 'FAILED', error: 'A' });
  expect(second.states.executions()[0]?.path).toMatchObject([
    { event: 'entered' },
    { event: 'retried', error: 'A' },
    { event: 'retried', error: 'A' },
  ]);
});

test('iterations of a Map that were done are not done again', async () => {
  const stateDir = folder();
  const before = new Gate();
  const first = await begin(before, stateDir);
  const arn = await start(first, 'map', ['a', 'b', 'c']);
  await before.reached(3);
  before.open('b');
  await expect.poll(async () => JSON.stringify(await history(first, arn))).toContain('MapIterationSucceeded');

  const after = new Gate();
  const second = await afterKill(after, stateDir);
  await after.reached(2);
  expect(after.calls).toEqual(['a', 'c']);
  after.open();
  await second.idle();
  expect(await told(second, arn)).toMatchObject({ status: 'SUCCEEDED', output: '["a","b","c"]' });
});

test('closed executions are known over restarts, for 90 days', async () => {
  const stateDir = folder();
  const gate = new Gate();
  const first = await begin(gate, stateDir);
  const arn = await start(first, 'wait');
  await first.pass(100 * SECOND);
  const events = await history(first, arn);
  const second = await afterKill(gate, stateDir, 86_400 * SECOND);
  expect(await history(second, arn)).toEqual(events);
  await expect(start(second, 'wait')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  const third = await afterKill(gate, stateDir, 91 * 86_400 * SECOND);
  await expect(told(third, arn)).rejects.toBeInstanceOf(ExecutionDoesNotExist);
});

test('Express executions are lost', async () => {
  const stateDir = folder();
  const gate = new Gate();
  const first = await begin(gate, stateDir);
  await start(first, 'express');
  expect(first.states.executions()).toHaveLength(1);
  const second = await afterKill(gate, stateDir);
  expect(second.states.executions()).toEqual([]);
  expect(readFileSync(join(stateDir, 'states.jsonl'), 'utf8')).toBe('');
});

test('an execution whose machine has changed meanwhile is ended, and one that is gone forgotten', async () => {
  const stateDir = folder();
  const gate = new Gate();
  const first = await begin(gate, stateDir);
  const waits = await start(first, 'wait');
  const other = await start(first, 'limited');
  await first.idle();
  const second = await afterKill(gate, stateDir, 0, { wait: oneState({ Type: 'Wait', Seconds: 7 }) });
  await second.idle();
  expect(await told(second, waits)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'wait was changed while the execution was not running.',
  });
  expect(await told(second, other)).toMatchObject({ status: 'RUNNING' });
});

test('a stop leaves executions running, and their tasks unfailed', async () => {
  const stateDir = folder();
  const before = new Gate();
  const first = await begin(before, stateDir);
  const arn = await start(first, 'steps');
  await before.reached(1);
  await first.states.close();
  before.open(undefined, 'Runtime.ExitError');
  const after = new Gate();
  const second = await afterKill(after, stateDir);
  await after.reached(1);
  expect(await told(second, arn)).toMatchObject({ status: 'RUNNING' });
});
