// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the framework's references are written like this
import { describe, expect, test } from 'vitest';
import { type Call, type Principal, ServiceError, type ServiceName } from '../../../offline/contract.ts';
import { account } from '../../support/permission.ts';
import {
  anonymous,
  arns,
  developer,
  type Judge,
  judgeOf,
  roleWith,
  service,
  writer,
} from '../../support/permission-stack.ts';

function callOf(principal: Principal, name: ServiceName, operation = 'Any', input: Call['input'] = {}): Call {
  return { id: '1', principal, service: name, operation, input, signal: new AbortController().signal };
}

/** What a call that needs one right is answered; undefined where it passes. */
function refusal(judge: Judge, call: Call, action: string, resource: string): ServiceError | undefined {
  try {
    judge.permission.check(call, [{ action, resource }]);
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

const session = /assumed-role\/test-WriterRole-\w+\/writer/.source;

describe('a denial is told', () => {
  test.each<[ServiceName, string, string, string, number, RegExp]>([
    [
      's3',
      's3:GetObject',
      `${arns.media}/a`,
      'AccessDenied',
      403,
      /perform: s3:GetObject on resource: "arn:aws:s3:::media\/a" because no identity-based policy allows the s3:GetObject action/,
    ],
    [
      'dynamodb',
      'dynamodb:PutItem',
      arns.table,
      'AccessDeniedException',
      400,
      /perform: dynamodb:PutItem on resource: arn:aws:dynamodb:\S+ because/,
    ],
    [
      'dynamodbstreams',
      'dynamodb:GetRecords',
      arns.table,
      'AccessDeniedException',
      400,
      /dynamodb:GetRecords/,
    ],
    ['sqs', 'sqs:SendMessage', arns.uploads, 'AccessDenied', 403, /perform: sqs:sendmessage on resource/],
    ['sns', 'sns:Publish', arns.activity, 'AuthorizationError', 403, /perform: SNS:Publish on resource/],
    ['lambda', 'lambda:InvokeFunction', arns.reader, 'AccessDeniedException', 403, /lambda:InvokeFunction/],
    ['secretsmanager', 'secretsmanager:GetSecretValue', '*', 'AccessDeniedException', 400, /GetSecretValue/],
    ['cognito-idp', 'cognito-idp:AdminCreateUser', '*', 'AccessDeniedException', 400, /AdminCreateUser/],
    ['states', 'states:StartExecution', '*', 'AccessDeniedException', 400, /StartExecution/],
  ])('as %s tells it', (name, action, resource, code, status, message) => {
    const error = refusal(judgeOf(), callOf(writer, name), action, resource);
    expect([error?.code, error?.status]).toEqual([code, status]);
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(new RegExp(`^User: arn:aws:sts::${account}:${session} is not authorized`));
  });

  test('with what denied it', () => {
    const denying = judgeOf({ WriterRole: roleWith({ Effect: 'Deny', Action: 's3:*' }) });
    expect(refusal(denying, callOf(writer, 's3'), 's3:GetObject', arns.media)?.message).toMatch(
      /with an explicit deny in an identity-based policy$/,
    );
    const Policy = {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: 'media',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' },
        },
      },
    };
    expect(
      refusal(judgeOf({ Policy }), callOf(developer, 's3'), 's3:GetObject', arns.media)?.message,
    ).toMatch(/^User: \S+user\/developer is not .* with an explicit deny in a resource-based policy$/);
  });

  test('to a service by the policy that it lacks', () => {
    const call = callOf(service('s3', arns.media), 'sqs');
    expect(refusal(judgeOf(), call, 'sqs:SendMessage', arns.uploads)?.message).toBe(
      `User: s3.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: ${arns.uploads} because no resource-based policy allows the sqs:sendmessage action`,
    );
  });
});

describe('who has no key', () => {
  test.each<[ServiceName, string, string[], string | undefined]>([
    ['s3', 'GetObject', ['s3:GetObject'], 'AccessDenied'],
    ['s3', 'OptionsObject', [], undefined],
    ['s3', 'DeleteObjects', [], 'AccessDenied'],
    ['cognito-idp', 'SignUp', [], undefined],
    [
      'cognito-idp',
      'AdminCreateUser',
      ['cognito-idp:AdminCreateUser'],
      'MissingAuthenticationTokenException',
    ],
  ])('asks %s for %s (%j): %s', (name, operation, actions, code) => {
    const { permission } = judgeOf();
    const needs = actions.map((action) => ({ action, resource: arns.media }));
    const check = () => permission.check(callOf(anonymous, name, operation), needs);
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code }));
  });
});

test('a call passes only if it has every right that it needs', () => {
  const { permission } = judgeOf({ WriterRole: roleWith({ Action: 's3:GetObject' }) });
  const get = { action: 's3:GetObject', resource: `${arns.media}/a` };
  const put = { action: 's3:PutObject', resource: `${arns.media}/b` };
  const check =
    (...needs: (typeof get)[]) =>
    () =>
      permission.check(callOf(writer, 's3', 'CopyObject'), needs);
  expect(check()).not.toThrow();
  expect(check(get)).not.toThrow();
  expect(check(get, put)).toThrow(/s3:PutObject on resource: "arn:aws:s3:::media\/b"/);
});

describe('at the terminal stands what would allow it:', () => {
  test.each<[Principal, ServiceName, string, string, string]>([
    [
      writer,
      'dynamodb',
      'dynamodb:PutItem',
      arns.table,
      'writer in serverless.yml: - { actions: [dynamodb:PutItem], on: !GetAtt Table.Arn }',
    ],
    [
      writer,
      'dynamodb',
      'dynamodb:Query',
      `${arns.table}/index/gsi1`,
      "- { actions: [dynamodb:Query], on: !Sub '${Table.Arn}/index/gsi1' }",
    ],
    [writer, 's3', 's3:ListBucket', arns.media, '- { actions: [s3:ListBucket], on: !GetAtt Media.Arn }'],
    [
      writer,
      's3',
      's3:GetObject',
      `${arns.media}/originals/1/a`,
      "- { actions: [s3:GetObject], on: !Sub '${Media.Arn}/originals/*' }",
    ],
    [
      writer,
      's3',
      's3:GetObject',
      `${arns.media}/top`,
      "- { actions: [s3:GetObject], on: !Sub '${Media.Arn}/*' }",
    ],
    [
      writer,
      'sqs',
      'sqs:SendMessage',
      arns.uploads,
      '- { actions: [sqs:SendMessage], on: !GetAtt Uploads.Arn }',
    ],
    [writer, 'sns', 'sns:Publish', arns.activity, '- { actions: [sns:Publish], on: !Ref Activity }'],
    [
      writer,
      'lambda',
      'lambda:InvokeFunction',
      arns.reader,
      '- { actions: [lambda:InvokeFunction], on: !GetAtt ReaderLambdaFunction.Arn }',
    ],
    [
      writer,
      'sqs',
      'sqs:SendMessage',
      `${arns.uploads}-2`,
      `- { actions: [sqs:SendMessage], on: '${arns.uploads}-2' }`,
    ],
    [
      service('s3', arns.media),
      'sqs',
      'sqs:SendMessage',
      arns.uploads,
      'to the policy of the resource: - { Effect: Allow, Principal: { Service: s3.amazonaws.com }, Action: sqs:SendMessage, Resource: !GetAtt Uploads.Arn, Condition: { ArnEquals: { aws:SourceArn: !GetAtt Media.Arn } } }',
    ],
    [
      service('sns', arns.activity),
      'lambda',
      'lambda:InvokeFunction',
      arns.writer,
      '{ Type: AWS::Lambda::Permission, Properties: { Action: lambda:InvokeFunction, FunctionName: !GetAtt WriterLambdaFunction.Arn, Principal: sns.amazonaws.com, SourceArn: !Ref Activity } }',
    ],
  ])('%j %s %s on %s', (principal, name, action, resource, line) => {
    const judge = judgeOf();
    refusal(judge, callOf(principal, name), action, resource);
    expect(judge.logged).toEqual([expect.stringContaining(line)]);
    expect(judge.logged[0]).toContain(`may not ${action} on ${resource}`);
  });

  test('once for each caller, action and resource, objects by their folder', () => {
    const judge = judgeOf();
    const read = (principal: Principal, key: string) =>
      refusal(judge, callOf(principal, 's3'), 's3:GetObject', `${arns.media}/${key}`);
    for (const key of ['originals/1', 'originals/2', 'originals/1']) expect(read(writer, key)).toBeDefined();
    expect(judge.logged).toHaveLength(1);
    read(writer, 'renditions/1');
    expect(judge.logged).toHaveLength(2);
    read(anonymous, 'originals/1');
    expect(judge.logged).toHaveLength(3);
  });

  test('or which condition does not hold, or what denies it', () => {
    const only = { Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'a/*' } } };
    const conditional = judgeOf({ WriterRole: roleWith(only) });
    refusal(
      conditional,
      callOf(writer, 's3', 'ListObjectsV2', { Prefix: 'b/' }),
      's3:ListBucket',
      arns.media,
    );
    expect(conditional.logged[0]).toMatch(
      /WriterRole, policy access, statement 2, would allow it, but its condition/,
    );
    const denied = judgeOf({ WriterRole: roleWith({}, { Effect: 'Deny', Action: 's3:*', Sid: 'Never' }) });
    refusal(denied, callOf(writer, 's3'), 's3:ListBucket', arns.media);
    expect(denied.logged[0]).toMatch(/: role WriterRole, policy access, statement Never, denies it\.$/);
  });
});

describe('who may list a bucket', () => {
  const call = callOf(writer, 's3', 'GetObject', { Bucket: 'media', Key: 'a/b' });

  test('may know what isn’t in it', () => {
    expect(judgeOf().permission.mayList(call)).toBe(false);
    const listing = (more = {}) => judgeOf({ WriterRole: roleWith({ Action: 's3:ListBucket', ...more }) });
    expect(listing().permission.mayList(call)).toBe(true);
    const folder = { Condition: { StringLike: { 's3:prefix': 'a/*' } } };
    expect(listing(folder).permission.mayList(call)).toBe(false);
    expect(judgeOf().permission.mayList({ ...call, principal: developer })).toBe(true);
  });
});
