import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const s3 = echoEngine('s3', () => ({ status: 204, headers: {}, body: undefined }));
const photos = {
  kind: 'function',
  name: 'photos',
  arn: 'arn:aws:lambda:eu-west-1:000000000000:function:p',
} as const;

let aws: TestGateway;
let client: S3Client;
beforeAll(async () => {
  aws = await startTestGateway(() => [s3]);
  client = new S3Client({ ...aws.clientConfig, credentials: aws.gateway.credentials.issueKey(photos) });
});
afterAll(() => aws.stop());

const slot: PresignedPostOptions = {
  Bucket: 'media',
  Key: 'originals/p1/u1',
  Fields: { 'Content-Type': 'image/jpeg', 'x-amz-meta-owner': 'ü' },
  Conditions: [['content-length-range', 3, 10]],
};

interface Change {
  readonly fields?: Record<string, string>;
  readonly without?: string[];
  readonly file?: string;
  readonly after?: Record<string, string>;
  readonly path?: string;
}

async function post(
  options: Partial<PresignedPostOptions>,
  { fields: changed = {}, without = [], file = 'hello', after = {}, path = '/media/' }: Change = {},
): Promise<{ status: number; body: string }> {
  const { fields } = await createPresignedPost(client, { ...slot, ...options });
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changed })) {
    if (!without.includes(name)) form.set(name, value);
  }
  if (!without.includes('file')) form.set('file', new Blob([file], { type: 'text/html' }), 'naïve photo.jpg');
  for (const [name, value] of Object.entries(after)) form.set(name, value);
  const answer = await fetch(`${aws.endpoint}${path}`, { method: 'POST', body: form });
  return { status: answer.status, body: await answer.text() };
}

test('a form as its policy wants it is a PostObject of whoever signed it', async () => {
  expect((await post({})).status).toBe(204);
  expect(s3.calls.at(-1)).toMatchObject({
    operation: 'PostObject',
    principal: photos,
    input: {
      Bucket: 'media',
      Key: 'originals/p1/u1',
      Fields: { 'content-type': 'image/jpeg', 'x-amz-meta-owner': 'ü' },
    },
  });
  expect(s3.bodies.at(-1)?.toString()).toBe('hello');
});

test('the key takes the name of the file; fields after the file count for nothing', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
  const key = 'originals/${filename}';
  await post({ Key: key }, { after: { 'x-amz-acl': 'public-read' } });
  expect(s3.calls.at(-1)?.input).toMatchObject({ Key: 'originals/naïve photo.jpg' });
  expect(s3.calls.at(-1)?.input.Fields).not.toHaveProperty('x-amz-acl');
});

test('starts-with bounds what a form may choose', async () => {
  const free: Partial<PresignedPostOptions> = {
    Conditions: [['starts-with', '$x-amz-meta-note', 'a']],
  };
  expect((await post(free, { fields: { 'x-amz-meta-note': 'abc' } })).status).toBe(204);
  expect((await post(free, { fields: { 'x-amz-meta-note': 'b' } })).body).toContain(
    'Policy Condition failed',
  );
  expect((await post(free)).body).toContain('Policy Condition failed');
});

test.each<[string, Change, string]>([
  [
    'another key',
    { fields: { key: 'originals/p2/u1' } },
    'Policy Condition failed: [&quot;eq&quot;,&quot;$key',
  ],
  ['another type', { fields: { 'Content-Type': 'image/png' } }, 'Policy Condition failed'],
  ['another bucket', { path: '/other/' }, 'Policy Condition failed'],
  ['no type', { without: ['Content-Type'] }, 'Policy Condition failed'],
  ['one more field', { fields: { 'x-amz-acl': 'public-read' } }, 'Extra input fields: x-amz-acl'],
  ['a field of any other name', { fields: { submit: 'Upload' } }, 'Extra input fields: submit'],
  ['a smaller file', { file: 'ab' }, 'EntityTooSmall'],
  ['a larger file', { file: 'hello world' }, 'EntityTooLarge'],
  ['no file', { without: ['file'] }, 'exactly one file upload'],
  ['no policy', { without: ['Policy'] }, 'AccessDenied'],
  ['another policy', { fields: { Policy: Buffer.from('{}').toString('base64') } }, 'SignatureDoesNotMatch'],
  ['another signature', { fields: { 'X-Amz-Signature': 'a'.repeat(64) } }, 'SignatureDoesNotMatch'],
  ['no signature', { without: ['X-Amz-Signature'] }, 'SignatureDoesNotMatch'],
  ['another token', { fields: { 'X-Amz-Security-Token': 'x' } }, 'InvalidToken'],
  ['no credential', { without: ['X-Amz-Credential'] }, 'AuthorizationHeaderMalformed'],
  ['too many fields', { fields: { 'x-ignore-a': 'a'.repeat(21_000) } }, 'MaxPostPreDataLengthExceeded'],
])('a form with %s is refused', async (_, change, told) => {
  const stored = s3.bodies.length;
  const { status, body } = await post({}, change);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(body).toContain(told);
  expect(s3.bodies.length).toBe(stored);
});

test('fields whose names begin with x-ignore- are free, and are not handed on', async () => {
  expect((await post({}, { fields: { 'x-ignore-me': 'x' } })).status).toBe(204);
  expect(s3.calls.at(-1)?.input.Fields).not.toHaveProperty('x-ignore-me');
});

test('a form that breaks off stores nothing', async () => {
  const { fields } = await createPresignedPost(client, slot);
  const parts = Object.entries(fields).map(
    ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhello';
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const send = (body: string) => fetch(`${aws.endpoint}/media`, { method: 'POST', headers, body });
  const stored = s3.bodies.length;
  for (const body of [parts.join('') + file, parts.join(''), '', 'junk']) {
    expect((await send(body)).status).toBe(400);
  }
  expect(s3.bodies.length).toBe(stored);
  expect((await send(`${parts.join('')}${file}\r\n--x--\r\n`)).status).toBe(204);
});

test('a policy ends at its time on the clock', async () => {
  const { fields } = await createPresignedPost(client, { ...slot, Expires: 60 });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob(['hello']));
  const send = () => fetch(`${aws.endpoint}/media`, { method: 'POST', body: form });
  expect((await send()).status).toBe(204);
  await aws.clock.advance(61_000);
  expect(await (await send()).text()).toContain('Invalid according to Policy: Policy expired.');
});
