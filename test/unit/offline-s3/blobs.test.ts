import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Blobs } from '../../../offline/s3/blobs.ts';
import type { Blob } from '../../../offline/s3/model.ts';

let folder: string;
let blobs: Blobs;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'afterparty-blobs-'));
  blobs = new Blobs(folder);
});
afterEach(async () => {
  await blobs.close();
  rmSync(folder, { recursive: true });
});

const inspector = { take: () => {}, end: () => {} };
const write = (name: string, ...chunks: (string | Uint8Array)[]): Promise<Blob> =>
  blobs.write(name, Readable.from(chunks.map((chunk) => Buffer.from(chunk))), inspector);
const files = () => readdirSync(folder);

test('any stretch of any sequence of blobs reads as that of their bytes', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 5 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(100), fc.nat(100), async (chunks, a, b) => {
      run++;
      const written: Blob[] = [];
      for (const [n, chunk] of chunks.entries()) written.push(await write(`${run}-${n}`, chunk));
      const whole = Buffer.concat(chunks);
      const [from, to] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)];
      expect(await buffer(blobs.read(written, from, to))).toEqual(whole.subarray(from, to));
      blobs.remove(written);
    }),
  );
  await blobs.close();
  expect(files()).toEqual([]);
});

test('what is removed while it is read stays until its last reader is done', async () => {
  const written = [await write('a', 'one '), await write('b', 'two')];
  const readers = [blobs.read(written, 0, 7), blobs.read(written, 0, 7)];
  blobs.remove(written);
  await blobs.close();
  expect(files()).toEqual(['a', 'b']);
  expect(await text(readers[0] as Readable)).toBe('one two');
  expect(files()).toEqual(['a', 'b']);
  readers[1]?.destroy();
  await vi.waitFor(() => expect(files()).toEqual([]));
});

test.each([
  ['the chunks fail', { ...inspector }, true],
  ['a chunk is refused', { ...inspector, take: () => fail() }, false],
  ['the end is refused', { ...inspector, end: () => fail() }, false],
])('nothing is left where %s', async (_when, refusing, chunksFail) => {
  async function* chunks() {
    yield Buffer.from('half');
    if (chunksFail) fail();
  }
  await expect(blobs.write('a', Readable.from(chunks()), refusing)).rejects.toThrow('refused');
  expect(files()).toEqual([]);
});

function fail(): never {
  throw new Error('refused');
}

test('a blob whose file is shorter than it says fails the reader', async () => {
  const blob = await write('a', 'one');
  await expect(text(blobs.read([{ ...blob, size: 5 }], 0, 5))).rejects.toThrow(/blob a ends before/);
});
