import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const s3 = echoEngine('s3', () => ({ status: 200, headers: { etag: '"e"' }, body: undefined }));
const dynamodb = echoEngine('dynamodb', () => ({ output: { TableNames: ['photos'] } }));
const sns = echoEngine('sns', () => ({ output: { MessageId: 'm-1' } }));

const folder = mkdtempSync(join(tmpdir(), 'afterparty-cli-'));
const cli = installed();

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(() => [s3, dynamodb, sns]);
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

function installed(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function aws(...args: string[]): Promise<string> {
  const { accessKeyId, secretAccessKey } = gateway.clientConfig.credentials;
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: gateway.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const { stdout } = await promisify(execFile)('aws', [...args, '--output', 'json'], { env });
  return stdout;
}

test.skipIf(!cli)(
  'the AWS command line speaks JSON, query and S3 with the developer key',
  async () => {
    const file = join(folder, 'photo.jpg');
    writeFileSync(file, Buffer.alloc(100_000, 'x'));
    const [tables, published] = await Promise.all([
      aws('dynamodb', 'list-tables'),
      aws('sns', 'publish', '--topic-arn', 'arn', '--message', 'ü & m'),
      aws('s3api', 'put-object', '--bucket', 'b', '--key', 'a b/ü.jpg', '--body', file),
    ]);
    expect(tables).toContain('photos');
    expect(published).toContain('m-1');
    expect(sns.calls.at(-1)?.input).toEqual({ TopicArn: 'arn', Message: 'ü & m' });
    expect(s3.calls.at(-1)).toMatchObject({
      operation: 'PutObject',
      input: { Key: 'a b/ü.jpg' },
      principal: { kind: 'developer' },
    });
    expect(s3.bodies.at(-1)).toHaveLength(100_000);
  },
  120_000,
);
