// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this
import { describe, expect, test } from 'vitest';
import { compilePolicy, type PolicyKind } from '../../../offline/gateway/permission/statement.ts';
import type { TemplateResource } from '../../../offline/template/template.ts';
import { documentOf } from '../../support/permission.ts';
import { arns, judgeOf, lambdaIn, resources, roleWith, trusting } from '../../support/permission-stack.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const of = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });

describe('a policy is refused', () => {
  test.each<[string, PolicyKind, unknown, RegExp]>([
    ['that is none', 'identity', undefined, /expected object/],
    ['of another version', 'identity', { Version: '2026-01-01', Statement: [allow] }, /2012-10-17/],
    ['with an unknown member', 'identity', { ...of(allow), Statements: [] }, /Statements/],
    ['with an unknown member of a statement', 'identity', of({ ...allow, Conditions: {} }), /Conditions/],
    ['without an effect', 'identity', of({ Action: '*', Resource: '*' }), /Statement\[0\].Effect/],
    ['with another effect', 'identity', of({ ...allow, Effect: 'allow' }), /Allow/],
    ['without an action', 'identity', of({ Effect: 'Allow', Resource: '*' }), /either Action or NotAction/],
    ['with both', 'identity', of({ ...allow, NotAction: 's3:PutObject' }), /either Action or NotAction/],
    ['without actions', 'identity', of({ ...allow, Action: [] }), /Action|array/],
    [
      'with what is no action',
      'identity',
      of({ ...allow, Action: 'GetObject' }),
      /an action such as s3:GetObject, received "GetObject"/,
    ],
    [
      'with an action of any service',
      'identity',
      of({ ...allow, Action: '*:GetObject' }),
      /an action such as/,
    ],
    [
      'with an ARN for an action',
      'identity',
      of({ ...allow, Action: 'arn:aws:s3:::media' }),
      /an action such as/,
    ],
    [
      'without a resource',
      'identity',
      of({ Effect: 'Allow', Action: '*' }),
      /either Resource or NotResource/,
    ],
    [
      'with what is no resource',
      'identity',
      of({ ...allow, Resource: 'media/*' }),
      /expected an ARN or \*, received "media\/\*"/,
    ],
    ['with a principal, of a role', 'identity', of({ ...allow, Principal: '*' }), /has no Principal/],
    ['without a principal, of a resource', 'resource', of(allow), /either Principal or NotPrincipal/],
    [
      'with a role by its name',
      'resource',
      of({ ...allow, Principal: { AWS: 'writer' } }),
      /received "writer"/,
    ],
    [
      'with some roles',
      'resource',
      of({ ...allow, Principal: { AWS: 'arn:aws:iam::000000000000:role/*' } }),
      /role\/\*/,
    ],
    ['with any service', 'resource', of({ ...allow, Principal: { Service: '*' } }), /received "\*"/],
    [
      'with federated people',
      'resource',
      of({ ...allow, Principal: { Federated: 'x' } }),
      /Federated are not judged/,
    ],
    [
      'that allows all but somebody',
      'resource',
      of({ ...allow, NotPrincipal: { AWS: '000000000000' } }),
      /for Deny/,
    ],
    ['of trust with a resource', 'trust', of({ ...allow, Principal: '*' }), /has no Resource/],
    [
      'with an unknown variable',
      'identity',
      of({ ...allow, Resource: 'arn:aws:s3:::${aws:team}' }),
      /aws:team is not offered/,
    ],
  ])('%s', (_title, kind, document, problem) => {
    expect(() => compilePolicy(document, kind, 'role Writer, policy access')).toThrow(problem);
    expect(() => compilePolicy(document, kind, 'role Writer, policy access')).toThrow(
      /^role Writer, policy access/,
    );
  });

  test('at its statement, by name or number', () => {
    const wrong = { ...allow, Action: 'x' };
    expect(() => compilePolicy(of(allow, wrong), 'identity', 'p')).toThrow(/^p, statement 2: /);
    expect(() => compilePolicy(of({ ...wrong, Sid: 'Wrong' }), 'identity', 'p')).toThrow(
      /^p, statement Wrong: /,
    );
  });
});

describe('a stack is refused', () => {
  const { Type, Properties } = roleWith();
  const roleAnd = (more: object): TemplateResource => ({ Type, Properties: { ...Properties, ...more } });
  const statementless = (name: string): TemplateResource => ({ Type: name, Properties: {} });

  test.each<[string, Record<string, TemplateResource>, RegExp]>([
    [
      'with a managed policy that nobody here knows',
      { WriterRole: roleAnd({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }) },
      /role WriterRole: the managed policy arn:aws:iam::aws:policy\/AdministratorAccess is not known/,
    ],
    [
      'with a permissions boundary',
      { WriterRole: roleAnd({ PermissionsBoundary: 'arn:aws:iam::aws:policy/Any' }) },
      /is not judged by the local AWS/,
    ],
    [
      'with a policy in a table',
      {
        Table: {
          ...resources.Table,
          Properties: { ...resources.Table?.Properties, ResourcePolicy: { PolicyDocument: {} } },
        } as TemplateResource,
      },
      /Table: policies of tables and streams are not judged/,
    ],
    [
      'with a queue policy for a queue that it doesn’t have',
      {
        Policy: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            Queues: ['http://x/000000000000/other'],
            PolicyDocument: documentOf({ Principal: '*' }),
          },
        },
      },
      /other: is not in the stack/,
    ],
    [
      'with a permission that asks for more than is judged',
      {
        Permission: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            FunctionName: 'writer',
            Action: 'lambda:InvokeFunction',
            Principal: 'events.amazonaws.com',
            EventSourceToken: 'x',
          },
        },
      },
      /Permission: .*EventSourceToken/,
    ],
    [
      'with a role that Lambda may not take on',
      { WriterRole: roleAnd({ AssumeRolePolicyDocument: trusting('edgelambda.amazonaws.com') }) },
      /WriterLambdaFunction: WriterRole does not let lambda.amazonaws.com assume it/,
    ],
    [
      'with a role that says nothing of it',
      { WriterRole: statementless('AWS::IAM::Role') },
      /role WriterRole: .*AssumeRolePolicyDocument/s,
    ],
  ])('%s', (_title, changed, problem) => {
    expect(() => judgeOf(changed)).toThrow(problem);
  });

  test.each<[string, Record<string, TemplateResource>, string]>([
    [
      'the log group of a function',
      { Extra: lambdaIn('WriterRole', { FunctionName: 'extra', LoggingConfig: { LogGroup: '/other' } }) },
      'extra may not logs:CreateLogStream',
    ],
    [
      'traces',
      { Extra: lambdaIn('WriterRole', { TracingConfig: { Mode: 'Active' } }) },
      'xray:PutTraceSegments on *',
    ],
    [
      'the source of a mapping',
      {
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: arns.uploads, FunctionName: 'writer' },
        },
      },
      'writer may not sqs:GetQueueAttributes on',
    ],
    [
      'the failure destination of a mapping',
      {
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: arns.uploads,
            FunctionName: 'writer',
            DestinationConfig: { OnFailure: { Destination: arns.media } },
          },
        },
      },
      "writer in serverless.yml: - { actions: [s3:PutObject], on: !Sub '${Media.Arn}/aws/*' }",
    ],
    [
      'the metrics of recommendations, in the namespace that they have',
      {
        Attribution: {
          Type: 'AWS::Personalize::MetricAttribution',
          Properties: { Name: 'x', MetricsOutputConfig: { RoleArn: { 'Fn::GetAtt': ['Measurer', 'Arn'] } } },
        },
        Measurer: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: trusting('personalize.amazonaws.com'),
            Policies: [
              {
                PolicyName: 'access',
                PolicyDocument: documentOf({
                  Action: 'cloudwatch:PutMetricData',
                  Resource: '*',
                  Condition: { StringEquals: { 'cloudwatch:namespace': 'Other' } },
                }),
              },
            ],
          },
        },
      },
      'may not cloudwatch:PutMetricData on *',
    ],
    [
      'the notifications of a bucket',
      {
        Media: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            BucketName: 'media',
            NotificationConfiguration: {
              QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arns.uploads }],
            },
          },
        },
      },
      's3.amazonaws.com for arn:aws:s3:::media may not sqs:SendMessage',
    ],
    [
      'the routes of an API',
      {
        Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: arns.writer,
            PayloadFormatVersion: '2.0',
          },
        },
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            RouteKey: 'GET /a/{b}',
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
          },
        },
      },
      'apigateway.amazonaws.com for',
    ],
  ])(
    'without the right to use %s, which AWS would miss at the deployment or in silence',
    (_title, changed, told) => {
      expect(() => judgeOf(changed)).toThrow(told);
      expect(() => judgeOf(changed)).toThrow(/^On AWS this would not work:/);
    },
  );
});
