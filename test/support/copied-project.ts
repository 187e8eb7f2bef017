import { cp, mkdtemp, realpath, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const parts = [
  'functions',
  'lib',
  'offline',
  'build',
  'resources',
  'statemachines',
  'scripts',
  'docs',
  'serverless.yml',
  'package.json',
];

/** A copy of the project that a test may change, in a new folder. */
export async function copiedProject(): Promise<string> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), 'afterparty-copy-')));
  const filter = (path: string) => !path.includes('/native/');
  for (const part of parts) await cp(join(root, part), join(copy, part), { recursive: true, filter });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
