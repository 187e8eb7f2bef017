import { expect, inject, test } from 'vitest';
import { functionsOf, ofType, readTemplate, referenced } from '../support/template.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const template = readTemplate(inject('packaged'));
const functions = [...functionsOf(template)];

/** Actions that IAM's reference lists without a resource type. */
const withoutResource = [
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
  'personalize:PutEvents',
  'cloudwatch:PutMetricData',
];

function statementsOf(role: string | undefined): Statement[] {
  const policies = template.Resources[role ?? '']?.Properties.Policies ?? [];
  return policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
}

test('every function, state machine, stream and schedule has a role of its own, as has Personalize, and there are no others', () => {
  const machines = ofType(template, 'AWS::StepFunctions::StateMachine');
  const streams = ofType(template, 'AWS::KinesisFirehose::DeliveryStream');
  const roles = [
    ...functions.map(([, { Properties }]) => referenced(Properties.Role)),
    ...machines.map(([, { Properties }]) => referenced(Properties.RoleArn)),
    ...streams.map(([, { Properties }]) => referenced(Properties.ExtendedS3DestinationConfiguration.RoleARN)),
    ...ofType(template, 'AWS::Scheduler::Schedule').map(([, { Properties }]) =>
      referenced(Properties.Target.RoleArn),
    ),
    ...ofType(template, 'AWS::Personalize::MetricAttribution').map(([, { Properties }]) =>
      referenced(Properties.MetricsOutputConfig.RoleArn),
    ),
  ];
  expect(new Set(roles).size).toBe(roles.length);
  expect([...roles].sort()).toEqual(
    ofType(template, 'AWS::IAM::Role')
      .map(([id]) => id)
      .sort(),
  );
});

test('no role says more than it means: whole actions, and a resource wherever the action has one', () => {
  for (const [key] of ofType(template, 'AWS::IAM::Role')) {
    for (const { Action, Resource } of statementsOf(key)) {
      expect([key, Action.filter((action) => action.includes('*'))]).toEqual([key, []]);
      if (Resource === '*') expect(withoutResource).toEqual(expect.arrayContaining(Action));
    }
  }
});

test('role names fit into 64 characters', () => {
  for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
    expect(Properties.RoleName.length).toBeLessThanOrEqual(64);
  }
});

test('every function may read the sources of its events, and nobody else may', () => {
  for (const [, { Properties: mapping }] of ofType(template, 'AWS::Lambda::EventSourceMapping')) {
    const [action] =
      mapping.EventSourceArn['Fn::GetAtt'][1] === 'StreamArn'
        ? ['dynamodb:GetRecords']
        : ['sqs:ReceiveMessage'];
    const readers = functions.filter(([, { Properties }]) =>
      statementsOf(referenced(Properties.Role)).some(
        ({ Action, Resource }) =>
          Action.includes(action) && JSON.stringify(Resource) === JSON.stringify(mapping.EventSourceArn),
      ),
    );
    const consumer = template.Resources[referenced(mapping.FunctionName) ?? ''];
    expect(readers.map(([, reader]) => reader)).toEqual([consumer]);
  }
});

test('a function that leads failures to a bucket may write there', () => {
  for (const [, { Properties: mapping }] of ofType(template, 'AWS::Lambda::EventSourceMapping')) {
    const destination = mapping.DestinationConfig?.OnFailure?.Destination;
    if (!destination) continue;
    const role = template.Resources[referenced(mapping.FunctionName) ?? '']?.Properties.Role;
    const allowed = statementsOf(referenced(role)).flatMap(({ Action, Resource }) =>
      referenced(Resource) === referenced(destination) ? Action : [],
    );
    expect(allowed).toEqual(expect.arrayContaining(['s3:PutObject', 's3:ListBucket']));
  }
});
