import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Engine, FunctionPool, ServiceName } from '../../../offline/contract.ts';
import { createIssuerEngine } from '../../../offline/issuer/engine.ts';
import { createLambdaEngine } from '../../../offline/lambda/engine.ts';
import { createSecretsEngine } from '../../../offline/secrets/engine.ts';
import { createSnsEngine } from '../../../offline/sns/engine.ts';
import { createSqsEngine } from '../../../offline/sqs/engine.ts';
import { type TestContext, testContext } from '../../support/context.ts';
import { arns, developer, resources } from '../../support/permission-stack.ts';
import { stackOf } from '../../support/stack.ts';

const pool: FunctionPool = { invoke: async () => ({ ok: true, payload: null }), close: async () => {} };
const People = { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: 'people' } };

let context: TestContext;
let secretArn = '';
let poolArn = '';

beforeAll(() => {
  context = testContext();
  const stack = stackOf(context, { ...resources, People });
  const engines: Engine[] = [
    createSqsEngine(context, stack),
    createSnsEngine(context, stack),
    createSecretsEngine(context, stack),
    createLambdaEngine(context, stack, pool),
    createIssuerEngine(context, stack),
  ];
  for (const engine of engines) context.engines.set(engine.service, engine);
  secretArn = stack.resources.find(({ logicalId }) => logicalId === 'Cursor')?.arn ?? '';
  poolArn = stack.resources.find(({ logicalId }) => logicalId === 'People')?.arn ?? '';
});
afterAll(() => context.stop());

function needs(service: ServiceName, operation: string, input: Call['input']): string[] {
  const signal = new AbortController().signal;
  const call: Call = { id: '1', principal: developer, service, operation, input, signal };
  const found = context.engines.get(service)?.needs(call) ?? [];
  return found.map(({ action, resource }) => `${action} ${resource}`);
}

describe('SQS: a call needs', () => {
  const QueueUrl = 'http://127.0.0.1:4566/000000000000/uploads';
  const other = `${arns.uploads}-2`;

  test.each<[string, Call['input'], string[]]>([
    ['SendMessage', { QueueUrl }, ['sqs:SendMessage']],
    [
      'SendMessage',
      { QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/uploads' },
      ['sqs:SendMessage'],
    ],
    ['SendMessageBatch', { QueueUrl }, ['sqs:SendMessage']],
    ['ReceiveMessage', { QueueUrl }, ['sqs:ReceiveMessage']],
    ['DeleteMessage', { QueueUrl }, ['sqs:DeleteMessage']],
    ['DeleteMessageBatch', { QueueUrl }, ['sqs:DeleteMessage']],
    ['ChangeMessageVisibility', { QueueUrl }, ['sqs:ChangeMessageVisibility']],
    ['ChangeMessageVisibilityBatch', { QueueUrl }, ['sqs:ChangeMessageVisibility']],
    ['GetQueueAttributes', { QueueUrl }, ['sqs:GetQueueAttributes']],
    ['SetQueueAttributes', { QueueUrl }, ['sqs:SetQueueAttributes']],
    ['PurgeQueue', { QueueUrl }, ['sqs:PurgeQueue']],
    ['GetQueueUrl', { QueueName: 'uploads' }, ['sqs:GetQueueUrl']],
    ['ListMessageMoveTasks', { SourceArn: arns.uploads }, ['sqs:ListMessageMoveTasks']],
    [
      'StartMessageMoveTask',
      { SourceArn: arns.uploads },
      ['sqs:StartMessageMoveTask', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    ],
  ])('%s %j: %j', (operation, input, actions) => {
    expect(needs('sqs', operation, input)).toEqual(actions.map((action) => `${action} ${arns.uploads}`));
  });

  test('a right to both queues of a redrive, and none to one queue for all', () => {
    const redrive = needs('sqs', 'StartMessageMoveTask', { SourceArn: arns.uploads, DestinationArn: other });
    expect(redrive).toContain(`sqs:SendMessage ${other}`);
    expect(needs('sqs', 'ListQueues', {})).toEqual(['sqs:ListQueues *']);
    const TaskHandle = Buffer.from(JSON.stringify({ taskId: '1', sourceArn: arns.uploads })).toString(
      'base64',
    );
    expect(needs('sqs', 'CancelMessageMoveTask', { TaskHandle })).toEqual([
      `sqs:CancelMessageMoveTask ${arns.uploads}`,
    ]);
  });
});

describe('SNS: a call needs', () => {
  const TopicArn = arns.activity;
  const SubscriptionArn = `${TopicArn}:6b0e71bd-7e97-4d97-80ce-4a0994e55286`;

  test.each<[string, Call['input'], string]>([
    ['Publish', { TopicArn }, 'sns:Publish'],
    ['Publish', { TargetArn: TopicArn }, 'sns:Publish'],
    ['PublishBatch', { TopicArn }, 'sns:Publish'],
    ['Subscribe', { TopicArn }, 'sns:Subscribe'],
    ['Unsubscribe', { SubscriptionArn }, 'sns:Unsubscribe'],
    ['GetTopicAttributes', { TopicArn }, 'sns:GetTopicAttributes'],
    ['ListSubscriptionsByTopic', { TopicArn }, 'sns:ListSubscriptionsByTopic'],
    ['GetSubscriptionAttributes', { SubscriptionArn }, 'sns:GetSubscriptionAttributes'],
    ['SetSubscriptionAttributes', { SubscriptionArn }, 'sns:SetSubscriptionAttributes'],
  ])('%s %j: %s', (operation, input, action) => {
    expect(needs('sns', operation, input)).toEqual([`${action} ${TopicArn}`]);
  });
});

describe('Secrets Manager: a call needs', () => {
  test('a right to the secret, whichever way it is named', () => {
    for (const SecretId of ['cursor', secretArn, secretArn.replace(/-\w{6}$/, '')]) {
      expect(needs('secretsmanager', 'GetSecretValue', { SecretId })).toEqual([
        `secretsmanager:GetSecretValue ${secretArn}`,
      ]);
    }
    expect(needs('secretsmanager', 'DescribeSecret', { SecretId: 'cursor' })).toEqual([
      `secretsmanager:DescribeSecret ${secretArn}`,
    ]);
  });

  test('a right to what isn’t there, too', () => {
    const unknown = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:other';
    expect(needs('secretsmanager', 'GetSecretValue', { SecretId: 'other' })).toEqual([
      `secretsmanager:GetSecretValue ${unknown}`,
    ]);
    expect(needs('secretsmanager', 'GetSecretValue', { SecretId: unknown })).toEqual([
      `secretsmanager:GetSecretValue ${unknown}`,
    ]);
  });
});

describe('Lambda: Invoke needs', () => {
  test.each([
    ['a name', 'writer', arns.writer],
    ['an ARN', arns.writer, arns.writer],
    ['a partial ARN', '000000000000:function:writer', arns.writer],
    ['a qualified ARN', `${arns.writer}:$LATEST`, arns.writer],
    ['a qualified name', 'writer:live', arns.writer],
    ['an unknown function', 'nobody', arns.writer.replace('writer', 'nobody')],
  ])('the function by %s', (_title, FunctionName, arn) => {
    expect(needs('lambda', 'Invoke', { FunctionName })).toEqual([`lambda:InvokeFunction ${arn}`]);
  });
});

describe('Cognito: a call needs', () => {
  test('a right to the pool for what administrators do', () => {
    const UserPoolId = poolArn.slice(poolArn.lastIndexOf('/') + 1);
    expect(needs('cognito-idp', 'AdminCreateUser', { UserPoolId })).toEqual([
      `cognito-idp:AdminCreateUser ${poolArn}`,
    ]);
  });

  test.each(['SignUp', 'InitiateAuth', 'GetUser', 'GetJsonWebKeySet'])('nothing for %s', (operation) => {
    expect(needs('cognito-idp', operation, {})).toEqual([]);
  });
});
