import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { readTemplate } from '../support/template.ts';

const root = join(import.meta.dirname, '..', '..');

it('the stack that runs locally is made of the template that deploys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'afterparty-template-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const out = join(folder, 'template.json');
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  await promisify(execFile)(process.execPath, [serverless, 'template', '--stage', 'prod', '--out', out], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  const compiled = JSON.parse(await readFile(out, 'utf8'));
  const { Resources } = readTemplate(inject('packaged'));
  expect(withoutCode(compiled.Resources)).toEqual(withoutCode(Resources));
});

/** Where the packed code lies differs with every packing; nothing else may. */
function withoutCode(resources: object): unknown {
  return JSON.parse(JSON.stringify(resources, (name, value) => (name === 'S3Key' ? 'code' : value)));
}
