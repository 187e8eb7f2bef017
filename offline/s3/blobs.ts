import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Blob } from './model.ts';

const readSize = 256 * 1024;

/** Looks at the bytes of a blob as they come; what it throws refuses them. */
export interface Inspector {
  take(chunk: Buffer): void;
  end(): void;
}

/** The bytes of objects and parts: one file each, written once. */
export class Blobs {
  readonly #folder: string;
  readonly #readers = new Map<string, number>();
  readonly #unwanted = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Removes the files that a crash left behind: all but those in `wanted`. Answers how many. */
  sweep(wanted: ReadonlySet<string>): number {
    const orphans = readdirSync(this.#folder).filter((name) => !wanted.has(name));
    for (const name of orphans) rmSync(join(this.#folder, name), { recursive: true });
    return orphans.length;
  }

  /**
   * Writes a new blob from `chunks`, showing each to the inspector first. A failure of the chunks or of the
   * inspector leaves nothing behind and is thrown on.
   */
  async write(name: string, chunks: Readable, inspector: Inspector): Promise<Blob> {
    const path = join(this.#folder, name);
    const file = await open(path, 'wx');
    let size = 0;
    try {
      // The gateway reads the rest of a refused body: the client is still sending and must hear the answer.
      for await (const chunk of chunks.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        inspector.take(chunk);
        await writeAll(file, chunk);
        size += chunk.length;
      }
      inspector.end();
      await file.close();
    } catch (error) {
      await file.close();
      await rm(path);
      throw error;
    }
    return { name, size };
  }

  /** The bytes from `from` up to, not including, `to` of the blobs one after the other. */
  read(blobs: readonly Blob[], from: number, to: number): Readable {
    const stretches: Stretch[] = [];
    let start = 0;
    for (const { name, size } of blobs) {
      const stretch = { name, from: Math.max(from - start, 0), to: Math.min(to - start, size) };
      if (stretch.from < stretch.to) stretches.push(stretch);
      start += size;
    }
    for (const { name } of stretches) this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    return new BlobReader(this.#folder, stretches, () => {
      for (const { name } of stretches) this.#leave(name);
    });
  }

  /** Removes files that nothing refers to; one that is being read goes after its last reader. */
  remove(blobs: readonly Blob[]): void {
    for (const { name } of blobs) {
      if (this.#readers.has(name)) this.#unwanted.add(name);
      else this.#unlink(name);
    }
  }

  /** Waits for removals that are under way. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #leave(name: string): void {
    const others = (this.#readers.get(name) ?? 1) - 1;
    if (others > 0) {
      this.#readers.set(name, others);
      return;
    }
    this.#readers.delete(name);
    if (this.#unwanted.delete(name)) this.#unlink(name);
  }

  #unlink(name: string): void {
    const removal = rm(join(this.#folder, name), { force: true }).finally(() =>
      this.#removals.delete(removal),
    );
    this.#removals.add(removal);
  }
}

interface Stretch {
  readonly name: string;
  from: number;
  readonly to: number;
}

class BlobReader extends Readable {
  readonly #folder: string;
  readonly #stretches: Stretch[];
  readonly #done: () => void;
  #file: FileHandle | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(folder: string, stretches: readonly Stretch[], done: () => void) {
    super({ highWaterMark: readSize });
    this.#folder = folder;
    this.#stretches = stretches.map((stretch) => ({ ...stretch }));
    this.#done = done;
  }

  override _read(): void {
    this.#reading = this.#next().then(
      (chunk) => this.push(chunk),
      (error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#done();
    this.#reading.then(() => this.#file?.close()).then(() => callback(error), callback);
  }

  async #next(): Promise<Buffer | null> {
    const stretch = this.#stretches[0];
    if (!stretch) return null;
    this.#file ??= await open(join(this.#folder, stretch.name));
    const wanted = Math.min(readSize, stretch.to - stretch.from);
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(wanted), 0, wanted, stretch.from);
    if (bytesRead === 0) throw new Error(`The file of blob ${stretch.name} ends before its object does.`);
    stretch.from += bytesRead;
    if (stretch.from === stretch.to) {
      this.#stretches.shift();
      await this.#file.close();
      this.#file = undefined;
    }
    return buffer.subarray(0, bytesRead);
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written);
    written += bytesWritten;
  }
}
