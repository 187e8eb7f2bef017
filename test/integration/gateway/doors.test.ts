import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceError } from '../../../offline/contract.ts';
import type { RecordedCall } from '../../../offline/gateway/record.ts';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { errorCode, sendRaw } from '../../support/wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'afterparty-record-'));
const recordFile = join(folder, 'calls.jsonl');
const cors = { 'access-control-allow-origin': 'http://localhost:5173' };
const s3 = {
  ...echoEngine('s3', () => ({ status: 200, headers: cors, body: undefined })),
  corsHeaders: () => cors,
};
const dynamodb = echoEngine('dynamodb', ({ operation }) => {
  if (operation === 'GetItem') return { output: {} };
  throw new ServiceError('ResourceNotFoundException', 'no');
});
const issuer = {
  ...echoEngine('cognito-idp', ({ operation, input }) => ({ output: { operation, ...input } })),
  needs: ({ operation }: { operation: string }) =>
    operation.startsWith('Admin') ? [{ action: `cognito-idp:${operation}`, resource: '*' }] : [],
};
const queueOwner = { kind: 'service', name: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::b' } as const;

let aws: TestGateway;
beforeAll(async () => {
  aws = await startTestGateway(() => [s3, dynamodb, issuer], { recordFile });
});
afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});

function control(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${aws.endpoint}/_afterparty/${path}`, {
    ...init,
    headers: { 'x-afterparty-control': '1', ...init.headers },
  });
}

test('the record tells who called what on which ARN with what result: in memory, in a file, by subscription', async () => {
  const heard: RecordedCall[] = [];
  const end = aws.gateway.record.subscribe((call) => heard.push(call));
  await new DynamoDBClient(aws.clientConfig).send(
    new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }),
  );
  await expect(aws.gateway.call(queueOwner, 'dynamodb', 'PutItem', {})).rejects.toThrow('no');
  await sendRaw(aws.endpoint, { method: 'PUT', target: '/b/k', headers: {}, body: 'x' });
  end();
  expect(heard).toMatchObject([
    { principal: { kind: 'developer' }, service: 'dynamodb', operation: 'GetItem', result: 'ok' },
    { principal: queueOwner, operation: 'PutItem', result: 'ResourceNotFoundException' },
    { principal: { kind: 'anonymous' }, service: 's3', operation: 'PutObject', result: 'AccessDenied' },
  ]);
  expect(heard[0]).toMatchObject({
    needs: [{ action: 'dynamodb:GetItem', resource: '*' }],
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    ms: expect.any(Number),
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const lines = readFileSync(recordFile, 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line)).slice(-3)).toEqual(heard);
  const after = (heard[0]?.seq ?? 0) as number;
  expect(await (await control(`record?after=${after}`)).json()).toEqual({ calls: heard.slice(1) });
});

test('the control door moves the clock and tells its health', async () => {
  const before = aws.clock.now();
  let ran = false;
  aws.clock.setTimeout(() => {
    ran = true;
  }, 3_600_000);
  const answer = await control('clock', { method: 'POST', body: '{"advanceMs": 7200000}' });
  const { now } = (await answer.json()) as { now: string };
  expect(Date.parse(now) - before).toBeGreaterThanOrEqual(7_200_000);
  expect(ran).toBe(true);
  expect(await (await control('health')).json()).toMatchObject({
    status: 'ok',
    services: ['s3', 'dynamodb', 'cognito-idp'],
  });
});

test('others add controls; what is wrong with a request is said', async () => {
  aws.gateway.control('/_afterparty/echo', ({ method, query, body }) => ({
    method,
    a: query.get('a'),
    body,
  }));
  const answer = await control('echo?a=b', { method: 'POST', body: '{"c":1}' });
  expect(await answer.json()).toEqual({ method: 'POST', a: 'b', body: { c: 1 } });
  expect((await control('nothing')).status).toBe(404);
  for (const body of ['', '{', '{"advanceMs":-1}', '{"advanceMs":"1"}']) {
    expect((await control('clock', { method: 'POST', body })).status).toBe(400);
  }
  expect((await control('record?after=x')).status).toBe(400);
});

test('no web page reaches the control door', async () => {
  expect((await fetch(`${aws.endpoint}/_afterparty/health`)).status).toBe(403);
  const preflight = await fetch(`${aws.endpoint}/_afterparty/health`, {
    method: 'OPTIONS',
    headers: {
      origin: 'http://evil.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-afterparty-control',
    },
  });
  expect(preflight.status).toBe(403);
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  const rebound = { host: 'evil.example', 'x-afterparty-control': '1' };
  const answer = await sendRaw(aws.endpoint, {
    method: 'GET',
    target: '/_afterparty/health',
    headers: rebound,
  });
  expect(answer.status).toBe(403);
});

test('a browser may ask Cognito, unsigned, but not for what needs a right', async () => {
  const headers = {
    origin: 'http://localhost:5173',
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AWSCognitoIdentityProviderService.SignUp',
  };
  const preflight = await fetch(aws.endpoint, {
    method: 'OPTIONS',
    headers: { origin: headers.origin, 'access-control-request-headers': 'content-type,x-amz-target' },
  });
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-amz-target');
  const answer = await fetch(aws.endpoint, { method: 'POST', headers, body: '{"Username":"alice"}' });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.json()).toEqual({ operation: 'SignUp', Username: 'alice' });
  const admin = { ...headers, 'x-amz-target': 'AWSCognitoIdentityProviderService.AdminCreateUser' };
  const denied = await sendRaw(aws.endpoint, { method: 'POST', target: '/', headers: admin, body: '{}' });
  expect(errorCode(denied)).toBe('MissingAuthenticationTokenException');
});

test('an issuer publishes its documents', async () => {
  const read = async (path: string) =>
    (await fetch(`${aws.endpoint}/eu-west-1_x/.well-known/${path}`)).json();
  expect(await read('openid-configuration')).toEqual({
    operation: 'GetOpenIdConfiguration',
    UserPoolId: 'eu-west-1_x',
  });
  expect(await read('jwks.json')).toMatchObject({ operation: 'GetJsonWebKeySet' });
  expect(await read('other')).toMatchObject({ __type: 'NotFound' });
});

test('a browser may ask a bucket for its rules, and reads why S3 refuses', async () => {
  const preflight = await fetch(`${aws.endpoint}/media/k`, { method: 'OPTIONS' });
  expect(preflight.status).toBe(200);
  expect(s3.calls.at(-1)).toMatchObject({ operation: 'OptionsObject', principal: { kind: 'anonymous' } });
  const refused = await fetch(`${aws.endpoint}/media/k?X-Amz-Algorithm=x`);
  expect(refused.status).toBe(400);
  expect(refused.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
});

test('a service that is not here is named', async () => {
  const target = { 'x-amz-target': 'AmazonSSM.GetParameter' };
  const ssm = await sendRaw(aws.endpoint, { method: 'POST', target: '/', headers: target, body: '{}' });
  expect(JSON.parse(ssm.body)).toEqual({
    __type: 'UnknownServiceException',
    message: 'The local AWS has no AmazonSSM.GetParameter; it has s3, dynamodb, cognito-idp.',
  });
  const signed = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=a/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=b',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  };
  const sts = await sendRaw(aws.endpoint, { method: 'POST', target: '/', headers: signed, body: 'Action=x' });
  expect(sts.body).toContain('<Message>The local AWS has no sts;');
});

test('a service that does not run is said, not waited for', async () => {
  const answer = await sendRaw(aws.endpoint, {
    method: 'POST',
    target: '/',
    headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.SignUp' },
    body: '[]',
  });
  expect(errorCode(answer)).toBe('SerializationException');
  await expect(aws.gateway.call(queueOwner, 'sqs', 'SendMessage', {})).rejects.toMatchObject({
    code: 'ServiceUnavailable',
    message: 'No sqs is running here.',
  });
});
