import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
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

/** Runs `serverless package` as on a machine that knows no AWS account. */
export async function packService(): Promise<string> {
  const folder = await projectThroughLinks();
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  await promisify(execFile)(process.execPath, [serverless, 'package', '--stage', 'prod'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  }).catch(async (error: { stdout?: string; stderr?: string }) => {
    await rm(folder, { recursive: true });
    throw new Error(`Expected serverless package to succeed.\n${error.stdout}${error.stderr}`);
  });
  return folder;
}

/** A new folder that holds the project through links; the framework wants its own file to be one. */
export async function projectThroughLinks(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'afterparty-packaged-')));
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const [from, to] = [join(root, entry.name), join(folder, entry.name)];
    if (entry.isFile()) await copyFile(from, to);
    else if (!ownOutput.has(entry.name)) await symlink(from, to);
  }
  return folder;
}
