import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Template } from '../offline/template/template.ts';

const ROOT = new URL('..', import.meta.url).pathname;

/**
 * The CloudFormation template of the service at `stage`, with `params` such as `logLevel=INFO`, compiled in a process of its own that knows no AWS
 * account; about 2 s.
 * @throws Error with what the framework said
 */
export async function compiledTemplate(stage: string, params: readonly string[] = []): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'afterparty-template-'));
  const file = join(folder, 'template.json');
  const serverless = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const command = [serverless, 'template', '--stage', stage, '--out', file];
  command.push(...params.map((param) => `--param=${param}`));
  try {
    await promisify(execFile)(process.execPath, command, {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: folder },
    });
    return JSON.parse(await readFile(file, 'utf8')) as Template;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
