import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** A structured line that a function has logged, with the function's key in serverless.yml as `lambda`. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly lambda: string };

/** What the functions of a stack log, from the beginning, in pieces. */
export class LogTail {
  readonly #file: Promise<FileHandle>;
  #position = 0;
  #rest = '';

  constructor(stateDir: string) {
    this.#file = open(join(stateDir, 'functions.log'));
  }

  /** The lines since the last time. */
  async read(): Promise<LogLine[]> {
    const file = await this.#file;
    const { size } = await file.stat();
    const buffer = Buffer.alloc(size - this.#position);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
    this.#position += bytesRead;
    const lines = (this.#rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    this.#rest = lines.pop() as string;
    return lines.flatMap((line) => {
      const [, lambda, json] = /^(\w+) (\{.*\})$/.exec(line) ?? [];
      return lambda && json ? [{ lambda, ...JSON.parse(json) }] : [];
    });
  }

  async close(): Promise<void> {
    await (await this.#file).close();
  }
}
