import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  functionArn,
  type Machines,
  machine,
  machineArn,
  oneState,
  startMachines,
} from '../../support/machines.ts';

const large = (bytes: number) => 'x'.repeat(bytes - 2);
const handlers = { large: ({ bytes }: { bytes: number }) => large(bytes) };

const endless = {
  StartAt: 'Again',
  States: { Again: { Type: 'Pass', Next: 'Really' }, Really: { Type: 'Pass', Next: 'Again' } },
};
const catching = (Catch: object[]) => ({
  StartAt: 'Only',
  States: {
    Only: { Type: 'Task', Resource: functionArn('large'), Catch, End: true },
    Caught: { Type: 'Pass', OutputPath: '$.Error', End: true },
  },
});

let stateDir: string;
let stack: Machines;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'afterparty-limits-'));
  stack = await startMachines(
    {
      Endless: machine(endless, { StateMachineName: 'endless' }),
      Round: machine(endless, { StateMachineName: 'round', Type: 'EXPRESS' }),
      ByName: machine(catching([{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }]), {
        StateMachineName: 'byName',
      }),
      ByAll: machine(catching([{ ErrorEquals: ['States.ALL'], Next: 'Caught' }]), {
        StateMachineName: 'byAll',
      }),
      Twice: machine(oneState({ Type: 'Pass', Parameters: { 'one.$': '$', 'two.$': '$' } }), {
        StateMachineName: 'twice',
      }),
    },
    { handlers, stateDir },
  );
});
afterAll(async () => {
  await stack.stop();
  await rm(stateDir, { recursive: true });
});

async function run(name: string, input: unknown = {}) {
  const { executionArn } = await stack.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(name), input: JSON.stringify(input) }),
  );
  await stack.idle();
  return stack.sfn.send(new DescribeExecutionCommand({ executionArn }));
}

test('an execution ends with its 25,000th event, and each cost the journal one short line', async () => {
  const before = statSync(join(stateDir, 'states.jsonl')).size;
  const { executionArn, status, error, cause } = await run('endless');
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Runtime' });
  expect(cause).toContain('The execution reached the maximum number of history events (25000).');
  const { events = [] } = await stack.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
  );
  expect(events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
  const journal = readFileSync(join(stateDir, 'states.jsonl'));
  expect((journal.length - before) / 25_000).toBeLessThan(400);
});

test('a machine that never waits leaves others their turn, and is ended in time', async () => {
  const stateMachineArn = machineArn('round');
  await stack.sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const states = () => stack.states.executions().at(-1) as { status: string; path: unknown[] };
  await expect.poll(() => states().path.length).toBeGreaterThan(1_000);
  await stack.clock.advance(300_000);
  await stack.idle();
  expect(states().status).toBe('TIMED_OUT');
});

test('what a state gives has 256 KiB at most', async () => {
  expect(await run('twice', large(100_000))).toMatchObject({ status: 'SUCCEEDED' });
  expect(await run('twice', large(131_072))).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: expect.stringContaining("The state/task 'Only' returned a result with a size exceeding"),
  });
});

test('what a task gives too; its own name catches that, States.ALL does not', async () => {
  expect(await run('byName', { bytes: 262_144 })).toMatchObject({ status: 'SUCCEEDED' });
  const caught = await run('byName', { bytes: 262_145 });
  expect(caught).toMatchObject({ status: 'SUCCEEDED', output: '"States.DataLimitExceeded"' });
  expect(await run('byAll', { bytes: 262_145 })).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
  });
});
