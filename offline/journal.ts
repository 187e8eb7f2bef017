import {
  closeSync,
  existsSync,
  fsyncSync,
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

  private constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'a');
  }

  /**
   * Opens `file`, creating it and its folder where missing, and hands every entry to `replay` in the order
   * it was written. A torn last line, which nobody was answered for, is cut off.
   */
  static open<Entry>(file: string, replay: (entry: Entry) => void): Journal<Entry> {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) replayLines(file, replay);
    return new Journal<Entry>(file);
  }

  /** Returns once the entries are with the operating system. */
  append(...entries: Entry[]): void {
    writeAll(this.#descriptor, entries);
  }

  /** Replaces the file by these entries in one step: the old file or the new one survives a crash, whole. */
  rewrite(entries: Iterable<Entry>): void {
    const next = `${this.#file}.next`;
    const descriptor = openSync(next, 'w');
    for (const entry of entries) writeAll(descriptor, [entry]);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(next, this.#file);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file, 'a');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function writeAll(descriptor: number, entries: unknown[]): void {
  const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

function replayLines<Entry>(file: string, replay: (entry: Entry) => void): void {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
  for (let from = 0; from < end; ) {
    const to = bytes.indexOf(0x0a, from);
    replay(JSON.parse(bytes.toString('utf8', from, to)) as Entry);
    from = to + 1;
  }
}
