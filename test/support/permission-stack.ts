import { Clock } from '../../offline/clock.ts';
import type { Principal, Stack } from '../../offline/contract.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import type { TemplateResource } from '../../offline/template/template.ts';
import { account, documentOf, type GivenStatement } from './permission.ts';
import { stackOf } from './stack.ts';

type Resources = Readonly<Record<string, TemplateResource>>;

const place = { region: 'eu-west-1', account, endpoint: 'http://127.0.0.1:4566' };

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** The trust policy that lets a service take a role on. */
export const trusting = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});

/** A role with these statements beside those that its functions need in any case. */
export function roleWith(...statements: GivenStatement[]): TemplateResource {
  const logs = {
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: 'arn:aws:logs:*:*:log-group:/aws/lambda/*',
  };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trusting('lambda.amazonaws.com'),
      Policies: [{ PolicyName: 'access', PolicyDocument: documentOf(logs, ...statements) }],
    },
  };
}

export function lambdaIn(role: string, more: Record<string, unknown> = {}): TemplateResource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'index.handler', Role: arnOf(role), ...more },
  };
}

/** A bucket, queue, topic, table, secret and functions, nobody allowed to use them. */
export const resources: Resources = {
  Media: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'media' } },
  Uploads: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'uploads' } },
  Activity: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'activity' } },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi1',
          KeySchema: [{ AttributeName: 'gsi1pk', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    },
  },
  Cursor: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'cursor' } },
  WriterLambdaFunction: lambdaIn('WriterRole', { FunctionName: 'writer' }),
  WriterRole: roleWith(),
  ReaderLambdaFunction: lambdaIn('ReaderRole', { FunctionName: 'reader' }),
  ReaderRole: roleWith(),
};

export const arns = {
  media: 'arn:aws:s3:::media',
  uploads: `arn:aws:sqs:eu-west-1:${account}:uploads`,
  activity: `arn:aws:sns:eu-west-1:${account}:activity`,
  table: `arn:aws:dynamodb:eu-west-1:${account}:table/things`,
  writer: `arn:aws:lambda:eu-west-1:${account}:function:writer`,
  reader: `arn:aws:lambda:eu-west-1:${account}:function:reader`,
};

export const writer: Principal = { kind: 'function', name: 'writer', arn: arns.writer };
export const reader: Principal = { kind: 'function', name: 'reader', arn: arns.reader };
export const developer: Principal = { kind: 'developer', arn: `arn:aws:iam::${account}:user/developer` };
export const anonymous: Principal = { kind: 'anonymous' };
export const service = (name: string, sourceArn: string): Principal => ({
  kind: 'service',
  name: `${name}.amazonaws.com`,
  sourceArn,
});

export interface Judge {
  readonly permission: StackPermission;
  readonly stack: Stack;
  /** What was said at the terminal. */
  readonly logged: string[];
  readonly clock: Clock;
  /** Whether a principal may do something; `input` and `operation` are what conditions look at. */
  may(
    principal: Principal,
    action: string,
    resource: string,
    asked?: { operation?: string; input?: Record<string, unknown> },
  ): boolean;
}

/** The permissions of a stack of the resources above, with others added or put in their place. */
export function judgeOf(changed: Resources = {}): Judge {
  const logged: string[] = [];
  const clock = new Clock();
  const permission = new StackPermission({ clock, ...place, log: (line) => logged.push(line) });
  const stack = stackOf(place, { ...resources, ...changed });
  permission.govern(stack);
  return {
    permission,
    stack,
    logged,
    clock,
    may: (principal, action, resource, { operation = '', input = {} } = {}) =>
      permission.judge({ principal, operation, input }, { action, resource }).decision.allowed,
  };
}
