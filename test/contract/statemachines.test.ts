import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, inject, test } from 'vitest';
import { type CfnResource, ofType, readTemplate, referenced } from '../support/template.ts';

interface Retrier {
  readonly ErrorEquals: string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy?: string;
}

interface Catcher {
  readonly ErrorEquals: string[];
  readonly Next: string;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName: string };
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Next?: string;
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

const template = readTemplate(inject('packaged'));
const machines = ofType(template, 'AWS::StepFunctions::StateMachine').map(([id, resource]) => ({
  id,
  properties: resource.Properties,
  definition: resource.Properties.Definition as Machine,
}));

/** Every state, those inside a Map too, by name. */
function statesOf({ States }: Machine): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
  ]);
}

const tasksOf = (machine: Machine) => statesOf(machine).filter(([, { Type }]) => Type === 'Task');

function functionOf({ properties }: { properties: CfnResource['Properties'] }, state: State) {
  const name = /^\$\{(\w+)\}$/.exec(state.Parameters?.FunctionName ?? '')?.[1] ?? '';
  return template.Resources[referenced(properties.DefinitionSubstitutions[name]) ?? ''];
}

/** How long a task may take at most with all its tries, in seconds. What Lambda throttles is refused at once. */
function longest({ TimeoutSeconds = Number.POSITIVE_INFINITY, Retry = [] }: State): number {
  let seconds = TimeoutSeconds;
  for (const { ErrorEquals, MaxAttempts, IntervalSeconds, BackoffRate, MaxDelaySeconds } of Retry) {
    const again = ErrorEquals.join() === 'Lambda.TooManyRequestsException' ? 0 : TimeoutSeconds;
    for (let attempt = 0; attempt < MaxAttempts; attempt++) {
      seconds += again + Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** attempt);
    }
  }
  return seconds;
}

test('there are the machines that docs/architecture.md names', () => {
  expect(machines.map(({ id }) => id).sort()).toEqual(['FilterBatch', 'FilterPhoto', 'TrainRecommender']);
});

describe.each(machines)('$id', ({ definition, properties }) => {
  test('is deployed as its file says: nothing of it is dropped on the way', () => {
    const file = `${properties.StateMachineName.replace(/^afterparty-prod-/, '')}.asl.json`;
    const written = readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', file), 'utf8');
    expect(definition).toEqual(JSON.parse(written));
  });

  test('is valid in the Amazon States Language', () => {
    // The validator writes into what it is given.
    const { isValid, errorsText } = validate(structuredClone(definition));
    expect({ isValid, errors: errorsText() }).toEqual({ isValid: true, errors: '' });
  });
});

/** What the third calls besides functions is in personalize.test.ts. */
describe.each(machines.filter(({ id }) => id !== 'TrainRecommender'))('$id', (machine) => {
  const { definition, properties } = machine;

  test('invokes functions of the service, and its role may invoke these and no others', () => {
    const invoked = tasksOf(definition).map(([, state]) => {
      expect(state.Resource).toBe('arn:aws:states:::lambda:invoke');
      return functionOf(machine, state)?.Type;
    });
    expect(new Set(invoked)).toEqual(new Set(['AWS::Lambda::Function']));
    const substitutions = Object.values(properties.DefinitionSubstitutions).map(referenced).sort();
    const role = template.Resources[referenced(properties.RoleArn) ?? ''];
    const [statement] = role?.Properties.Policies[0].PolicyDocument.Statement ?? [];
    expect(statement.Action).toEqual(['lambda:InvokeFunction']);
    expect(statement.Resource.map(referenced).sort()).toEqual(substitutions);
  });

  test.each(tasksOf(definition))(
    '%s has a timeout, retries with jitter, and catches everything',
    (_, state) => {
      expect(state.TimeoutSeconds).toBeGreaterThan(0);
      expect(state.Retry?.length).toBeGreaterThan(0);
      for (const { JitterStrategy, ErrorEquals } of state.Retry ?? []) {
        expect(JitterStrategy).toBe('FULL');
        expect(ErrorEquals).not.toContain('States.ALL');
      }
      expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
      const others = (state.Catch ?? []).slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(others).not.toContain('States.ALL');
    },
  );

  test.each(tasksOf(definition))(
    '%s outlives its function, which so cannot go on behind its back',
    (_, state) => {
      expect(functionOf(machine, state)?.Properties.Timeout).toBeLessThan(state.TimeoutSeconds ?? 0);
    },
  );

  test('retries what passes: a killed worker, a full Lambda, a throttled service', () => {
    for (const [name, { Retry = [] }] of tasksOf(definition)) {
      const retried = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect([name, retried]).toEqual([
        name,
        expect.arrayContaining([
          'Lambda.TooManyRequestsException',
          'Lambda.ServiceException',
          'Runtime.ExitError',
          'Sandbox.Timedout',
          'States.Timeout',
          'ThrottlingException',
          'SlowDown',
        ]),
      ]);
    }
  });
});

test('an edit ends by itself, compensation included, before its execution is ended', () => {
  const machine = machines.find(({ id }) => id === 'FilterPhoto')?.definition as Machine;
  // Caught at the very end of the last task, then compensated.
  const seconds = tasksOf(machine).reduce((sum, [, state]) => sum + longest(state), 0);
  expect(seconds).toBeLessThan(machine.TimeoutSeconds ?? 0);
  // Step Functions Developer Guide, "Quotas": Express executions end after five minutes.
  expect(machine.TimeoutSeconds).toBeLessThan(300);
});

test('the schedule gives up edits only after their execution must have ended', async () => {
  const { RUNNING_SECONDS, SWEPT_SECONDS, QUEUED_SECONDS } = await import('../../lib/edits/due.ts');
  const queue = template.Resources.EditsQueue?.Properties;
  expect(RUNNING_SECONDS).toBeGreaterThan(300);
  expect(SWEPT_SECONDS).toBeGreaterThan(300);
  expect(QUEUED_SECONDS).toBeGreaterThan(queue?.VisibilityTimeout * queue?.RedrivePolicy.maxReceiveCount);
});

test('what travels through a machine stays far below 256 KB', async () => {
  const { MAX_PHOTOS } = await import('../../lib/batches/create.ts');
  const { PHOTOS_A_PAGE } = await import('../../lib/batches/batch.ts');
  const { RENDITIONS } = await import('../../lib/images/renditions.ts');
  const id = '01KAF00000000000000000000A';
  const rendition = {
    name: 'x'.repeat(40),
    key: `renditions/${id}/${id}/${'0'.repeat(32)}.webp`,
    format: 'webp',
    ...{ width: 99_999, height: 99_999, bytes: 200_000_000 },
  };
  const rendered = {
    ...{ width: 99_999, height: 99_999 },
    placeholder: { thumbhash: 'x'.repeat(40), color: '#ffffff' },
    renditions: RENDITIONS.map(() => rendition),
  };
  const edit = { photoId: id, editId: id, correlationId: 'x'.repeat(64), rendered };
  const batch = {
    ...{ batchId: id, correlationId: 'x'.repeat(64) },
    pages: Array.from({ length: Math.ceil(MAX_PHOTOS / PHOTOS_A_PAGE) }, (_, page) => page),
  };
  // The rest is for an error's cause, which Lambda cuts at 256 KB of its own, and Catch adds.
  for (const data of [edit, batch]) expect(JSON.stringify(data).length).toBeLessThan(16 * 1024);
});
