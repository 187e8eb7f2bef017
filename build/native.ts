import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'native');

/** Sources, headers, types and scripts of installing; licences and what carries their notices stay in. */
const unneeded =
  /\.(h|cc|gyp|bnf|map|d\.[cm]?ts)$|^sharp\/(src|install)\/|^semver\/bin\/|^\.package-lock\.json$/;

/**
 * The native packages as Lambda's processor runs them, by their path in a zip. They come from build/native, an
 * installation of its own with a lockfile of its own; `npm ci` fills it, and so does this where scripts were
 * switched off.
 */
export async function nativeFiles(): Promise<Map<string, Uint8Array>> {
  const modules = join(folder, 'node_modules');
  if (!existsSync(join(modules, '.package-lock.json'))) install();
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(modules.length + 1).replaceAll('\\', '/');
    if (entry.isFile() && !unneeded.test(name)) files.set(`node_modules/${name}`, await readFile(path));
  }
  return files;
}

function install() {
  const { status } = spawnSync('npm', ['ci', '--prefix', folder], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    throw new Error(`Expected npm ci --prefix ${folder} to install sharp for arm64; it failed`);
}
