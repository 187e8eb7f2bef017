import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * An append-only file of JSON lines. What an engine acknowledges is appended first, so that a kill -9 loses
 * nothing that was answered: a finished write(2) survives the process.
 */
export class Journal<Entry> {
  readonly #file: string;
  #descriptor: number;
  #size: number;

  private constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'a');
    this.#size = fstatSync(this.#descriptor).size;
  }

  /**
   * Opens `file`, creating it and its folder where missing, and hands every entry to `replay` in the order
   * it was written. A torn last line, which nobody was answered for, is cut off.
   * @throws Error that names the file and line where an earlier line isn't JSON
   */
  static open<Entry>(file: string, replay: (entry: Entry) => void): Journal<Entry> {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) replayLines(file, replay);
    return new Journal<Entry>(file);
  }

  /**
   * Returns once the entries are with the operating system. A kill may keep the first of them and lose the
   * rest: what stands or falls together belongs into one entry. What can't be written whole (a full disk) is
   * taken back and thrown.
   */
  append(...entries: Entry[]): void {
    try {
      this.#size += writeAll(this.#descriptor, entries);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
  }

  /** Replaces the file by these entries in one step: the old file or the new one survives a crash, whole. */
  rewrite(entries: Iterable<Entry>): void {
    const next = `${this.#file}.next`;
    const descriptor = openSync(next, 'a');
    try {
      ftruncateSync(descriptor);
      let size = 0;
      for (const batch of batches(entries)) size += writeAll(descriptor, batch);
      fsyncSync(descriptor);
      renameSync(next, this.#file);
      closeSync(this.#descriptor);
      this.#descriptor = descriptor;
      this.#size = size;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Returns how many bytes were written. */
function writeAll(descriptor: number, entries: unknown[]): number {
  const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

function* batches<Entry>(entries: Iterable<Entry>, size = 256): Generator<Entry[]> {
  let batch: Entry[] = [];
  for (const entry of entries) {
    if (batch.push(entry) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function replayLines<Entry>(file: string, replay: (entry: Entry) => void): void {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
  for (let from = 0, line = 1; from < end; line++) {
    const to = bytes.indexOf(0x0a, from);
    replay(parseLine(bytes.toString('utf8', from, to), file, line) as Entry);
    from = to + 1;
  }
}

function parseLine(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file}:${line}: expected a JSON value, got ${text.slice(0, 80)}`);
  }
}
