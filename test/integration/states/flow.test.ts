import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionArn, type Machines, machine, machineArn, startMachines } from '../../support/machines.ts';

interface Given {
  readonly n?: number;
}

const handlers = {
  double: ({ n = 0 }: Given) => ({ n: 2 * n }),
  echo: (event: unknown) => event,
  odd: ({ n = 0 }: Given) => {
    if (n % 2 === 0) throw Object.assign(new Error(`${n} is even`), { name: 'Even' });
    return n;
  },
};

const pass = (more: object = {}) => ({ Type: 'Pass', End: true, ...more });
const invoke = (name: string, more: object = {}) => ({ Type: 'Task', Resource: functionArn(name), ...more });
const mapOf = (States: Record<string, object>, more: object = {}) => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: Object.keys(States)[0], States },
  ...more,
});

/** Machines by their name: the states of each, of which the first is where it starts. */
const flows: Record<string, Record<string, object>> = {
  inputPath: { A: pass({ InputPath: '$.a', ResultPath: '$.got' }) },
  noInput: { A: pass({ InputPath: null }) },
  noOutput: { A: pass({ OutputPath: null }) },
  outputPath: { A: pass({ Result: { x: [1, 2] }, ResultPath: '$.made', OutputPath: '$.made.x[1]' }) },
  discarded: { A: pass({ Result: 1, ResultPath: null }) },
  parameters: {
    A: pass({
      Parameters: {
        fixed: 1,
        'whole.$': '$',
        list: [{ 'b.$': '$.a.b' }, 'text'],
        'joined.$': "States.Format('{}-{}', $.a.b, $$.Execution.Name)",
      },
    }),
  },
  selector: {
    A: invoke('double', {
      Parameters: { 'n.$': '$.a.b' },
      ResultSelector: { 'twice.$': '$.n' },
      ResultPath: '$.result',
      End: true,
    }),
  },
  context: {
    A: pass({
      Parameters: {
        'id.$': '$$.Execution.Id',
        'input.$': '$$.Execution.Input',
        'role.$': '$$.Execution.RoleArn',
        'began.$': '$$.Execution.StartTime',
        'machine.$': '$$.StateMachine.Name',
        'machineId.$': '$$.StateMachine.Id',
        'state.$': '$$.State.Name',
        'entered.$': '$$.State.EnteredTime',
      },
    }),
  },
  choice: {
    A: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.a.b', NumericGreaterThan: 10, Next: 'Large' },
        {
          And: [{ Variable: '$.a.c', IsPresent: true }, { Not: { Variable: '$.a.c', IsNull: true } }],
          Next: 'C',
        },
      ],
      Default: 'Other',
    },
    Large: pass({ Result: 'large' }),
    C: pass({ Result: 'c' }),
    Other: pass({ Result: 'other' }),
  },
  noChoice: {
    A: { Type: 'Choice', Choices: [{ Variable: '$.a.b', NumericEquals: -1, Next: 'B' }] },
    B: pass(),
  },
  missingChoice: {
    A: { Type: 'Choice', Choices: [{ Variable: '$.nope', NumericEquals: 1, Next: 'B' }], Default: 'B' },
    B: pass(),
  },
  succeed: { A: { Type: 'Succeed', InputPath: '$.a', OutputPath: '$.b' } },
  fail: { A: { Type: 'Fail', Error: 'Custom', Cause: 'because' } },
  failPath: {
    A: { Type: 'Fail', ErrorPath: '$.a.error', CausePath: "States.Format('{} is wrong', $.a.b)" },
  },
  failNamed: { A: { Type: 'Fail' } },
  map: { A: mapOf({ Twice: invoke('double', { End: true }) }, { ItemsPath: '$.items', End: true }) },
  mapSelector: {
    A: mapOf(
      { Echo: invoke('echo', { End: true }) },
      {
        ItemsPath: '$.items',
        ItemSelector: {
          'at.$': '$$.Map.Item.Index',
          'n.$': '$$.Map.Item.Value.n',
          'b.$': '$.a.b',
          'state.$': '$$.State.Name',
        },
        ResultSelector: { 'all.$': '$' },
        ResultPath: '$.mapped',
        MaxConcurrency: 1,
        End: true,
      },
    ),
  },
  mapLegacy: {
    A: {
      Type: 'Map',
      ItemsPath: '$.items',
      Parameters: { 'n.$': '$$.Map.Item.Value.n' },
      Iterator: { StartAt: 'Twice', States: { Twice: invoke('double', { End: true }) } },
      End: true,
    },
  },
  mapEmpty: { A: mapOf({ B: pass() }, { ItemsPath: '$.none', End: true }) },
  mapNoArray: {
    A: mapOf(
      { B: pass() },
      {
        ItemsPath: '$.a',
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
        End: true,
      },
    ),
    Caught: pass(),
  },
  mapFails: {
    A: mapOf(
      { Odd: invoke('odd', { InputPath: '$', End: true }) },
      {
        ItemsPath: '$.items',
        MaxConcurrency: 1,
        Catch: [{ ErrorEquals: ['Even'], ResultPath: '$.error', Next: 'Caught' }],
        End: true,
      },
    ),
    Caught: pass({ OutputPath: '$.error.Error' }),
  },
  mapNested: {
    A: mapOf(
      {
        Inner: mapOf(
          { Echo: pass() },
          { ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value' }, End: true },
        ),
      },
      { ItemsPath: '$.lists', End: true },
    ),
  },
  mapConcurrency: {
    A: mapOf({ B: pass() }, { ItemsPath: '$.items', MaxConcurrencyPath: '$.a.b', End: true }),
  },
  parallel: {
    A: {
      Type: 'Parallel',
      Parameters: { 'n.$': '$.a.b' },
      Branches: [
        { StartAt: 'Twice', States: { Twice: invoke('double', { End: true }) } },
        { StartAt: 'Same', States: { Same: pass() } },
      ],
      ResultPath: '$.both',
      End: true,
    },
  },
  parallelFails: {
    A: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Wrong', States: { Wrong: { Type: 'Fail', Error: 'Wrong', Cause: 'here' } } },
        { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 60, Next: 'After' }, After: pass() } },
      ],
      Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Caught' }],
      End: true,
    },
    Caught: pass({ OutputPath: '$.error' }),
  },
  loop: {
    Count: pass({
      Parameters: { 'n.$': 'States.MathAdd($.n, 1)' },
      End: undefined,
      Next: 'Enough',
    }),
    Enough: {
      Type: 'Choice',
      Choices: [{ Variable: '$.n', NumericLessThan: 5, Next: 'Count' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
  missingParameter: {
    A: invoke('echo', {
      Parameters: { 'x.$': '$.nope' },
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
      End: true,
    }),
    Caught: pass(),
  },
  missingArgument: { A: pass({ Parameters: { 'x.$': "States.Format('{}', States.Format('{}', $.nope))" } }) },
  missingInput: { A: pass({ InputPath: '$.nope' }) },
  badIntrinsic: { A: pass({ Parameters: { 'x.$': "States.StringToJson('{')" } }) },
  badResultPath: {
    A: invoke('echo', {
      ResultPath: '$.a.b.c',
      Catch: [{ ErrorEquals: ['States.ResultPathMatchFailure'], Next: 'Caught' }],
      End: true,
    }),
    Caught: pass({ OutputPath: '$.Error' }),
  },
};

let stack: Machines;
beforeAll(async () => {
  const machines = Object.entries(flows).map(([name, States]) => [
    name,
    machine({ StartAt: Object.keys(States)[0], States }, { StateMachineName: name, Type: 'EXPRESS' }),
  ]);
  const standard = Object.entries(flows).map(([name, States]) => [
    `${name}Standard`,
    machine({ StartAt: Object.keys(States)[0], States }, { StateMachineName: `${name}-standard` }),
  ]);
  stack = await startMachines(Object.fromEntries([...machines, ...standard]), { handlers });
});
afterAll(() => stack.stop());

const input = {
  a: { b: 7, error: 'Given' },
  items: [{ n: 1 }, { n: 2 }, { n: 3 }],
  lists: [['x'], ['y', 'z']],
  none: [],
  n: 0,
};

async function run(name: string, given: unknown = input) {
  const answer = await stack.sfn.send(
    new StartSyncExecutionCommand({
      stateMachineArn: machineArn(name),
      name: 'run',
      input: JSON.stringify(given),
    }),
  );
  const { status, output, error, cause } = answer;
  return status === 'SUCCEEDED' ? JSON.parse(output ?? '') : { status, error, cause };
}

async function events(name: string, given: unknown = input) {
  const { executionArn } = await stack.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn(`${name}-standard`),
      input: JSON.stringify(given),
    }),
  );
  await stack.idle();
  const { events: all = [] } = await stack.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  const { status } = await stack.sfn.send(new DescribeExecutionCommand({ executionArn }));
  return { status, all, types: all.map(({ type }) => type) };
}

describe('what goes in and out', () => {
  test.each<[string, unknown]>([
    // The result is put into what the state was given, not into what InputPath left of it.
    ['inputPath', { ...input, got: input.a }],
    ['noInput', {}],
    ['noOutput', {}],
    ['outputPath', 2],
    ['discarded', input],
    ['parameters', { fixed: 1, whole: input, list: [{ b: 7 }, 'text'], joined: '7-run' }],
    ['selector', { ...input, result: { twice: 14 } }],
    ['succeed', 7],
  ])('%s', async (name, expected) => {
    expect(await run(name)).toEqual(expected);
  });

  test('the context object tells of execution, machine and state', async () => {
    const told = await run('context');
    expect(told).toMatchObject({ input, machine: 'context', machineId: machineArn('context'), state: 'A' });
    expect(told.id).toContain(':express:context:run:');
    expect(told.role).toContain(':role/');
    for (const time of [told.began, told.entered]) expect(time).toMatch(/^\d{4}-.*\.\d{3}Z$/);
  });
});

describe('Choice', () => {
  test.each<[unknown, string]>([
    [{ a: { b: 11 } }, 'large'],
    [{ a: { b: 10, c: 1 } }, 'c'],
    [{ a: { b: 10, c: null } }, 'other'],
    [{ a: { b: '11' } }, 'other'],
  ])('%j leads to %s', async (given, expected) => {
    expect(await run('choice', given)).toBe(expected);
  });

  test('fails where no rule holds and nothing is the default', async () => {
    expect(await run('noChoice')).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  test('fails where its variable is not there', async () => {
    expect(await run('missingChoice')).toMatchObject({
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.nope': The choice state's condition path references an invalid value.",
    });
  });

  test('leads in a circle as often as it takes', async () => {
    expect(await run('loop')).toEqual({ n: 5 });
    const { types } = await events('loop');
    expect(types.filter((type) => type === 'PassStateEntered')).toHaveLength(5);
  });
});

describe('Fail', () => {
  test.each<[string, object]>([
    ['fail', { error: 'Custom', cause: 'because' }],
    ['failPath', { error: 'Given', cause: '7 is wrong' }],
    ['failNamed', { error: undefined, cause: undefined }],
  ])('%s', async (name, expected) => {
    expect(await run(name)).toEqual({ status: 'FAILED', ...expected });
  });
});

describe('Map', () => {
  test.each<[string, unknown]>([
    ['map', [{ n: 2 }, { n: 4 }, { n: 6 }]],
    ['mapSelector', { ...input, mapped: { all: [1, 2, 3].map((n, at) => ({ at, n, b: 7, state: 'A' })) } }],
    ['mapLegacy', [{ n: 2 }, { n: 4 }, { n: 6 }]],
    ['mapEmpty', []],
    [
      'mapNested',
      [
        [{ i: 0, v: 'x' }],
        [
          { i: 0, v: 'y' },
          { i: 1, v: 'z' },
        ],
      ],
    ],
    ['mapConcurrency', input.items],
  ])('%s', async (name, expected) => {
    expect(await run(name)).toEqual(expected);
  });

  test('of what is no array ends the execution, whatever is caught', async () => {
    expect(await run('mapNoArray')).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining('Reference path "$.a" must point to array.'),
    });
  });

  test('ends with the first iteration that fails, by its error', async () => {
    const odd = { items: [{ n: 2 }, { n: 1 }] };
    expect(await run('mapFails', odd)).toBe('Even');
    const { types } = await events('mapFails', odd);
    expect(types.filter((type) => type === 'MapIterationStarted')).toHaveLength(1);
    expect(types).toContain('MapIterationFailed');
    expect(types.slice(-5)).toEqual([
      'MapStateFailed',
      'MapStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('tells each iteration with its index, after the one before it', async () => {
    const { all, types } = await events('mapSelector');
    expect(types.slice(0, 9)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
    ]);
    expect(all[2]?.mapStateStartedEventDetails).toEqual({ length: 3 });
    const started = all.filter(({ type }) => type === 'MapIterationStarted');
    expect(started.map((event) => event.mapIterationStartedEventDetails)).toEqual([
      { name: 'A', index: 0 },
      { name: 'A', index: 1 },
      { name: 'A', index: 2 },
    ]);
    const succeeded = all.filter(({ type }) => type === 'MapIterationSucceeded');
    expect(started[1]?.previousEventId).toBe(succeeded[0]?.id);
    expect(all.at(-3)).toMatchObject({ type: 'MapStateSucceeded', previousEventId: succeeded[2]?.id });
  });
});

describe('Parallel', () => {
  test('gives what each branch gave, in their order', async () => {
    expect(await run('parallel')).toEqual({ ...input, both: [{ n: 14 }, { n: 7 }] });
  });

  test('ends with the first branch that fails, by its error', async () => {
    expect(await run('parallelFails')).toEqual({ Error: 'Wrong', Cause: 'here' });
    const { status, types } = await events('parallelFails');
    expect(status).toBe('SUCCEEDED');
    await stack.pass(60_000);
    expect(types).not.toContain('WaitStateExited');
    expect(types).toContain('ParallelStateFailed');
  });
});

describe('what a machine has wrong', () => {
  const missing = `could not be found in the input '${JSON.stringify(input)}'`;
  const at = "An error occurred while executing the state 'A' (entered at the event id #2). ";

  test('a path that names nothing ends the execution in the words of AWS, whatever is caught', async () => {
    expect(await run('missingParameter')).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `${at}The JSONPath '$.nope' specified for the field 'x.$' ${missing}`,
    });
    expect(await run('missingArgument')).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `${at}The function 'States.Format('{}', States.Format('{}', $.nope))' had the following error: The JsonPath argument for the field '$.nope' ${missing}`,
    });
    expect(await run('missingInput')).toMatchObject({ error: 'States.Runtime' });
  });

  test('a function that cannot do what it is asked has an error of its own', async () => {
    expect(await run('badIntrinsic')).toMatchObject({ error: 'States.IntrinsicFailure' });
  });

  test('a result that finds no place can be caught', async () => {
    expect(await run('badResultPath')).toBe('States.ResultPathMatchFailure');
  });
});
