import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allIdle } from '../../../offline/activity.ts';
import { createLambdaEngine } from '../../../offline/lambda/engine.ts';
import { createStatesEngine } from '../../../offline/states/engine.ts';
import { testContext } from '../../support/context.ts';
import { functionArn, machine, machineArn, machineRole } from '../../support/machines.ts';
import { stackOf } from '../../support/stack.ts';
import { lambdaFunction, poolOf } from '../../support/woken.ts';

type Data = Readonly<Record<string, unknown>>;

/** What a state that can be tried again does: a task fails by its error until it was tried so often. */
type Deed =
  | { readonly error: string; readonly until: number }
  | { readonly each: readonly Step[] }
  | { readonly branches: readonly (readonly Step[])[] };

interface Work {
  readonly kind: 'work';
  readonly deed: Deed;
  readonly retries: readonly { readonly name: string; readonly attempts: number }[];
  readonly catches: readonly { readonly name: string; readonly leap: number }[];
}

/** A state of a random machine. It leads to the next one, or leaps over some. */
type Step =
  | { readonly kind: 'pass'; readonly value: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'leap'; readonly below: number; readonly leap: number }
  | { readonly kind: 'fail'; readonly below: number; readonly error: string }
  | Work;

const ERRORS = ['One', 'Two'];
const leap = fc.integer({ min: 1, max: 3 });
const below = fc.integer({ min: 0, max: 3 });
const name = fc.constantFrom(...ERRORS, 'States.TaskFailed');

/** `States.ALL` stands in the last place only. */
function recovery<Other>(more: fc.Arbitrary<Other>) {
  const one = fc.record({ name, more });
  const last = fc.option(fc.record({ name: fc.constant('States.ALL'), more }), { nil: undefined });
  return fc
    .tuple(fc.array(one, { maxLength: 2 }), last)
    .map(([some, all]) => (all ? [...some, all] : some).map((each) => [each.name, each.more] as const));
}

/** Branches fail by one and the same error, as which of them is the first is another matter. */
function someSteps(errors: readonly string[], depth: number): fc.Arbitrary<Step[]> {
  const error = fc.constantFrom(...errors);
  const inner = error.chain((only) => someSteps([only], depth - 1));
  const task = fc.record({ error, until: fc.integer({ min: 0, max: 3 }) });
  const deed: fc.Arbitrary<Deed> =
    depth === 0
      ? task
      : fc.oneof(
          task,
          fc.record({ each: inner }),
          error.chain((only) =>
            fc.record({ branches: fc.array(someSteps([only], depth - 1), { minLength: 1, maxLength: 2 }) }),
          ),
        );
  const work = fc.tuple(deed, recovery(fc.integer({ min: 0, max: 2 })), recovery(leap)).map(
    ([done, retries, catches]): Work => ({
      kind: 'work',
      deed: done,
      retries: retries.map(([named, attempts]) => ({ name: named, attempts })),
      catches: catches.map(([named, over]) => ({ name: named, leap: over })),
    }),
  );
  const step = fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), value: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leap' as const), below, leap }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), below, error }) },
    { weight: 4, arbitrary: work },
  );
  return fc.array(step, { minLength: 1, maxLength: 4 });
}

const causeOf = (error: string) => JSON.stringify({ errorType: error, errorMessage: 'no', trace: [] });

const handlers = {
  work: ({ error, until, tried }: { error: string; until: number; tried: number }) => {
    if (tried < until) throw Object.assign(new Error('no'), { name: error });
    return tried;
  },
};

/** The machine in the Amazon States Language; `place` begins its states' names. */
function written(steps: readonly Step[], place = 'S'): { StartAt: string; States: Record<string, object> } {
  const at = (index: number) => `${place}${index < steps.length ? index : 'End'}`;
  const states = steps.flatMap((step, index): [string, object][] => {
    const Next = at(index + 1);
    switch (step.kind) {
      case 'pass':
        return [[at(index), { Type: 'Pass', Result: step.value, ResultPath: `$.passed${index}`, Next }]];
      case 'wait':
        return [[at(index), { Type: 'Wait', Seconds: step.seconds, Next }]];
      case 'leap': {
        const Choices = [{ Variable: '$.n', NumericLessThan: step.below, Next: at(index + step.leap) }];
        return [[at(index), { Type: 'Choice', Choices, Default: Next }]];
      }
      case 'fail': {
        const failed = `${at(index)}Fails`;
        const Choices = [{ Variable: '$.n', NumericLessThan: step.below, Next: failed }];
        return [
          [at(index), { Type: 'Choice', Choices, Default: Next }],
          [failed, { Type: 'Fail', Error: step.error, Cause: causeOf(step.error) }],
        ];
      }
      default:
        return [[at(index), { ...workWritten(step, at, index), ResultPath: '$.worked', Next }]];
    }
  });
  return {
    StartAt: at(0),
    States: { ...Object.fromEntries(states), [at(steps.length)]: { Type: 'Succeed' } },
  };
}

function workWritten({ deed, retries, catches }: Work, at: (index: number) => string, index: number): object {
  const recovers = {
    Retry: retries.map((each) => ({ ErrorEquals: [each.name], MaxAttempts: each.attempts })),
    Catch: catches.map((each) => ({
      ErrorEquals: [each.name],
      ResultPath: '$.caught',
      Next: at(index + each.leap),
    })),
  };
  if ('branches' in deed) {
    const Branches = deed.branches.map((branch, place) => written(branch, `${at(index)}B${place}`));
    return { Type: 'Parallel', Branches, ...recovers };
  }
  if ('each' in deed) {
    const ItemSelector = { 'n.$': '$$.Map.Item.Value', 'items.$': '$.items' };
    const ItemProcessor = written(deed.each, `${at(index)}M`);
    return { Type: 'Map', ItemsPath: '$.items', ItemSelector, ItemProcessor, MaxConcurrency: 2, ...recovers };
  }
  const Parameters = { ...deed, 'tried.$': '$$.State.RetryCount' };
  return { Type: 'Task', Resource: functionArn('work'), Parameters, ...recovers };
}

class Failed extends Error {}

/** What the steps come to, by the language's rules and without time. */
function outcome(steps: readonly Step[], given: Data): Data {
  let data = given;
  for (let index = 0; index < steps.length; ) {
    const step = steps[index] as Step;
    let over = 1;
    if (step.kind === 'pass') data = { ...data, [`passed${index}`]: step.value };
    if (step.kind === 'leap' && Number(data.n) < step.below) over = step.leap;
    if (step.kind === 'fail' && Number(data.n) < step.below) throw new Failed(step.error);
    if (step.kind === 'work') [data, over] = worked(step, data);
    index += over;
  }
  return data;
}

/** What is known after a state, and how far it leads. */
function worked({ deed, retries, catches }: Work, data: Data): [Data, number] {
  const left = retries.map(({ attempts }) => attempts);
  for (let tried = 0; ; tried++) {
    try {
      return [{ ...data, worked: done(deed, data, tried) }, 1];
    } catch (error) {
      const { message } = error as Failed;
      const isMeant = (each: { name: string }) => /^States/.test(each.name) || each.name === message;
      const retrier = retries.findIndex(isMeant);
      const attempts = left[retrier] ?? 0;
      left[retrier] = attempts - 1;
      if (attempts > 0) continue;
      const catcher = catches.find(isMeant);
      if (!catcher) throw error;
      return [{ ...data, caught: { Error: message, Cause: causeOf(message) } }, catcher.leap];
    }
  }
}

function done(deed: Deed, data: Data, tried: number): unknown {
  if ('branches' in deed) return deed.branches.map((branch) => outcome(branch, data));
  const items = data.items as number[];
  if ('each' in deed) return items.map((n) => outcome(deed.each, { n, items }));
  if (tried < deed.until) throw new Failed(deed.error);
  return tried;
}

function expected(steps: readonly Step[], input: Data): object {
  try {
    return { status: 'SUCCEEDED', output: outcome(steps, input) };
  } catch (error) {
    const { message } = error as Failed;
    return { status: 'FAILED', error: message, cause: causeOf(message) };
  }
}

const executionArn = `${machineArn('any').replace(':stateMachine:', ':execution:')}:run`;

/** Runs the machine over a journal of these lines, or from its start, and answers what it came to. */
async function run(steps: readonly Step[], input: Data, lines: readonly string[] = []) {
  const stateDir = mkdtempSync(join(tmpdir(), 'afterparty-any-'));
  const file = join(stateDir, 'states.jsonl');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const context = testContext(stateDir);
  const stack = stackOf(context, {
    Work: lambdaFunction('work'),
    MachineRole: machineRole(),
    Machine: machine(written(steps), { StateMachineName: 'any' }),
  });
  const lambda = createLambdaEngine(context, stack, poolOf(handlers));
  const states = createStatesEngine(context, stack);
  for (const engine of [lambda, states]) context.engines.set(engine.service, engine);
  try {
    const asked = { stateMachineArn: machineArn('any'), name: 'run', input: JSON.stringify(input) };
    if (lines.length === 0) await context.ask('states', 'StartExecution', asked);
    for (let round = 0; round < 100; round++) {
      await allIdle([lambda, states]);
      if (states.executions().every(({ status }) => status !== 'RUNNING')) break;
      await context.clock.advance(60_000);
    }
    const told = await context.ask('states', 'DescribeExecution', { executionArn });
    const { events } = await context.ask('states', 'GetExecutionHistory', {
      executionArn,
      maxResults: 1_000,
    });
    return {
      told: { ...told, ...(typeof told.output === 'string' && { output: JSON.parse(told.output) }) },
      events: events as { id: number; previousEventId: number; type: string }[],
      lines: readFileSync(file, 'utf8').trimEnd().split('\n'),
    };
  } finally {
    await context.stop();
  }
}

test('any machine comes to what the language says, wherever it was killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      someSteps(ERRORS, 2),
      fc.nat(3),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
      async (steps, n, cuts) => {
        const input = { n, items: [0, 1, 2] };
        const whole = await run(steps, input);
        expect(whole.told).toMatchObject(expected(steps, input));
        expect(whole.events.map(({ id }) => id)).toEqual(whole.events.map((_, index) => index + 1));
        for (const { id, previousEventId } of whole.events) expect(previousEventId).toBeLessThan(id);
        for (const cut of cuts) {
          const kept = 1 + Math.floor(cut * (whole.lines.length - 1));
          const again = await run(steps, input, whole.lines.slice(0, kept));
          expect(again.told, `after ${kept} lines`).toMatchObject(expected(steps, input));
        }
      },
    ),
    { numRuns: 50 },
  );
});
