import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A function's code as it runs; every path is relative to the root of its zip. */
export interface Bundle {
  readonly modules: Map<string, Uint8Array>;
  readonly maps: Map<string, Uint8Array>;
  /** Packages that stay outside because they are more than JavaScript. */
  readonly native: Set<string>;
}

const nativePackages = ['sharp'];

/** What bundled CommonJS packages count on, and an ES module has not by itself. */
const banner =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url)," +
  '__dirname=import.meta.dirname,__filename=import.meta.filename;';

/**
 * Bundles Lambda handlers, given by function as in `functions/api/photos/index.handler`: each with all that it
 * uses into one minified ES module, and each worker thread that it starts into another one beside it. One pass
 * over all of them reads what they share once.
 *
 * @throws if a handler's file does not exist
 */
export async function bundle(
  root: string,
  handlers: ReadonlyMap<string, string>,
): Promise<Map<string, Bundle>> {
  const sources = new Map(
    [...handlers].map(([key, handler]) => [moduleOf(handler), sourceOf(root, key, handler)]),
  );
  const compiled = await compile(root, sources);
  const bundles = new Map<string, Bundle>();
  for (const [key, handler] of handlers) {
    const result: Bundle = { modules: new Map(), maps: new Map(), native: new Set() };
    const path = moduleOf(handler);
    const workers = add(result, path, compiled.get(path));
    const workerSources = new Map(workers.map((file) => [join(dirname(path), basename(file, '.ts')), file]));
    for (const [worker, code] of await compile(root, workerSources)) add(result, worker, code);
    bundles.set(key, result);
  }
  return bundles;
}

function moduleOf(handler: string): string {
  return handler.slice(0, handler.lastIndexOf('.'));
}

function sourceOf(root: string, key: string, handler: string): string {
  const source = `${moduleOf(handler)}.ts`;
  if (!existsSync(join(root, source))) {
    throw new Error(
      `Expected ${source}, the handler of function ${key} in serverless.yml; there is no such file`,
    );
  }
  return join(root, source);
}

interface Compiled {
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  readonly native: string[];
  /** Sources of the worker threads that the module starts. */
  readonly workers: string[];
}

function add(bundle: Bundle, path: string, compiled: Compiled | undefined): string[] {
  if (!compiled) throw new Error(`Expected esbuild to write ${path}.mjs; it did not`);
  bundle.modules.set(`${path}.mjs`, compiled.code);
  bundle.maps.set(`${path}.mjs.map`, compiled.map);
  for (const name of compiled.native) bundle.native.add(name);
  return compiled.workers;
}

/** Compiles sources by the module path that each is to have. */
async function compile(root: string, sources: ReadonlyMap<string, string>): Promise<Map<string, Compiled>> {
  if (sources.size === 0) return new Map();
  const workers = new Map<string, string[]>();
  const { outputFiles, metafile } = await build({
    entryPoints: [...sources].map(([out, source]) => ({ in: source, out })),
    outdir: root,
    absWorkingDir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    // What packages call "main" is CommonJS, from which nothing can be left out: nearly twice the size.
    mainFields: ['module', 'main'],
    external: nativePackages,
    banner: { js: banner },
    sourcemap: 'external',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [workerThreads(workers)],
  });
  const contents = new Map(outputFiles.map((file) => [file.path, file.contents]));
  return new Map(
    [...sources.keys()].map((out) => {
      const code = contents.get(join(root, `${out}.mjs`));
      const map = contents.get(join(root, `${out}.mjs.map`));
      const output = metafile.outputs[`${out}.mjs`];
      if (!code || !map || !output) throw new Error(`Expected esbuild to write ${out}.mjs; it did not`);
      const native = nativePackages.filter((name) => output.imports.some(({ path }) => path === name));
      const inputs = Object.keys(output.inputs).map((input) => resolve(root, input));
      return [out, { code, map, native, workers: inputs.flatMap((input) => workers.get(input) ?? []) }];
    }),
  );
}

/** `new URL('./name.ts', import.meta.url)`, the way to name a worker's module, is collected and made `.mjs`. */
function workerThreads(found: Map<string, string[]>): Plugin {
  return {
    name: 'worker-threads',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](lib|functions)[\\/].*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const workers: string[] = [];
        const contents = source.replace(
          /new URL\((['"])(\.\/[\w./-]+)\.ts\1, import\.meta\.url\)/g,
          (_, _quote, name: string) => {
            workers.push(resolve(dirname(path), `${name}.ts`));
            return `new URL('./${basename(name)}.mjs', import.meta.url)`;
          },
        );
        found.set(path, workers);
        return { contents, loader: 'ts' };
      });
    },
  };
}
