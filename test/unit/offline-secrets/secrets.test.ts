import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSecretsEngine } from '../../../offline/secrets/engine.ts';
import { generateSecret, generateSecretString } from '../../../offline/secrets/generate.ts';
import { type TestContext, testContext } from '../../support/context.ts';
import { stackOf } from '../../support/stack.ts';

let context: TestContext;

function start(properties: Record<string, unknown>, stateDir?: string) {
  context = testContext(stateDir);
  const Secret = { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'cursor', ...properties } };
  context.engines.set('secretsmanager', createSecretsEngine(context, stackOf(context, { Secret })));
}

async function restart(properties: Record<string, unknown>) {
  await context.stop({ remove: false });
  start(properties, context.stateDir);
}

const get = (SecretId: string) => context.ask('secretsmanager', 'GetSecretValue', { SecretId });

beforeEach(() => start({ GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } }));
afterEach(() => context.stop());

test('a generated secret is the same after a restart, and nobody else may read its file', async () => {
  const first = await get('cursor');
  expect(first.SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
  await restart({ GenerateSecretString: { PasswordLength: 64 } });
  expect(await get('cursor')).toEqual(first);
  expect(statSync(join(context.stateDir, 'secretsmanager.jsonl')).mode & 0o777).toBe(0o600);
});

test('a given secret follows the template', async () => {
  await restart({ SecretString: 'one' });
  const first = await get('cursor');
  await restart({ SecretString: 'two' });
  const second = await get('cursor');
  expect([first.SecretString, second.SecretString]).toEqual(['one', 'two']);
  expect(second.VersionId).not.toBe(first.VersionId);
});

test('a secret is found by name and by ARN, whole or without its suffix', async () => {
  const { ARN, VersionId } = (await get('cursor')) as { ARN: string; VersionId: string };
  expect(await get(ARN)).toEqual(await get('cursor'));
  expect(await get(ARN.slice(0, -7))).toEqual(await get('cursor'));
  const described = await context.ask('secretsmanager', 'DescribeSecret', { SecretId: ARN });
  expect(described).toMatchObject({ Name: 'cursor', VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] } });
  await expect(get('nothing')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
});

test('every kind of character that is not excluded occurs', () => {
  const recipe = generateSecretString.parse({ PasswordLength: 4, ExcludeCharacters: 'abc' });
  for (let round = 0; round < 50; round++) {
    const password = generateSecret(recipe);
    expect(password).toMatch(/^(?=.*[d-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[^A-Za-z0-9]).{4}$/);
  }
});

test('a template is filled', () => {
  const recipe = generateSecretString.parse({
    SecretStringTemplate: '{"user":"admin"}',
    GenerateStringKey: 'password',
  });
  expect(JSON.parse(generateSecret(recipe))).toEqual({ user: 'admin', password: expect.any(String) });
});

test('a recipe that leaves nothing is told at the start, with the secret it belongs to', () => {
  expect(() => start({ GenerateSecretString: { PasswordLength: 2 } })).toThrow(
    'Secret Secret: 4 kinds of characters do not fit into 2',
  );
  start({ SecretString: 'x' });
});
