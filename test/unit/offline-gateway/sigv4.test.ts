import { expect, test } from 'vitest';
import type { RequestHead } from '../../../offline/gateway/http.ts';
import { EMPTY_SHA256, sha256 } from '../../../offline/gateway/identity/canonical.ts';
import { readClaim } from '../../../offline/gateway/identity/claim.ts';
import { accessKey } from '../../../offline/gateway/identity/keys.ts';
import { type Judge, verifyRequest } from '../../../offline/gateway/identity/verify.ts';

const developer = { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' } as const;

function judgeAt(time: string, accessKeyId: string, secretAccessKey: string): Judge {
  const key = accessKey({ accessKeyId, secretAccessKey }, developer);
  return {
    keys: { find: (id) => (id === accessKeyId ? key : undefined) },
    region: 'us-east-1',
    now: () => Date.parse(time),
  };
}

/** The key and time of AWS's Signature Version 4 test suite. */
const suite = judgeAt('2015-08-30T12:36:00Z', 'AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');

/** The key and time of the examples in the Amazon S3 API Reference. */
const s3 = judgeAt(
  '2013-05-24T00:00:00Z',
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
);

function verifySuite(
  request: Pick<RequestHead, 'method' | 'rawPath'> & Partial<RequestHead>,
  signature: string,
  body = '',
) {
  const headers: Record<string, string> = {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    ...request.headers,
  };
  headers.authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${Object.keys(headers).sort().join(';')}, Signature=${signature}`;
  const head: RequestHead = { rawQuery: '', ...request, headers };
  const claim = readClaim(head, 'json');
  if (!claim) throw new Error('unsigned');
  return verifyRequest(head, claim, 'service', 'json', sha256(body), suite).principal;
}

const VANILLA = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';

test.each<[string, Partial<RequestHead> & { rawPath: string }, string]>([
  ['get-vanilla', { rawPath: '/' }, VANILLA],
  ['get-relative', { rawPath: '/example/..' }, VANILLA],
  ['get-relative-relative', { rawPath: '/example1/example2/../..' }, VANILLA],
  ['get-slash', { rawPath: '//' }, VANILLA],
  ['get-slash-dot-slash', { rawPath: '/./' }, VANILLA],
  [
    'get-slashes',
    { rawPath: '//example//' },
    '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  ],
  [
    'get-slash-pointless-dot',
    { rawPath: '/./example' },
    'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
  ],
  [
    'get-space',
    { rawPath: '/example space/' },
    '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  ],
  ['get-utf8', { rawPath: '/ሴ' }, '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  [
    'get-unreserved',
    { rawPath: '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' },
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-vanilla-query-order-key-case',
    { rawPath: '/', rawQuery: 'Param2=value2&Param1=value1' },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-utf8-query',
    { rawPath: '/', rawQuery: '%E1%88%B4=bar' },
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-header-key-duplicate',
    { rawPath: '/', headers: { 'my-header1': 'value2,value2,value1' } },
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  ],
  [
    'get-header-value-trim',
    { rawPath: '/', headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' } },
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
])('AWS test suite: %s', (_, request, signature) => {
  expect(verifySuite({ method: 'GET', ...request }, signature)).toEqual(developer);
});

test('AWS test suite: POST', () => {
  const post = { method: 'POST', rawPath: '/' };
  verifySuite(post, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b');
  verifySuite(
    { ...post, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    'Param1=value1',
  );
});

function verifyS3(head: RequestHead, payloadHash: string) {
  const claim = readClaim(head, 's3');
  if (!claim) throw new Error('unsigned');
  return verifyRequest(head, claim, 's3', 's3', payloadHash, s3).principal;
}

test.each<[string, Partial<RequestHead>, string]>([
  [
    'get an object',
    { rawPath: '/test.txt', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'put an object',
    {
      method: 'PUT',
      rawPath: '/test$file.text',
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      },
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'get a lifecycle',
    { rawQuery: 'lifecycle' },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'list objects',
    { rawQuery: 'prefix=J&max-keys=2' },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('Amazon S3 API Reference: %s', (_, request, signature) => {
  const headers: Record<string, string> = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': '20130524T000000Z',
    ...request.headers,
  };
  const signed = Object.keys(headers).sort().join(';');
  headers.authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed},Signature=${signature}`;
  const head = { method: 'GET', rawPath: '/', rawQuery: '', ...request, headers };
  expect(verifyS3(head, headers['x-amz-content-sha256'] as string)).toEqual(developer);
});

test('Amazon S3 API Reference: a presigned URL', () => {
  const rawQuery =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const head = {
    method: 'GET',
    rawPath: '/test.txt',
    rawQuery,
    headers: { host: 'examplebucket.s3.amazonaws.com' },
  };
  expect(verifyS3(head, 'UNSIGNED-PAYLOAD')).toEqual(developer);
});
