import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { type Answer, type Engine, ServiceError } from '../../../offline/contract.ts';
import { ConnectionDropped } from '../../../offline/gateway/fault.ts';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const MIB = 1024 * 1024;

let aws: TestGateway;
afterEach(() => aws.stop());

function s3Engine(handle: Engine['handle']): Engine {
  return { service: 's3', needs: () => [], handle, close: async () => {} };
}

async function putOften(config: object, times = 3): Promise<Set<string>> {
  const outcomes = new Set<string>();
  const Body = Buffer.alloc(13 * MIB);
  const client = new S3Client({ ...aws.clientConfig, maxAttempts: 1, ...config });
  for (let attempt = 0; attempt < times; attempt++) {
    await client
      .send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body }))
      .catch((error) => outcomes.add(error.name));
  }
  return outcomes;
}

test('13 MiB that identity denies are answered, never a broken pipe', async () => {
  aws = await startTestGateway(() => [echoEngine('s3')]);
  const credentials = { ...aws.clientConfig.credentials, secretAccessKey: 'wrong' };
  expect(await putOften({ credentials }, 20)).toEqual(new Set(['SignatureDoesNotMatch']));
});

test('13 MiB that permission denies are answered, never a broken pipe', async () => {
  const denied = () => {
    throw new ServiceError('AccessDenied', 'Access Denied', 403);
  };
  aws = await startTestGateway(() => [echoEngine('s3')], { permission: { check: denied } });
  expect(await putOften({})).toEqual(new Set(['AccessDenied']));
  expect(aws.gateway.record.read().every((call) => call.result === 'AccessDenied')).toBe(true);
});

test.each<[string, Engine['handle']]>([
  [
    'reads nothing',
    async () => {
      throw new ServiceError('NoSuchBucket', 'No such bucket', 404);
    },
  ],
  [
    'stops reading in the middle',
    async ({ http }) => {
      for await (const _ of http?.body ?? []) throw new ServiceError('NoSuchBucket', 'No such bucket', 404);
      throw new Error('nothing came');
    },
  ],
  [
    'leaves the body paused',
    async ({ http }) => {
      await new Promise((resolve) => http?.body.once('readable', resolve));
      throw new ServiceError('NoSuchBucket', 'No such bucket', 404);
    },
  ],
])('13 MiB for an engine that %s are answered, never a broken pipe', async (_, handle) => {
  aws = await startTestGateway(() => [s3Engine(handle)]);
  expect(await putOften({})).toEqual(new Set(['NoSuchBucket']));
});

test('a refusal waits for the end of the request: a client that writes first and reads then gets it', async () => {
  aws = await startTestGateway(() => []);
  const socket = connect(aws.gateway.port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes;
  });
  socket.write(
    'PUT /b/k HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: AWS a:b\r\ncontent-length: 10\r\n\r\nhello',
  );
  const roundTrip = () => fetch(`${aws.endpoint}/b/k`).then((answer) => answer.text());
  await roundTrip();
  await roundTrip();
  expect(received).toBe('');
  socket.write('world');
  await new Promise((resolve) => socket.once('data', resolve));
  expect(received).toMatch(/^HTTP\/1.1 400 /);
  socket.destroy();
});

test('a body that streams with a trailer arrives decoded', async () => {
  const s3 = echoEngine('s3');
  aws = await startTestGateway(() => [s3]);
  const bytes = Buffer.from('0123456789').toString().repeat(30_000);
  async function* stream() {
    for (let from = 0; from < bytes.length; from += 70_000)
      yield Buffer.from(bytes.slice(from, from + 70_000));
  }
  await new S3Client(aws.clientConfig).send(
    new PutObjectCommand({
      Bucket: 'b',
      Key: 'k',
      Body: Readable.from(stream()),
      ContentLength: bytes.length,
      ContentEncoding: 'gzip',
    }),
  );
  const http = s3.calls.at(-1)?.http;
  expect(s3.bodies.at(-1)?.toString()).toBe(bytes);
  expect(http?.headers).toMatchObject({ 'content-length': '300000', 'content-encoding': 'gzip' });
  expect(http?.trailers).toEqual({ 'x-amz-checksum-crc32': expect.any(String) });
});

test('an engine learns that its client has gone', async () => {
  const gone = Promise.withResolvers<string>();
  const waiting = Promise.withResolvers<void>();
  const sqs: Engine = {
    service: 'sqs',
    needs: () => [],
    handle: ({ signal }) => {
      waiting.resolve();
      return new Promise<Answer>((resolve) => {
        signal.addEventListener('abort', () => {
          gone.resolve('gone');
          resolve({ output: {} });
        });
      });
    },
    close: async () => {},
  };
  aws = await startTestGateway(() => [sqs]);
  const client = new AbortController();
  const receive = new SQSClient(aws.clientConfig).send(
    new ReceiveMessageCommand({ QueueUrl: aws.endpoint, WaitTimeSeconds: 20 }),
    { abortSignal: client.signal },
  );
  await waiting.promise;
  client.abort();
  await expect(receive).rejects.toMatchObject({ name: 'AbortError' });
  expect(await gone.promise).toBe('gone');
});

test('an upload whose client breaks off ends with an error for the engine', async () => {
  const outcome = Promise.withResolvers<unknown>();
  const started = Promise.withResolvers<void>();
  aws = await startTestGateway(() => [
    s3Engine(async ({ http }) => {
      http?.body.once('data', () => started.resolve());
      await buffer(http?.body ?? Readable.from([])).then(outcome.resolve, (error) => outcome.resolve(error));
      return { status: 200, headers: {}, body: undefined };
    }),
  ]);
  const client = new AbortController();
  async function* endless() {
    for (;;) {
      yield Buffer.alloc(70_000);
      await turn();
    }
  }
  const put = new S3Client(aws.clientConfig).send(
    new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Readable.from(endless()), ContentLength: 50 * MIB }),
    { abortSignal: client.signal },
  );
  await started.promise;
  client.abort();
  await expect(put).rejects.toThrow();
  expect(await outcome.promise).toBeInstanceOf(Error);
});

test('a fault may drop the connection', async () => {
  aws = await startTestGateway(() => [echoEngine('s3')], {
    fault: {
      apply: async () => {
        throw new ConnectionDropped('dropped');
      },
    },
  });
  const put = new S3Client({ ...aws.clientConfig, maxAttempts: 1 }).send(
    new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }),
  );
  await expect(put).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('only loopback listens', async () => {
  aws = await startTestGateway(() => []);
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  for (const host of ['::1', ...addresses]) {
    const refused = new Promise((resolve) =>
      connect(aws.gateway.port, host)
        .once('error', () => resolve('refused'))
        .once('connect', () => resolve('connected')),
    );
    expect([host, await refused]).toEqual([host, 'refused']);
  }
});

test('a port in use is said at once', async () => {
  aws = await startTestGateway(() => []);
  await expect(startTestGateway(() => [], { port: aws.gateway.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
