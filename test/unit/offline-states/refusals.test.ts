import { expect, test } from 'vitest';
import type { Stack } from '../../../offline/contract.ts';
import { machinesOf } from '../../../offline/states/machines.ts';

const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:photos';
const machineArn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:it';

function stackWith(properties: Record<string, unknown>): Stack {
  const resource = (type: string, logicalId: string, arn: string, given: Record<string, unknown>) => ({
    ...{ type, logicalId, arn, name: arn.split(':').at(-1) ?? '', physicalId: arn, properties: given },
  });
  return {
    name: 'test',
    resources: [
      resource('AWS::Lambda::Function', 'PhotosLambdaFunction', functionArn, {}),
      resource('AWS::StepFunctions::StateMachine', 'It', machineArn, { RoleArn: 'role', ...properties }),
    ],
  };
}

const machineOf = (properties: Record<string, unknown>) => machinesOf(stackWith(properties)).get(machineArn);
const refusal = (properties: Record<string, unknown>): string => {
  try {
    machineOf(properties);
    return 'not refused';
  } catch (error) {
    return (error as Error).message;
  }
};

const pass = { Type: 'Pass', End: true };
const task = (more: object = {}) => ({ Type: 'Task', Resource: functionArn, End: true, ...more });
/** A machine whose first state is this one, and which leads on to B if it likes. */
const first = (A: object, others: object = {}) => ({ StartAt: 'A', States: { A, ...others } });
const choice = (...Choices: object[]) => first({ Type: 'Choice', Choices }, { B: pass });
const inner = (more: object = {}) => ({ StartAt: 'Inner', States: { Inner: pass }, ...more });
const map = (more: object = {}) => first({ Type: 'Map', ItemProcessor: inner(), End: true, ...more });

test.each<[string, unknown, RegExp]>([
  // What AWS has, and would be got wrong here.
  [
    'JSONata for the machine',
    { ...first(pass), QueryLanguage: 'JSONata' },
    /JSONata is not offered: write paths \(at QueryLanguage\)/,
  ],
  ['JSONata for a state', first({ ...pass, QueryLanguage: 'JSONata' }), /state A: JSONata is not offered/],
  ['variables', first({ ...pass, Assign: { x: 1 } }), /state A: .*"Assign"/],
  ['arguments', first(task({ Arguments: {} })), /state A: .*"Arguments"/],
  ['an output', first({ ...pass, Output: {} }), /state A: .*"Output"/],
  ['items', map({ Items: [] }), /state A: .*"Items"/],
  [
    'a distributed Map',
    map({ ItemProcessor: inner({ ProcessorConfig: { Mode: 'DISTRIBUTED' } }) }),
    /within A: a distributed Map is not offered/,
  ],
  ['a reader of items', map({ ItemReader: {} }), /state A: .*"ItemReader"/],
  ['tolerated failures', map({ ToleratedFailureCount: 1 }), /state A: .*"ToleratedFailureCount"/],
  [
    'credentials of another account',
    first(task({ Credentials: { RoleArn: 'x' } })),
    /state A: .*"Credentials"/,
  ],
  [
    'a callback',
    first(task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' })),
    /state A: \.waitForTaskToken .* is not offered/,
  ],
  [
    'a job',
    first(task({ Resource: 'arn:aws:states:::states:startExecution.sync:2' })),
    /state A: \.sync:2 .* is not offered/,
  ],
  [
    'an activity',
    first(task({ Resource: 'arn:aws:states:eu-west-1:000000000000:activity:x' })),
    /state A: the resource \S+:activity:x is not offered/,
  ],
  [
    'another service',
    first(task({ Resource: 'arn:aws:states:::ecs:runTask' })),
    /state A: the resource \S+ecs:runTask is not offered/,
  ],
  [
    'another service of the SDK',
    first(task({ Resource: 'arn:aws:states:::aws-sdk:ec2:runInstances' })),
    /state A: .* is not offered/,
  ],
  ['an HTTP call', first(task({ Resource: 'arn:aws:states:::http:invoke' })), /state A: .* is not offered/],
  [
    'wildcards',
    first({ ...pass, InputPath: '$.a[*]' }),
    /state A: expected a reference path, received \$\.a\[\*\]/,
  ],
  ['a descent', first({ ...pass, OutputPath: '$..a' }), /state A: expected a reference path/],
  [
    'a filter',
    first({ ...pass, Parameters: { 'x.$': '$.a[?(@.b > 1)]' } }),
    /state A: expected a reference path/,
  ],
  [
    'a slice',
    first({ ...pass, Parameters: { deep: [{ 'x.$': '$.a[0:2]' }] } }),
    /state A: expected a reference path/,
  ],
  [
    'a seed of chance',
    first({ ...pass, Parameters: { 'x.$': 'States.MathRandom(1, 2, 3)' } }),
    /state A: States\.MathRandom expects 2 arguments, received 3/,
  ],
  // What AWS refuses too.
  ['no definition', 'no JSON', /expected a definition in JSON/],
  ['a definition without states', { StartAt: 'A' }, /the machine: .*\(at States\)/],
  ['an unknown field of the machine', { ...first(pass), Retries: 1 }, /the machine: .*"Retries"/],
  ['an unknown type', first({ Type: 'Sleep' }), /state A: .*\(at Type\)/],
  ['an unknown field', first({ ...pass, Resultpath: '$' }), /state A: .*"Resultpath"/],
  ['a start at nothing', { StartAt: 'Z', States: { A: pass } }, /StartAt names Z, which is no state/],
  [
    'a Next to nothing',
    first({ Type: 'Pass', Next: 'Z' }),
    /state A: leads to Z, which is no state of its scope/,
  ],
  [
    'a Next out of a Map',
    map({ ItemProcessor: { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Next: 'A' } } } }),
    /state Inner: leads to A/,
  ],
  ['a Catch to nothing', first(task({ Catch: [{ ErrorEquals: ['X'], Next: 'Z' }] })), /state A: leads to Z/],
  [
    'a Default to nothing',
    first(
      { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B' }], Default: 'Z' },
      { B: pass },
    ),
    /state A: leads to Z/,
  ],
  ['neither Next nor End', first({ Type: 'Pass' }), /state A: expected either Next or End: true/],
  ['Next and End', first({ ...pass, Next: 'B' }, { B: pass }), /state A: expected either Next or End: true/],
  ['End: false', first({ Type: 'Pass', End: false }), /state A: expected either Next or End: true/],
  ['a state that nothing leads to', first(pass, { B: pass }), /state B: nothing leads here/],
  [
    'one name in two scopes',
    map({ ItemProcessor: { StartAt: 'A', States: { A: pass } } }),
    /state A: there is another state of this name/,
  ],
  [
    'a name of 81 characters',
    { StartAt: 'n'.repeat(81), States: { ['n'.repeat(81)]: pass } },
    /state n+: a name has at most 80 characters/,
  ],
  [
    'States.ALL among others',
    first(task({ Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })),
    /state A: States\.ALL must stand alone/,
  ],
  [
    'States.ALL before others',
    first(
      task({
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'B' },
          { ErrorEquals: ['X'], Next: 'B' },
        ],
      }),
      { B: pass },
    ),
    /state A: States\.ALL must stand in the last/,
  ],
  [
    'a Retry for nothing',
    first(task({ Retry: [{ ErrorEquals: [] }] })),
    /state A: .*\(at Retry\.0\.ErrorEquals\)/,
  ],
  [
    'a Retry without a pause',
    first(task({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 0 }] })),
    /state A: .*\(at Retry\.0\.IntervalSeconds\)/,
  ],
  [
    'a back-off that shrinks',
    first(task({ Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] })),
    /state A: .*\(at Retry\.0\.BackoffRate\)/,
  ],
  ['a Retry of a Pass', first({ ...pass, Retry: [] }), /state A: .*"Retry"/],
  [
    'a function of another stack',
    first(task({ Resource: `${functionArn}x` })),
    /state A: \S+photosx is no function of this stack/,
  ],
  [
    'a function of another stack by name',
    first(task({ Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'nobody' } })),
    /state A: nobody is no function of this stack/,
  ],
  [
    'no function',
    first(task({ Resource: 'arn:aws:states:::lambda:invoke', Parameters: {} })),
    /state A: expected Parameters\.FunctionName/,
  ],
  [
    'a function whose name was not put in',
    first(
      task({ Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: '${' + 'Photos}' } }),
    ),
    /state A: \$\{Photos\} is no function of this stack/,
  ],
  [
    'two timeouts',
    first(task({ TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' })),
    /state A: TimeoutSeconds and TimeoutSecondsPath exclude each other/,
  ],
  [
    'a heartbeat as long as the timeout',
    first(task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    /state A: expected HeartbeatSeconds below TimeoutSeconds/,
  ],
  ['a timeout of no time', first(task({ TimeoutSeconds: 0 })), /state A: .*\(at TimeoutSeconds\)/],
  ['a wait for nothing', first({ Type: 'Wait', End: true }), /state A: expected one of Seconds, SecondsPath/],
  [
    'a wait for two things',
    first({ Type: 'Wait', Seconds: 1, TimestampPath: '$.t', End: true }),
    /state A: Seconds and TimestampPath exclude/,
  ],
  [
    'a wait until no time',
    first({ Type: 'Wait', Timestamp: 'soon', End: true }),
    /state A: expected a time .* received soon/,
  ],
  [
    'two errors',
    first({ Type: 'Fail', Error: 'A', ErrorPath: '$.e' }),
    /state A: Error and ErrorPath exclude/,
  ],
  ['a Map of nothing', first({ Type: 'Map', End: true }), /state A: expected one of ItemProcessor, Iterator/],
  ['a Map of two things', map({ Iterator: inner() }), /state A: ItemProcessor and Iterator exclude/],
  [
    'a Parallel of nothing',
    first({ Type: 'Parallel', Branches: [], End: true }),
    /state A: .*\(at Branches\)/,
  ],
  ['no choices', choice(), /state A: .*\(at Choices\)/],
  ['a choice that leads nowhere', choice({ Variable: '$.a', IsNull: true }), /state A: .*Next/],
  [
    'an unknown comparison',
    choice({ Variable: '$.a', NumericEqual: 1, Next: 'B' }),
    /state A: expected a comparison, received NumericEqual/,
  ],
  [
    'two comparisons',
    choice({ Variable: '$.a', IsNull: true, IsString: true, Next: 'B' }),
    /state A: expected one comparison, received IsNull, IsString/,
  ],
  [
    'no comparison',
    choice({ Variable: '$.a', Next: 'B' }),
    /state A: expected one comparison, received none/,
  ],
  [
    'a comparison with another kind',
    choice({ Variable: '$.a', NumericEquals: '1', Next: 'B' }),
    /state A: NumericEquals can't compare with "1"/,
  ],
  [
    'a comparison with no time',
    choice({ Variable: '$.a', TimestampEquals: '2026-11-26', Next: 'B' }),
    /state A: TimestampEquals can't compare/,
  ],
  [
    'a comparison of nothing',
    choice({ IsNull: true, Next: 'B' }),
    /state A: expected a path, received undefined/,
  ],
  [
    'a Next within a rule',
    choice({ Not: { Variable: '$.a', IsNull: true, Next: 'B' }, Next: 'B' }),
    /state A: Next belongs to the outermost rule/,
  ],
  [
    'an And beside an Or',
    choice({ And: [{ Variable: '$.a', IsNull: true }], Or: [], Next: 'B' }),
    /state A: And stands alone, received Or/,
  ],
  ['an empty And', choice({ And: [], Next: 'B' }), /state A: expected rules in And/],
  [
    'an unknown function',
    first({ ...pass, Parameters: { 'x.$': 'States.Now()' } }),
    /state A: expected a path or an intrinsic function, received States\.Now\(\)/,
  ],
  [
    'an unfinished function',
    first({ ...pass, Parameters: { 'x.$': "States.Format('{}', $.a" } }),
    /state A: expected , in/,
  ],
  [
    'a path that is no path',
    first({ ...pass, Parameters: { 'x.$': 'a' } }),
    /state A: expected a path or an intrinsic function/,
  ],
  [
    'a path that is no text',
    first({ ...pass, Parameters: { 'x.$': 1 } }),
    /state A: expected a path or a function for x\.\$/,
  ],
  [
    'a result put into the context',
    first(task({ ResultPath: '$$.x' })),
    /state A: expected a reference path/,
  ],
])('%s is refused in one line that names machine and state', (_, definition, expected) => {
  const given =
    typeof definition === 'string' ? { DefinitionString: definition } : { Definition: definition };
  const message = refusal(given);
  expect(message).toMatch(/^State machine It: /);
  expect(message).toMatch(expected);
  expect(message).not.toContain('\n');
});

test('substitutions are made as CloudFormation makes them, in objects and in text', () => {
  const definition = first(
    task({ Resource: '${' + 'Photos}', Comment: 'of ${' + 'Who} and ${' + 'Nobody}' }),
  );
  const DefinitionSubstitutions = { Photos: functionArn, Who: 'a "friend"\n' };
  for (const given of [{ Definition: definition }, { DefinitionString: JSON.stringify(definition) }]) {
    const text = machineOf({ ...given, DefinitionSubstitutions })?.text ?? '';
    expect(JSON.parse(text).States.A).toMatchObject({
      Resource: functionArn,
      Comment: 'of a "friend"\n and ${' + 'Nobody}',
    });
  }
});

test('a machine is Standard unless it says Express', () => {
  expect(machineOf({ Definition: first(pass) })?.type).toBe('STANDARD');
  expect(machineOf({ Definition: first(pass), StateMachineType: 'EXPRESS' })?.type).toBe('EXPRESS');
  expect(refusal({ Definition: first(pass), StateMachineType: 'FAST' })).toMatch(/StateMachineType.*FAST/);
});
