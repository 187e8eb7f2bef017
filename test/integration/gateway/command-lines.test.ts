import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JudgedGateway, startJudged } from '../../support/permission-gateway.ts';

/** The command-line clients that people point at the stack, with the developer's key; a missing one is skipped. */
const folder = mkdtempSync(join(tmpdir(), 'afterparty-clients-'));
const photos = join(folder, 'photos');
/** Names that are hard on clients and servers. */
const NAMES = ['plain.jpg', 'a b+c.jpg', 'ü (1).jpg', 'hundred%.jpg', 'album/party 🎉.jpg'];
/** Long enough for clients to send it in parts. */
const MANY_PARTS = 20 * 1024 * 1024;

let stack: JudgedGateway;
beforeAll(async () => {
  stack = await startJudged({});
  mkdirSync(join(photos, 'album'), { recursive: true });
  for (const name of NAMES) writeFileSync(join(photos, name), randomBytes(10_000));
  writeFileSync(join(folder, 'film.bin'), randomBytes(MANY_PARTS));
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    timeout: 60_000,
  });
  return stdout;
}

/** The files under a folder with their bytes. */
function contents(of: string): Record<string, string> {
  const names = readdirSync(of, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [file.slice(of.length + 1), readFileSync(file).toString('base64')]),
  );
}

describe.skipIf(!isInstalled('aws'))('the AWS command line', () => {
  const aws = (...args: string[]) => {
    const { accessKeyId, secretAccessKey } = stack.clientConfig.credentials;
    return run('aws', args, {
      AWS_ENDPOINT_URL: stack.endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
  };

  test('syncs a folder there and back, whatever its files are called, and moves and removes', async () => {
    await aws('s3', 'sync', photos, 's3://media/synced');
    const back = join(folder, 'aws-back');
    await aws('s3', 'sync', 's3://media/synced', back);
    expect(contents(back)).toEqual(contents(photos));
    await aws('s3', 'mv', 's3://media/synced/a b+c.jpg', 's3://media/moved/a b+c.jpg');
    expect(await aws('s3', 'ls', 's3://media/moved/')).toContain('a b+c.jpg');
    await aws('s3', 'rm', '--recursive', 's3://media/synced');
    expect(await aws('s3', 'ls', '--recursive', 's3://media/')).not.toContain('synced');
  }, 120_000);

  test('sends a long file in parts, and reads a range of it', async () => {
    await aws('s3', 'cp', join(folder, 'film.bin'), 's3://media/film.bin');
    const head = JSON.parse(await aws('s3api', 'head-object', '--bucket', 'media', '--key', 'film.bin'));
    expect(head).toMatchObject({ ContentLength: MANY_PARTS, ETag: expect.stringMatching(/-\d+"$/) });
    const part = join(folder, 'part.bin');
    await aws(
      's3api',
      'get-object',
      '--bucket',
      'media',
      '--key',
      'film.bin',
      '--range',
      'bytes=100-199',
      part,
    );
    expect(readFileSync(part)).toEqual(readFileSync(join(folder, 'film.bin')).subarray(100, 200));
  }, 120_000);

  test('speaks to the table, queue, topic and secret', async () => {
    const item = JSON.stringify({ pk: { S: 'cli' }, sk: { S: '1' } });
    await aws('dynamodb', 'put-item', '--table-name', 'things', '--item', item);
    const got = await aws('dynamodb', 'get-item', '--table-name', 'things', '--key', item);
    expect(JSON.parse(got)).toEqual({ Item: JSON.parse(item) });
    // Version 1 asks AWS itself for queues where the endpoint is only in the environment.
    const queue = ['--endpoint-url', stack.endpoint, '--queue-url', `${stack.endpoint}/000000000000/uploads`];
    await aws('sqs', 'send-message', ...queue, '--message-body', 'ü & m');
    const received = await aws('sqs', 'receive-message', ...queue);
    expect(JSON.parse(received).Messages[0].Body).toBe('ü & m');
    const topic = 'arn:aws:sns:eu-west-1:000000000000:activity';
    expect(await aws('sns', 'publish', '--topic-arn', topic, '--message', 'hello')).toContain('MessageId');
    expect(await aws('secretsmanager', 'get-secret-value', '--secret-id', 'cursor')).toContain(
      'SecretString',
    );
  }, 120_000);
});

test.skipIf(!isInstalled('rclone'))(
  'rclone syncs a folder there and back, checks it and purges',
  async () => {
    const { accessKeyId, secretAccessKey } = stack.clientConfig.credentials;
    const rclone = (...args: string[]) =>
      run('rclone', args, {
        RCLONE_CONFIG: '/dev/null',
        RCLONE_CONFIG_LOCAL_TYPE: 's3',
        RCLONE_CONFIG_LOCAL_PROVIDER: 'Other',
        RCLONE_CONFIG_LOCAL_ENDPOINT: stack.endpoint,
        RCLONE_CONFIG_LOCAL_REGION: 'eu-west-1',
        RCLONE_CONFIG_LOCAL_ACCESS_KEY_ID: accessKeyId,
        RCLONE_CONFIG_LOCAL_SECRET_ACCESS_KEY: secretAccessKey,
        RCLONE_S3_NO_CHECK_BUCKET: 'true',
        RCLONE_S3_UPLOAD_CUTOFF: '5M',
      });
    await rclone('sync', photos, 'local:media/rclone');
    await rclone('copyto', join(folder, 'film.bin'), 'local:media/rclone/film.bin');
    await rclone('check', '--download', '--one-way', photos, 'local:media/rclone');
    const back = join(folder, 'rclone-back');
    await rclone('copy', 'local:media/rclone', back);
    expect(contents(back)).toEqual({ ...contents(photos), 'film.bin': contents(folder)['film.bin'] });
    await rclone('delete', 'local:media/rclone');
    expect(await rclone('lsf', '-R', '--files-only', 'local:media/rclone').catch(() => '')).toBe('');
  },
  120_000,
);

test.skipIf(!isInstalled('s3cmd'))(
  's3cmd puts, lists, gets, sends in parts and deletes',
  async () => {
    const { accessKeyId, secretAccessKey } = stack.clientConfig.credentials;
    const { host } = new URL(stack.endpoint);
    const config = join(folder, 's3cfg');
    writeFileSync(
      config,
      [
        '[default]',
        `access_key = ${accessKeyId}`,
        `secret_key = ${secretAccessKey}`,
        `host_base = ${host}`,
        `host_bucket = ${host}`,
        'bucket_location = eu-west-1',
        'use_https = False',
      ].join('\n'),
    );
    const s3cmd = (...args: string[]) => run('s3cmd', ['--config', config, ...args]);
    await s3cmd('sync', `${photos}/`, 's3://media/s3cmd/');
    await s3cmd('put', '--multipart-chunk-size-mb=5', join(folder, 'film.bin'), 's3://media/s3cmd/film.bin');
    expect(await s3cmd('ls', '--recursive', 's3://media/s3cmd/')).toContain('album/party 🎉.jpg');
    const back = join(folder, 's3cmd-back');
    mkdirSync(back);
    await s3cmd('sync', 's3://media/s3cmd/', `${back}/`);
    expect(contents(back)).toEqual({ ...contents(photos), 'film.bin': contents(folder)['film.bin'] });
    await s3cmd('del', '--recursive', '--force', 's3://media/s3cmd/');
    expect(await s3cmd('ls', '--recursive', 's3://media/s3cmd/')).toBe('');
  },
  120_000,
);
