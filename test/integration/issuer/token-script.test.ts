import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeEndpointFile } from '../../../offline/endpoint-file.ts';
import { clientId, poolId, startIssuer, type TestIssuer } from '../../support/issuer.ts';

let stateDir: string;
let stack: TestIssuer;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'afterparty-token-'));
  stack = await startIssuer();
  const { developer } = stack.gateway.credentials;
  writeEndpointFile(stateDir, {
    gateway: stack.endpoint,
    api: 'http://localhost:1',
    poolId,
    clientId,
    developer,
  });
});
afterEach(async () => {
  await stack.stop();
  await rm(stateDir, { recursive: true });
});

/** Runs the command as `npm run token` does. */
function token(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, STATE_DIR: stateDir };
    execFile(process.execPath, ['scripts/token.ts', ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('npm run token', () => {
  test('prints nothing but a token of the person named', async () => {
    const access = await token('alice');
    expect(access).toMatchObject({ code: 0, stderr: '' });
    expect(access.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const id = await token('alice', '--id');
    const jwks = createRemoteJWKSet(new URL(`${stack.endpoint}/${poolId}/.well-known/jwks.json`));
    const [one, other] = await Promise.all([access, id].map(({ stdout }) => jwtVerify(stdout.trim(), jwks)));
    expect(one?.payload).toMatchObject({ username: 'alice', token_use: 'access' });
    expect(other?.payload).toMatchObject({
      'cognito:username': 'alice',
      token_use: 'id',
      sub: one?.payload.sub,
    });
  });

  test('says so where no stack runs, none ever did, or no name is given', async () => {
    expect(await token()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Expected one name/),
    });
    const nothingRuns = {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^No stack runs with .* "npm start"/),
    };
    await stack.gateway.close();
    expect(await token('alice')).toMatchObject(nothingRuns);
    await rm(join(stateDir, 'endpoint.json'));
    expect(await token('alice')).toMatchObject(nothingRuns);
  });
});
