import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { nativeFiles } from './native.ts';
import { zip } from './zip.ts';

/**
 * Packs functions, given by their handlers, into `.serverless/<key>.zip`, where the framework keeps what it
 * deploys. Beside it, `.build/bundles/<key>/` gets the very modules of the zip for running them here, and
 * `.build/maps/<key>/` their source maps.
 *
 * @returns the absolute path of each function's zip
 */
export async function pack(
  root: string,
  handlers: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const artifacts = new Map<string, string>();
  for (const [key, { modules, maps, native }] of await bundle(root, handlers)) {
    const artifact = join(root, '.serverless', `${key}.zip`);
    const files = new Map([...modules, ...(native.size > 0 ? await nativeFiles() : [])]);
    await replaceFolder(join(root, '.build', 'bundles', key), modules);
    await replaceFolder(join(root, '.build', 'maps', key), maps);
    await write(artifact, zip(files));
    artifacts.set(key, artifact);
  }
  return artifacts;
}

async function replaceFolder(folder: string, files: ReadonlyMap<string, Uint8Array>) {
  await rm(folder, { recursive: true, force: true });
  for (const [name, contents] of files) await write(join(folder, name), contents);
}

async function write(path: string, contents: Uint8Array) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}
