import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { errorCode, sendRaw, takeSigned, type WireRequest } from '../../support/wire.ts';

const s3 = echoEngine('s3');
const dynamodb = echoEngine('dynamodb');
const sns = echoEngine('sns');

let aws: TestGateway;
beforeAll(async () => {
  aws = await startTestGateway(() => [s3, dynamodb, sns]);
});
afterAll(() => aws.stop());

type ClientConfig = TestGateway['clientConfig'];

const read = (config: ClientConfig) =>
  new DynamoDBClient(config).send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }));
const publish = (config: ClientConfig) =>
  new SNSClient(config).send(new PublishCommand({ TopicArn: 'arn', Message: 'm' }));
const put = (config: ClientConfig) =>
  new S3Client(config).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Buffer.from('bytes') }));

async function refusals(config: ClientConfig): Promise<unknown[]> {
  const outcomes = await Promise.allSettled([read(config), publish(config), put(config)]);
  return outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : 'accepted'));
}

function withKey(credentials: ClientConfig['credentials']): ClientConfig {
  return { ...aws.clientConfig, credentials };
}

const photos = {
  kind: 'function',
  name: 'afterparty-test-photos',
  arn: 'arn:aws:lambda:eu-west-1:000000000000:function:afterparty-test-photos',
} as const;

test('a function calls with its own temporary key', async () => {
  await read(withKey(aws.gateway.credentials.issueKey(photos)));
  expect(dynamodb.calls.at(-1)?.principal).toEqual(photos);
});

test('a wrong secret, an unknown key, a wrong or missing token: each protocol says it its own way', async () => {
  const key = aws.gateway.credentials.issueKey({ ...photos, name: 'other' });
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  expect(await refusals(withKey({ ...key, secretAccessKey: 'wrong' }))).toEqual([
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'SignatureDoesNotMatch',
  ]);
  expect(await refusals(withKey({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey }))).toEqual([
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'InvalidAccessKeyId',
  ]);
  const wrongToken = ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidToken'];
  expect(await refusals(withKey({ accessKeyId, secretAccessKey }))).toEqual(wrongToken);
  expect(await refusals(withKey({ ...key, sessionToken: `${sessionToken}x` }))).toEqual(wrongToken);
});

test('a temporary key ends at its time on the clock, a revoked one at once', async () => {
  const brief = aws.gateway.credentials.issueKey({ ...photos, name: 'brief' }, aws.clock.now() + 60_000);
  expect(await refusals(withKey(brief))).toEqual(['accepted', 'accepted', 'accepted']);
  await aws.clock.advance(60_000);
  expect(await refusals(withKey(brief))).toEqual(['ExpiredTokenException', 'ExpiredToken', 'ExpiredToken']);
  const revoked = aws.gateway.credentials.issueKey({ ...photos, name: 'revoked' });
  aws.gateway.credentials.revokeKey(revoked.accessKeyId);
  expect((await refusals(withKey(revoked)))[2]).toBe('InvalidAccessKeyId');
});

test('another region is refused with the one that is expected', async () => {
  await expect(put({ ...aws.clientConfig, region: 'us-east-1' })).rejects.toMatchObject({
    name: 'AuthorizationHeaderMalformed',
    Region: 'eu-west-1',
  });
});

test('a client whose clock is off learns the time from the answer and signs again', async () => {
  await aws.clock.advance(86_400_000);
  await expect(read({ ...aws.clientConfig, maxAttempts: 1 } as ClientConfig)).rejects.toThrow(
    'The difference between the request time and the current time is too large.',
  );
  await read(aws.clientConfig);
  await publish(aws.clientConfig);
});

test('unsigned calls: S3 denies, the others miss a token; HEAD says so without a body', async () => {
  const bare = { method: 'GET', target: '/b/k', headers: {} };
  expect(errorCode(await sendRaw(aws.endpoint, bare))).toBe('AccessDenied');
  const head = await sendRaw(aws.endpoint, { ...bare, method: 'HEAD' });
  expect([head.status, head.body]).toEqual([403, '']);
  const headers = {
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'content-type': 'application/x-amz-json-1.0',
  };
  const json = await sendRaw(aws.endpoint, { method: 'POST', target: '/', headers, body: '{}' });
  expect(errorCode(json)).toBe('MissingAuthenticationTokenException');
  const older = { ...bare, headers: { authorization: 'AWS key:signature' } };
  expect(errorCode(await sendRaw(aws.endpoint, older))).toBe('InvalidRequest');
});

test('a HEAD is refused by its status, and the SDK understands', async () => {
  const client = new S3Client(withKey({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' }));
  await expect(client.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
  await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
});

/** Every part of a request that someone on the way could change, changed. */
function tamperings({ headers: all, ...request }: WireRequest): [what: string, changed: WireRequest][] {
  const { 'content-length': _, ...headers } = all;
  const body = Buffer.from(request.body ?? '');
  const flipped = Buffer.from(body.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
  const authorization = headers.authorization ?? '';
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const withHeader = (name: string, value: string) => ({
    ...request,
    headers: { ...headers, [name]: value },
  });
  return [
    ['method', { ...request, headers, method: request.method === 'POST' ? 'PUT' : 'POST' }],
    ['path', { ...request, headers, target: request.target.replace(/^([^?]*)/, '$1x') }],
    [
      'query',
      { ...request, headers, target: `${request.target}${request.target.includes('?') ? '&' : '?'}acl=` },
    ],
    ['a byte of the body', { ...request, headers, body: flipped }],
    ['a longer body', { ...request, headers, body: Buffer.concat([body, body]) }],
    ['a shorter body', { ...request, headers, body: body.subarray(1) }],
    ['an added header', withHeader('x-amz-meta-added', 'x')],
    ['another minute', withHeader('x-amz-date', bumped(headers['x-amz-date'] ?? ''))],
    ['another signature', withHeader('authorization', authorization.replace(/.$/, '_'))],
    ['fewer signed headers', withHeader('authorization', authorization.replace('content-type;', ''))],
    ...signed
      .filter((name) => headers[name] !== undefined)
      .map((name): [string, WireRequest] => [name, withHeader(name, `${headers[name]}x`)]),
  ];
}

function bumped(timestamp: string): string {
  return timestamp.replace(/(\d)(\d\dZ)$/, (_, minute, rest) => `${(Number(minute) + 1) % 10}${rest}`);
}

test('whatever is changed in a signed PUT, it is refused and no byte is taken', async () => {
  const fresh = await startTestGateway(() => [s3]);
  const request = await takeSigned((requestHandler) =>
    new S3Client({ ...fresh.clientConfig, requestHandler }).send(
      new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Buffer.from('bytes'), Metadata: { a: 'b' } }),
    ),
  );
  const taken = s3.bodies.length;
  for (const [what, changed] of tamperings(request)) {
    const answer = await sendRaw(fresh.endpoint, changed);
    expect([what, answer.status >= 400, errorCode(answer)]).toEqual([what, true, expect.any(String)]);
  }
  expect(s3.bodies.length).toBe(taken);
  expect((await sendRaw(fresh.endpoint, request)).status).toBe(200);
  await fresh.stop();
});

test('whatever is changed in a signed JSON call, it is refused', async () => {
  const fresh = await startTestGateway(() => [dynamodb, s3]);
  const request = await takeSigned((requestHandler) =>
    read({ ...fresh.clientConfig, requestHandler } as ClientConfig),
  );
  const answered = dynamodb.calls.length;
  for (const [what, changed] of tamperings(request)) {
    const answer = await sendRaw(fresh.endpoint, changed);
    expect([what, answer.status >= 400]).toEqual([what, true]);
  }
  expect(dynamodb.calls.length).toBe(answered);
  expect((await sendRaw(fresh.endpoint, request)).status).toBe(200);
  await fresh.stop();
});

test('the developer key and the keys of functions are the same after a restart', async () => {
  const first = await startTestGateway(() => []);
  const { stateDir } = first.context;
  const key = first.gateway.credentials.issueKey(photos);
  const second = await startTestGateway(() => [], { stateDir });
  expect(second.clientConfig.credentials).toEqual(first.clientConfig.credentials);
  expect(second.gateway.credentials.issueKey(photos)).toEqual(key);
  expect(aws.gateway.credentials.issueKey(photos)).not.toEqual(key);
  expect(key.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(first.clientConfig.credentials.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  await second.stop();
  await first.stop();
});
