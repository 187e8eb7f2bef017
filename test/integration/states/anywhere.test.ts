import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { functionArn, type Machines, machine, machineArn, startMachines } from '../../support/machines.ts';

/** Fails once a thing, wherever it is asked the first time; the last thing fails always. */
const seen = new Set<string>();
const handlers = {
  work: ({ thing }: { thing: string }) => {
    if (thing === 'broken') throw Object.assign(new Error('it is broken'), { name: 'Broken' });
    if (!seen.has(thing)) {
      seen.add(thing);
      throw Object.assign(new Error('not yet'), { name: 'NotYet' });
    }
    return { made: thing };
  },
};

const work = (more: object) => ({
  Type: 'Task',
  Resource: functionArn('work'),
  Retry: [{ ErrorEquals: ['NotYet'], IntervalSeconds: 5, MaxAttempts: 3 }],
  ...more,
});

const definition = {
  StartAt: 'Begin',
  States: {
    Begin: work({ ResultPath: '$.begun', Next: 'Rest' }),
    Rest: { Type: 'Wait', Seconds: 30, Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemsPath: '$.things',
      ItemSelector: { 'thing.$': '$$.Map.Item.Value' },
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'Make',
        States: {
          Make: work({
            Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'GivenUp' }],
            Next: 'Made',
          }),
          Made: { Type: 'Succeed' },
          GivenUp: { Type: 'Pass', Parameters: { 'given.$': '$.error.Error' }, End: true },
        },
      },
      ResultPath: '$.all',
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'One', States: { One: { Type: 'Pass', Result: 1, End: true } } },
        {
          StartAt: 'Two',
          States: {
            Two: { Type: 'Wait', Seconds: 1, Next: 'Three' },
            Three: { Type: 'Pass', Result: 2, End: true },
          },
        },
      ],
      ResultPath: '$.both',
      Next: 'IsDone',
    },
    IsDone: {
      Type: 'Choice',
      Choices: [{ Variable: '$.both[1]', NumericEquals: 2, Next: 'Done' }],
      Default: 'NotDone',
    },
    Done: { Type: 'Succeed' },
    NotDone: { Type: 'Fail', Error: 'NotDone' },
  },
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Starts the machine over a journal of these lines. */
async function begin(lines: readonly string[]): Promise<Machines & { readonly file: string }> {
  const stateDir = mkdtempSync(join(tmpdir(), 'afterparty-anywhere-'));
  folders.push(stateDir);
  const file = join(stateDir, 'states.jsonl');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const resources = { Machine: machine(definition, { StateMachineName: 'machine' }) };
  return { ...(await startMachines(resources, { handlers, stateDir })), file };
}

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test('killed after any line of the journal, an execution comes to the same', async () => {
  const whole = await begin([]);
  onTestFinished(() => whole.stop());
  const input = JSON.stringify({ thing: 'first', things: ['a', 'b', 'broken', 'c'] });
  const { executionArn } = await whole.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn('machine'), name: 'run', input }),
  );
  await whole.pass(600_000);
  const told = await whole.sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(JSON.parse(told.output ?? '')).toEqual({
    ...JSON.parse(input),
    begun: { made: 'first' },
    all: [{ made: 'a' }, { made: 'b' }, { given: 'Broken' }, { made: 'c' }],
    both: [1, 2],
  });
  const path = whole.states.executions()[0]?.path as { state: string; event: string }[];
  expect(path.filter(({ event }) => event === 'retried')).toHaveLength(4);

  const lines = linesOf(whole.file);
  expect(lines.length).toBeGreaterThan(60);
  for (let kept = 1; kept <= lines.length; kept++) {
    const again = await begin(lines.slice(0, kept));
    await again.pass(600_000);
    const [execution] = again.states.executions();
    expect(execution, `after ${kept} lines`).toMatchObject({ status: 'SUCCEEDED' });
    const after = linesOf(again.file);
    // Nothing that was there has been changed, and every event has its number.
    expect(after.slice(0, kept)).toEqual(lines.slice(0, kept));
    const closed = after.flatMap((line) => JSON.parse(line).closed ?? []);
    expect(
      closed.map(({ output }) => output),
      `after ${kept} lines`,
    ).toEqual([told.output]);
    const ids = after.flatMap((line) => JSON.parse(line).event?.id ?? []);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    await again.gateway.close();
    await Promise.all(again.engines.map((engine) => engine.close()));
    again.clock.stop();
  }
});
