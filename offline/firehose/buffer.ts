import type { Clock, Timer } from '../clock.ts';
import type { DeliveryStream } from './settings.ts';
import type { BufferedRecord } from './store.ts';

/** Lets the records of a stream wait together until there are enough of them, or one has waited long enough. */
export class StreamBuffer {
  readonly #stream: DeliveryStream;
  readonly #clock: Clock;
  readonly #deliver: (records: readonly BufferedRecord[]) => void;
  #records: BufferedRecord[] = [];
  #bytes = 0;
  #alarm: Timer | undefined;

  /** @param deliver handed all that waited, in the order of arrival */
  constructor(stream: DeliveryStream, clock: Clock, deliver: (records: readonly BufferedRecord[]) => void) {
    this.#stream = stream;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** How much waits. */
  get size(): { readonly records: number; readonly bytes: number } {
    return { records: this.#records.length, bytes: this.#bytes };
  }

  add(records: readonly BufferedRecord[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += Buffer.byteLength(record.data, 'base64');
    }
    if (this.#bytes >= this.#stream.bufferBytes || this.#dueAt <= this.#clock.now()) this.flush();
    else if (this.#records.length > 0) this.#wait();
  }

  /** Delivers what waits, however little it is. */
  flush(): void {
    this.stop();
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    if (records.length > 0) this.#deliver(records);
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  get #dueAt(): number {
    const [oldest] = this.#records;
    return oldest ? oldest.at + this.#stream.bufferMs : Number.POSITIVE_INFINITY;
  }

  #wait(): void {
    this.#alarm ??= this.#clock.setTimeout(() => this.flush(), this.#dueAt - this.#clock.now());
  }
}
