import { execFile } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * A folder that the service was packed in: `.serverless/` holds the template and the zips of stage prod,
     * `.build/bundles/<function>/` the unpacked code of each.
     */
    packaged: string;
  }
}

const root = join(import.meta.dirname, '..', '..');
const ownOutput = new Set(['.git', '.build', '.local', '.serverless', 'coverage']);
const packedAlready = 'AFTERPARTY_PACKAGED';

/** Packs the service once for all projects of a run, in a folder of its own, so that runs don't meet. */
export default async function setup(project: TestProject) {
  const given = process.env[packedAlready];
  const folder = given ?? (await packService());
  process.env[packedAlready] = folder;
  project.provide('packaged', folder);
  return () => (given ? undefined : rm(folder, { recursive: true, force: true }));
}

/**
 * Runs `serverless package` as on a machine that knows no AWS account, in a folder that shows the project's
 * files through links.
 */
export async function packService(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'afterparty-packaged-')));
  for (const name of await readdir(root)) {
    if (!ownOutput.has(name)) await symlink(join(root, name), join(folder, name));
  }
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  await promisify(execFile)(process.execPath, [serverless, 'package', '--stage', 'prod'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  }).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`Expected serverless package to succeed.\n${error.stdout}${error.stderr}`);
  });
  return folder;
}
