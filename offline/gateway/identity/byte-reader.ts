/** Reads a stream of buffers as lines and runs of bytes, without ever holding more than one buffer. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its CRLF; undefined at the stream's end or where it is longer than `limit`. */
  async line(limit = 8192): Promise<string | undefined> {
    for (let from = 0; ; ) {
      const end = this.#buffer.indexOf('\r\n', from);
      if (end >= 0) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      from = Math.max(0, this.#buffer.length - 1);
      if (this.#buffer.length > limit || !(await this.#more())) return undefined;
    }
  }

  /** The next `count` bytes as they come; fewer where the stream ends. */
  async *take(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#buffer.length === 0 && !(await this.#more())) return;
      const part = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Whether nothing is left to read. */
  async atEnd(): Promise<boolean> {
    return this.#buffer.length === 0 && !(await this.#more());
  }

  /** Gives the source up. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }
}
