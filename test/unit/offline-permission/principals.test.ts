import { describe, expect, test } from 'vitest';
import type { Principal } from '../../../offline/contract.ts';
import type { TemplateResource } from '../../../offline/template/template.ts';
import { account, documentOf, type GivenStatement } from '../../support/permission.ts';
import {
  anonymous,
  arns,
  developer,
  judgeOf,
  lambdaIn,
  reader,
  roleWith,
  service,
  trusting,
  writer,
} from '../../support/permission-stack.ts';

const queuePolicy = (...statements: GivenStatement[]): TemplateResource => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: { Queues: [{ Ref: 'Uploads' }], PolicyDocument: documentOf(...statements) },
});
const bucketPolicy = (...statements: GivenStatement[]): TemplateResource => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: { Bucket: { Ref: 'Media' }, PolicyDocument: documentOf(...statements) },
});
const invocation = (more: Record<string, unknown>): TemplateResource => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    FunctionName: { 'Fn::GetAtt': ['WriterLambdaFunction', 'Arn'] },
    Action: 'lambda:InvokeFunction',
    ...more,
  },
});
const object = `${arns.media}/originals/1/a`;
const rule = `arn:aws:events:eu-west-1:${account}:rule/minutely`;

describe('a function', () => {
  test('may what its own role says, and not what another’s does', () => {
    const { may } = judgeOf({
      WriterRole: roleWith({ Action: 's3:PutObject', Resource: `${arns.media}/*` }),
    });
    expect(may(writer, 's3:PutObject', object)).toBe(true);
    expect(may(writer, 's3:GetObject', object)).toBe(false);
    expect(may(reader, 's3:PutObject', object)).toBe(false);
  });

  test.each<[string, TemplateResource]>([
    [
      'policy',
      {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'p', Roles: [{ Ref: 'WriterRole' }], PolicyDocument: documentOf({}) },
      },
    ],
    [
      'role policy',
      {
        Type: 'AWS::IAM::RolePolicy',
        Properties: { PolicyName: 'p', RoleName: { Ref: 'WriterRole' }, PolicyDocument: documentOf({}) },
      },
    ],
    [
      'managed policy',
      {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { Roles: [{ Ref: 'WriterRole' }], PolicyDocument: documentOf({}) },
      },
    ],
  ])('may what a %s of its own says about its role', (_title, Extra) => {
    const { may } = judgeOf({ Extra });
    expect(may(writer, 's3:PutObject', object)).toBe(true);
    expect(may(reader, 's3:PutObject', object)).toBe(false);
  });

  test('may what the managed policies of its role say', () => {
    const { Type, Properties } = roleWith();
    const WriterRole = {
      Type,
      Properties: {
        ...Properties,
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole',
          { Ref: 'Own' },
        ],
      },
    };
    const Own = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: documentOf({ Action: 's3:GetObject' }) },
    };
    const { may } = judgeOf({ WriterRole, Own });
    expect(may(writer, 'sqs:ReceiveMessage', arns.uploads)).toBe(true);
    expect(may(writer, 's3:GetObject', object)).toBe(true);
    expect(may(writer, 'sqs:SendMessage', arns.uploads)).toBe(false);
  });

  test('may what the policy of a resource says about its role or session', () => {
    const session = `arn:aws:sts::${account}:assumed-role/test-WriterRole/writer`;
    const named = { ...roleWith(), Properties: { ...roleWith().Properties, RoleName: 'test-WriterRole' } };
    for (const AWS of [session, `arn:aws:iam::${account}:role/test-WriterRole`]) {
      const { may } = judgeOf({ WriterRole: named, Policy: queuePolicy({ Principal: { AWS } }) });
      expect(may(writer, 'sqs:SendMessage', arns.uploads)).toBe(true);
      expect(may(reader, 'sqs:SendMessage', arns.uploads)).toBe(false);
    }
  });

  test('may not what the policy of a resource denies', () => {
    const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
    const deny = { Effect: 'Deny', Principal: '*' };
    const roles = { WriterRole: roleWith({}) };
    expect(judgeOf({ ...roles, Policy: bucketPolicy(deny) }).may(writer, 's3:GetObject', object)).toBe(false);
    const tlsOnly = judgeOf({ ...roles, Policy: bucketPolicy({ ...deny, Condition: insecure }) });
    expect(tlsOnly.may(writer, 's3:GetObject', object)).toBe(true);
    expect(tlsOnly.may(developer, 's3:GetObject', object)).toBe(true);
  });
});

describe('a service', () => {
  const s3 = service('s3', arns.media);

  test('may only what the policy of the resource says', () => {
    expect(judgeOf().may(s3, 'sqs:SendMessage', arns.uploads)).toBe(false);
    const Policy = queuePolicy({
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arns.uploads,
      Condition: {
        ArnEquals: { 'aws:SourceArn': arns.media },
        StringEquals: { 'aws:SourceAccount': account },
      },
    });
    const { may } = judgeOf({ Policy });
    expect(may(s3, 'sqs:SendMessage', arns.uploads)).toBe(true);
    expect(may(s3, 'sqs:DeleteMessage', arns.uploads)).toBe(false);
    expect(may(service('s3', 'arn:aws:s3:::other'), 'sqs:SendMessage', arns.uploads)).toBe(false);
    expect(may(service('sns', arns.media), 'sqs:SendMessage', arns.uploads)).toBe(false);
    expect(may(writer, 'sqs:SendMessage', arns.uploads)).toBe(false);
  });

  test.each<[string, Record<string, unknown>, Principal, boolean]>([
    ['of that rule', { Principal: 'events.amazonaws.com', SourceArn: rule }, service('events', rule), true],
    ['of any source', { Principal: 'events.amazonaws.com' }, service('events', rule), true],
    [
      'of another rule',
      { Principal: 'events.amazonaws.com', SourceArn: `${rule}2` },
      service('events', rule),
      false,
    ],
    [
      'of rules that begin so',
      { Principal: 'events.amazonaws.com', SourceArn: `${rule.slice(0, -3)}*` },
      service('events', rule),
      true,
    ],
    [
      'of the account',
      { Principal: 'events.amazonaws.com', SourceAccount: account },
      service('events', rule),
      true,
    ],
    [
      'of another account',
      { Principal: 'events.amazonaws.com', SourceAccount: '111111111111' },
      service('events', rule),
      false,
    ],
    ['another service', { Principal: 'sns.amazonaws.com', SourceArn: rule }, service('events', rule), false],
  ])('may invoke a function by a permission for %s', (_title, properties, principal, allowed) => {
    const { may } = judgeOf({ Permission: invocation(properties) });
    expect(may(principal, 'lambda:InvokeFunction', arns.writer)).toBe(allowed);
    expect(may(principal, 'lambda:InvokeFunction', arns.reader)).toBe(false);
  });

  test('wakes functions for the event source mappings of the stack, and no others', () => {
    const polling = {
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      Resource: arns.uploads,
    };
    const Mapping = {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arns.uploads, FunctionName: { Ref: 'WriterLambdaFunction' } },
    };
    const { may } = judgeOf({ Mapping, WriterRole: roleWith(polling) });
    const lambda = service('lambda', arns.uploads);
    expect(may(lambda, 'lambda:InvokeFunction', arns.writer)).toBe(true);
    expect(may(lambda, 'lambda:InvokeFunction', arns.reader)).toBe(false);
    expect(may(service('lambda', arns.table), 'lambda:InvokeFunction', arns.writer)).toBe(false);
  });

  test('acts in the role that the template gives it', () => {
    const invoking = roleWith({ Action: 'lambda:InvokeFunction', Resource: arns.writer });
    const Schedule = {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'nightly',
        ScheduleExpression: 'rate(1 day)',
        Target: { Arn: arns.writer, RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] } },
      },
    };
    const AssumeRolePolicyDocument = trusting('scheduler.amazonaws.com');
    const ScheduleRole = { ...invoking, Properties: { ...invoking.Properties, AssumeRolePolicyDocument } };
    const { may } = judgeOf({ Schedule, ScheduleRole });
    const nightly = service('scheduler', `arn:aws:scheduler:eu-west-1:${account}:schedule/default/nightly`);
    expect(may(nightly, 'lambda:InvokeFunction', arns.writer)).toBe(true);
    expect(may(nightly, 'lambda:InvokeFunction', arns.reader)).toBe(false);
  });
});

describe('who has no key', () => {
  const open = { Principal: '*', Action: 's3:GetObject', Resource: `${arns.media}/public/*` };
  const blocking = (PublicAccessBlockConfiguration: object) => ({
    Type: 'AWS::S3::Bucket',
    Properties: { BucketName: 'media', PublicAccessBlockConfiguration },
  });
  const opened = blocking({ BlockPublicPolicy: false, RestrictPublicBuckets: false });

  test.each<[string, TemplateResource, string, boolean]>([
    ['a bucket that is opened', opened, 'public/a', true],
    ['another folder of it', opened, 'originals/a', false],
    ['a bucket that blocks public policies', blocking({ BlockPublicPolicy: true }), 'public/a', false],
    ['a bucket that restricts them', blocking({ RestrictPublicBuckets: true }), 'public/a', false],
    [
      'a bucket that says nothing of it',
      { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'media' } },
      'public/a',
      false,
    ],
  ])('reads %s: %s', (_title, Media, key, allowed) => {
    const { may } = judgeOf({ Media, Policy: bucketPolicy(open) });
    expect(may(anonymous, 's3:GetObject', `${arns.media}/${key}`)).toBe(allowed);
  });

  test('has no other right', () => {
    const { may } = judgeOf({ WriterRole: roleWith({}) });
    expect(may(anonymous, 's3:GetObject', object)).toBe(false);
    expect(may(developer, 's3:GetObject', object)).toBe(true);
  });
});

test('a function whose role is another stack’s can’t be judged', () => {
  const Stranger = lambdaIn('WriterRole', { Role: `arn:aws:iam::${account}:role/elsewhere` });
  expect(() => judgeOf({ Stranger })).toThrow(/Stranger: expected a role of this stack, received/);
});
