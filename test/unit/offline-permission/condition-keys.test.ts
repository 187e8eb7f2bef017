import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Call, Principal } from '../../../offline/contract.ts';
import { conditionKey, factsOf } from '../../../offline/gateway/permission/condition-keys.ts';
import { partitionKeysOf } from '../../../offline/gateway/permission/partition-keys.ts';
import { Policies } from '../../../offline/gateway/permission/policies.ts';
import { account } from '../../support/permission.ts';
import { anonymous, arns, developer, judgeOf, service, writer } from '../../support/permission-stack.ts';

const { stack } = judgeOf();
const policies = new Policies(stack);
const partitionKeys = partitionKeysOf(stack);
const now = Date.parse('2026-11-22T10:00:00.500Z');

interface Asked {
  readonly principal?: Principal;
  readonly operation?: string;
  readonly input?: Call['input'];
  readonly action?: string;
  readonly resource?: string;
  readonly headers?: Record<string, string>;
  readonly query?: string;
}

/** What a call says of a condition key. */
function fact(key: string, asked: Asked) {
  const { principal = writer, operation = '', input = {}, action = '', resource = '*' } = asked;
  const { headers, query: rawQuery = '' } = asked;
  const http = {
    method: 'GET',
    rawPath: '/',
    rawQuery,
    headers: headers ?? {},
    body: Readable.from([]),
    trailers: {},
  };
  const overHttp = headers !== undefined || rawQuery !== '';
  return factsOf({
    call: { operation, input, ...(overHttp && { http }) },
    need: { action, resource },
    caller: policies.judged(principal, resource).caller,
    ...{ region: 'eu-west-1', account, now, partitionKeys },
  })(key.toLowerCase());
}

const roleArn = expect.stringMatching(/^arn:aws:iam::000000000000:role\/test-WriterRole-/);
const s3 = service('s3', arns.media);

test.each<[string, Asked, unknown]>([
  ['aws:PrincipalArn', { principal: writer }, [roleArn]],
  ['aws:PrincipalArn', { principal: developer }, [`arn:aws:iam::${account}:user/developer`]],
  ['aws:PrincipalArn', { principal: s3 }, undefined],
  ['aws:PrincipalAccount', { principal: writer }, [account]],
  ['aws:PrincipalAccount', { principal: anonymous }, undefined],
  ['aws:PrincipalType', { principal: writer }, ['AssumedRole']],
  ['aws:PrincipalType', { principal: anonymous }, ['Anonymous']],
  ['aws:PrincipalType', { principal: s3 }, undefined],
  ['aws:PrincipalIsAWSService', { principal: s3 }, ['true']],
  ['aws:PrincipalIsAWSService', { principal: writer }, ['false']],
  ['aws:PrincipalServiceName', { principal: s3 }, ['s3.amazonaws.com']],
  ['aws:SourceArn', { principal: s3 }, [arns.media]],
  ['aws:SourceArn', { principal: writer }, undefined],
  ['aws:SourceAccount', { principal: s3 }, [account]],
  ['aws:SourceAccount', { principal: writer }, undefined],
  ['aws:SourceIp', { principal: writer }, ['127.0.0.1']],
  ['aws:SourceIp', { principal: s3 }, undefined],
  ['aws:username', { principal: developer }, ['developer']],
  ['aws:username', { principal: writer }, undefined],
  ['aws:SecureTransport', {}, ['true']],
  ['aws:CurrentTime', {}, ['2026-11-22T10:00:00.500Z']],
  ['aws:EpochTime', {}, ['1795341600']],
  ['aws:RequestedRegion', {}, ['eu-west-1']],
  ['s3:prefix', { input: { Prefix: 'a/' } }, ['a/']],
  ['s3:prefix', { input: { Prefix: '' } }, ['']],
  ['s3:prefix', {}, undefined],
  ['s3:delimiter', { input: { Delimiter: '/' } }, ['/']],
  ['s3:max-keys', { input: { MaxKeys: '7' } }, ['7']],
  ['s3:VersionId', { input: { VersionId: 'v' } }, ['v']],
  ['s3:x-amz-acl', { headers: { 'x-amz-acl': 'private' } }, ['private']],
  ['s3:x-amz-acl', { query: 'x-amz-acl=public-read' }, ['public-read']],
  ['s3:x-amz-acl', { input: { Fields: { acl: 'private' } }, headers: {} }, ['private']],
  ['s3:x-amz-acl', { headers: {} }, undefined],
  ['s3:x-amz-storage-class', { headers: { 'x-amz-storage-class': 'GLACIER' } }, ['GLACIER']],
  [
    's3:x-amz-server-side-encryption',
    { headers: { 'x-amz-server-side-encryption': 'aws:kms' } },
    ['aws:kms'],
  ],
  ['s3:if-none-match', { headers: { 'if-none-match': '*' } }, ['*']],
  ['s3:authType', { headers: { authorization: 'AWS4-HMAC-SHA256 ...' } }, ['REST-HEADER']],
  ['s3:authType', { query: 'X-Amz-Signature=abc' }, ['REST-QUERY-STRING']],
  ['s3:authType', { input: { Fields: {} }, headers: {} }, ['POST']],
  ['s3:signatureAge', { query: 'X-Amz-Date=20261122T095900Z' }, ['60500']],
  ['s3:signatureAge', { headers: {} }, undefined],
  ['sns:Protocol', { input: { Protocol: 'sqs' } }, ['sqs']],
  ['iam:PassedToService', { action: 'iam:PassRole' }, ['personalize.amazonaws.com']],
  ['iam:PassedToService', { action: 'personalize:CreateDatasetImportJob' }, undefined],
  ['cloudwatch:namespace', { input: { Namespace: 'AWS/Personalize' } }, ['AWS/Personalize']],
  ['secretsmanager:VersionStage', { input: { VersionStage: 'AWSCURRENT' } }, ['AWSCURRENT']],
  ['dynamodb:Select', { input: { Select: 'COUNT' } }, ['COUNT']],
  ['dynamodb:EnclosingOperation', { operation: 'TransactWriteItems' }, ['TransactWriteItems']],
  ['dynamodb:EnclosingOperation', { operation: 'PutItem' }, undefined],
])('%s of %j is %j', (key, asked, expected) => {
  expect(fact(key, asked)).toEqual(expected);
});

describe('dynamodb:LeadingKeys of', () => {
  const item = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });
  const table = { resource: arns.table };
  const index = { resource: `${arns.table}/index/gsi1` };
  const TableName = 'things';

  test.each<[string, Asked, unknown]>([
    ['an item that is read', { ...table, operation: 'GetItem', input: { TableName, Key: item('a') } }, ['a']],
    [
      'an item that is written',
      { ...table, operation: 'PutItem', input: { TableName, Item: item('a') } },
      ['a'],
    ],
    [
      'a query',
      {
        ...table,
        operation: 'Query',
        input: {
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'a' } },
        },
      },
      ['a'],
    ],
    [
      'a query with names, and more to it',
      {
        ...table,
        operation: 'Query',
        input: {
          TableName,
          KeyConditionExpression: 'begins_with(#sk, :from) AND #pk=:pk',
          ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
          ExpressionAttributeValues: { ':pk': { S: 'a' }, ':from': { S: 'b' } },
        },
      },
      ['a'],
    ],
    [
      'a query of an index, the index’s key',
      {
        ...index,
        operation: 'Query',
        input: {
          TableName,
          KeyConditionExpression: 'gsi1pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'b' } },
        },
      },
      ['b'],
    ],
    ['a scan: none', { ...table, operation: 'Scan', input: { TableName } }, undefined],
    [
      'a batch of reads',
      {
        ...table,
        operation: 'BatchGetItem',
        input: { RequestItems: { things: { Keys: [item('a'), item('b')] }, others: { Keys: [item('c')] } } },
      },
      ['a', 'b'],
    ],
    [
      'a batch of writes',
      {
        ...table,
        operation: 'BatchWriteItem',
        input: {
          RequestItems: {
            [arns.table]: [{ PutRequest: { Item: item('a') } }, { DeleteRequest: { Key: item('b') } }],
          },
        },
      },
      ['a', 'b'],
    ],
    [
      'a transaction, the kind that is judged',
      {
        ...table,
        operation: 'TransactWriteItems',
        action: 'dynamodb:PutItem',
        input: {
          TransactItems: [
            { Put: { TableName, Item: item('a') } },
            { Delete: { TableName, Key: item('b') } },
            { Put: { TableName: 'others', Item: item('c') } },
          ],
        },
      },
      ['a'],
    ],
    ['what is no item', { ...table, operation: 'PutItem', input: { TableName, Item: 7 } }, undefined],
    [
      'another table',
      { resource: `${arns.table}2`, operation: 'GetItem', input: { Key: item('a') } },
      undefined,
    ],
  ])('%s', (_title, asked, expected) => {
    expect(fact('dynamodb:LeadingKeys', asked)).toEqual(expected);
  });
});

test.each(['aws:SourceVpc', 'dynamodb:Attributes', 's3:ExistingObjectTag/a', 'constructor', 'toString'])(
  'there is no %s here',
  (key) => {
    expect(conditionKey(key.toLowerCase())).toBeUndefined();
  },
);
