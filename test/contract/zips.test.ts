import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { unzipSync } from 'fflate';
import { expect, inject, test } from 'vitest';
import { pack } from '../../build/pack.ts';
import { projectThroughLinks } from '../support/packaged.ts';
import { functionsOf, readTemplate } from '../support/template.ts';

const folder = inject('packaged');
const functions = functionsOf(readTemplate(folder));
const packed = [...functions].map(([key, { Properties }]) => {
  const zip = readFileSync(join(folder, '.serverless', `${key}.zip`));
  const module = `${Properties.Handler.slice(0, Properties.Handler.lastIndexOf('.'))}.mjs`;
  return { key, zip, module, files: unzipSync(zip) };
});

test.each(packed)('$key: the zip holds the handler and no source maps', ({ module, files }) => {
  expect(Object.keys(files)).toContain(module);
  expect(Object.keys(files).filter((name) => name.endsWith('.map'))).toEqual([]);
  expect(Buffer.from(files[module] ?? []).toString()).not.toContain('sourceMappingURL');
});

test.each(packed)('$key: native code is for 64-bit ARM and nothing else', ({ files }) => {
  const native = Object.entries(files).filter(([name]) => /\.node$|\.so(\.|$)/.test(name));
  for (const [name, bytes] of native) expect([name, machineOf(bytes)]).toEqual([name, 'aarch64']);
});

test.each(packed)('$key: the zip is small enough to start fast', ({ key, zip, files }) => {
  const sharp = files['node_modules/sharp/package.json'] !== undefined;
  console.log(`${key}: ${(zip.length / 1000).toFixed(0)} kB${sharp ? ' with sharp' : ''}`);
  expect(zip.length).toBeLessThan(sharp ? 11_000_000 : 400_000);
});

test('sharp is where photos are rendered or their recipes compared, and complete', () => {
  const withSharp = packed.filter(({ files }) =>
    Object.keys(files).some((name) => name.startsWith('node_modules/')),
  );
  expect(withSharp.map(({ key }) => key)).toEqual(['makeRenditions', 'renderEdit', 'markOutdated']);
  const names = Object.keys(withSharp[0]?.files ?? {});
  expect(names).toContain('node_modules/@img/sharp-linux-arm64/package.json');
  expect(names.filter((name) => /libvips-cpp\.so/.test(name))).toHaveLength(1);
});

test('sharp in the zip has the version that the tests run with', () => {
  const files = packed.find(({ key }) => key === 'makeRenditions')?.files ?? {};
  const inZip = JSON.parse(Buffer.from(files['node_modules/sharp/package.json'] ?? []).toString());
  const here = JSON.parse(readFileSync(join(folder, 'node_modules', 'sharp', 'package.json'), 'utf8'));
  expect(inZip.version).toBe(here.version);
});

test('every bundle loads and exports a handler', async () => {
  const modules = packed.map(({ key, module }) => join(folder, '.build', 'bundles', key, module));
  const script = `for (const path of ${JSON.stringify(modules)}) {
    const { handler } = await import(path);
    if (typeof handler !== 'function') throw new Error(path + ' exports no handler');
  }`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  await expect(run).resolves.toBeTruthy();
});

test('the HEIC decoder is packed as a thread of its own, and starts', async () => {
  const thread = join(
    folder,
    '.build',
    'bundles',
    'makeRenditions',
    'functions',
    'events',
    'heic-worker.mjs',
  );
  const workerData = { bytes: Buffer.from('no picture'), width: 1, height: 1, hasAlpha: false };
  const [answer] = await once(new Worker(thread, { workerData, stdout: true, stderr: true }), 'message');
  expect(answer).toEqual({ problem: 'no picture in it can be read' });
});

test('packing again gives the same zips, byte for byte', async () => {
  const again = await projectThroughLinks();
  const handlers = new Map([...functions].map(([key, { Properties }]) => [key, Properties.Handler]));
  const artifacts = await pack(again, handlers);
  const digests = packed.map(({ key }) => digestOf(artifacts.get(key) ?? ''));
  await rm(again, { recursive: true });
  expect(digests).toEqual(packed.map(({ key }) => digestOf(join(folder, '.serverless', `${key}.zip`))));
});

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The processor that an ELF file is for: e_machine of its header, little-endian. */
function machineOf(bytes: Uint8Array): string {
  const header = Buffer.from(bytes.subarray(0, 20));
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return 'not ELF';
  return { 62: 'x86-64', 183: 'aarch64' }[header.readUInt16LE(18)] ?? 'other';
}
