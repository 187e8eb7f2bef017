import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { errorCode, sendRaw, type WireRequest } from '../../support/wire.ts';

const s3 = echoEngine('s3');
const CHECKSUM = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=';

let aws: TestGateway;
let client: S3Client;
beforeAll(async () => {
  aws = await startTestGateway(() => [s3]);
  client = new S3Client({ ...aws.clientConfig, requestChecksumCalculation: 'WHEN_REQUIRED' });
});
afterAll(() => aws.stop());

async function presignedPut(): Promise<WireRequest> {
  const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': CHECKSUM };
  const url = await getSignedUrl(
    client,
    new PutObjectCommand({
      Bucket: 'b',
      Key: 'originals/a b',
      ContentType: 'image/jpeg',
      ContentLength: 5,
      ChecksumSHA256: CHECKSUM,
    }),
    {
      expiresIn: 900,
      signableHeaders: new Set(['host', 'content-type', 'content-length']),
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
    },
  );
  return { method: 'PUT', target: url.slice(aws.endpoint.length), headers, body: 'hello' };
}

test('a presigned PUT is taken as it was signed, as its signer', async () => {
  const answer = await sendRaw(aws.endpoint, await presignedPut());
  expect(answer.status).toBe(200);
  expect(s3.bodies.at(-1)?.toString()).toBe('hello');
  expect(s3.calls.at(-1)).toMatchObject({
    operation: 'PutObject',
    input: { Bucket: 'b', Key: 'originals/a b' },
    principal: { kind: 'developer' },
  });
});

test.each<[string, (request: WireRequest) => WireRequest]>([
  ['another type', (put) => ({ ...put, headers: { ...put.headers, 'content-type': 'image/png' } })],
  ['another length', (put) => ({ ...put, body: 'hello!' })],
  ['another checksum', (put) => ({ ...put, headers: { ...put.headers, 'x-amz-checksum-sha256': 'AAAA' } })],
  ['no checksum', (put) => ({ ...put, headers: { 'content-type': 'image/jpeg' } })],
  ['another method', (put) => ({ ...put, method: 'DELETE' })],
  ['another key', (put) => ({ ...put, target: put.target.replace('a%20b', 'a%20c') })],
  ['a longer life', (put) => ({ ...put, target: put.target.replace('Expires=900', 'Expires=901') })],
  ['another query', (put) => ({ ...put, target: `${put.target}&tagging` })],
  ['another header', (put) => ({ ...put, headers: { ...put.headers, 'x-amz-acl': 'public-read' } })],
  [
    'a header as a query parameter',
    (put) => ({ ...put, target: `${put.target}&x-amz-copy-source=b%2Fsecret` }),
  ],
])('a presigned PUT with %s is refused', async (_, change) => {
  const calls = s3.calls.length;
  const answer = await sendRaw(aws.endpoint, change(await presignedPut()));
  expect(answer.status).toBe(403);
  expect(errorCode(answer)).toMatch(/^(SignatureDoesNotMatch|AccessDenied)$/);
  expect(s3.calls.length).toBe(calls);
});

test('a presigned URL works until its time is over on the clock, and never before', async () => {
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: 'k' }), { expiresIn: 900 });
  const get = { method: 'GET', target: url.slice(aws.endpoint.length), headers: {} };
  expect((await sendRaw(aws.endpoint, get)).status).toBe(200);
  await aws.clock.advance(900_000);
  const late = await sendRaw(aws.endpoint, get);
  expect([late.status, errorCode(late)]).toEqual([403, 'AccessDenied']);
  expect(late.body).toContain('<Message>Request has expired</Message>');
  const future = new Date(aws.clock.now() + 3_600_000);
  const ahead = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: 'k' }), {
    expiresIn: 900,
    signingDate: future,
  });
  const early = await sendRaw(aws.endpoint, { ...get, target: ahead.slice(aws.endpoint.length) });
  expect(early.body).toContain('<Message>Request is not yet valid</Message>');
});

test.each([
  ['AWSAccessKeyId=a&Signature=b&Expires=1', 'InvalidRequest'],
  ['X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=a', 'AuthorizationHeaderMalformed'],
  ['X-Amz-Signature=%E0%A4%A', 'AuthorizationHeaderMalformed'],
])('a malformed presigned query is named: %s', async (query, code) => {
  expect(
    errorCode(await sendRaw(aws.endpoint, { method: 'GET', target: `/b/k?${query}`, headers: {} })),
  ).toBe(code);
});
