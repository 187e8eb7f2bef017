// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the framework's references are written like this
import { expect, test } from 'vitest';
import type { Principal } from '../../../offline/contract.ts';
import { Policies } from '../../../offline/gateway/permission/policies.ts';
import { type Needed, usageOf } from '../../../offline/gateway/permission/usage.ts';
import { documentOf } from '../../support/permission.ts';
import {
  arns,
  developer,
  judgeOf,
  reader,
  roleWith,
  service,
  writer,
} from '../../support/permission-stack.ts';

const { stack } = judgeOf({
  WriterRole: roleWith(
    { Action: ['s3:GetObject', 's3:PutObject'], Resource: [`${arns.media}/a/*`, `${arns.media}/b/*`] },
    { Action: 's3:Get*', Resource: `${arns.media}/a/*` },
  ),
  Policy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Uploads' }],
      PolicyDocument: documentOf({
        Sid: 'Uploads',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arns.uploads,
        Condition: { ArnEquals: { 'aws:SourceArn': arns.media } },
      }),
    },
  },
});

const needed = (principal: Principal, action: string, resource: string, why?: string): Needed => ({
  principal,
  need: { action, resource },
  ...(why !== undefined && { why }),
});

function usage(...calls: Needed[]) {
  const { grants, unallowed } = usageOf(calls, new Policies(stack), stack);
  const rows = grants
    .filter(({ used, implied }) => used > 0 || implied.size > 0)
    .map(({ holder, action, resource, used, alone, implied }) =>
      [holder, action, resource, used, alone, ...implied].join(' '),
    );
  return { rows, unallowed };
}

test('each action and resource of a statement is counted by itself', () => {
  const { rows, unallowed } = usage(
    needed(writer, 's3:PutObject', `${arns.media}/b/1`),
    needed(writer, 's3:PutObject', `${arns.media}/b/2`),
    needed(writer, 's3:GetObject', `${arns.media}/b/1`),
  );
  expect(rows).toEqual([
    `writer s3:GetObject !Sub '\${Media.Arn}/b/*' 1 1`,
    `writer s3:PutObject !Sub '\${Media.Arn}/b/*' 2 2`,
  ]);
  expect(unallowed).toEqual([]);
});

test('what another statement allows too is not needed', () => {
  const { rows } = usage(needed(writer, 's3:GetObject', `${arns.media}/a/1`));
  expect(rows).toEqual([
    `writer s3:GetObject !Sub '\${Media.Arn}/a/*' 1 0`,
    `writer s3:Get* !Sub '\${Media.Arn}/a/*' 1 0`,
  ]);
});

test('policies of resources are used by services', () => {
  const { rows } = usage(needed(service('s3', arns.media), 'sqs:SendMessage', arns.uploads));
  expect(rows).toEqual(['Policy, statement Uploads sqs:SendMessage !GetAtt Uploads.Arn 1 1']);
});

test('what AWS needs without a call is told apart', () => {
  const logs = 'arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/writer:log-stream:any';
  const { rows } = usage(needed(writer, 'logs:PutLogEvents', logs, 'its logs'));
  expect(rows).toEqual(["writer logs:PutLogEvents 'arn:aws:logs:*:*:log-group:/aws/lambda/*' 0 0 its logs"]);
});

test('calls that nothing allows are named, once for each folder', () => {
  const { unallowed } = usage(
    needed(reader, 's3:GetObject', `${arns.media}/a/1`),
    needed(reader, 's3:GetObject', `${arns.media}/a/2`),
    needed(service('sns', arns.activity), 'sqs:SendMessage', arns.uploads),
    needed(developer, 's3:GetObject', `${arns.media}/a/2`),
  );
  expect(unallowed).toEqual([
    { principal: 'reader', action: 's3:GetObject', resource: "!Sub '${Media.Arn}/a/*'", count: 2 },
    { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: '!GetAtt Uploads.Arn', count: 1 },
  ]);
});
