import { join } from 'node:path';
import type { Context } from '../contract.ts';
import { Journal } from '../journal.ts';

/** A record that was accepted and is not part of an object yet. */
export interface BufferedRecord {
  /** Ascending in the order of arrival, and never used again. */
  readonly id: number;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** Its bytes in base64. */
  readonly data: string;
}

/** An object that is to be written to the stream's bucket. */
export interface OwedObject {
  readonly key: string;
  /** When the oldest record in it arrived. */
  readonly at: number;
  readonly gzip: boolean;
  /** Its bytes in base64. */
  readonly body: string;
}

/** Which records, the first and the last, have become these objects; all of them were taken out together. */
type Range = readonly [first: number, last: number];

type Entry =
  | { readonly stream: string; readonly records: readonly BufferedRecord[] }
  | { readonly stream: string; readonly cut?: Range; readonly owed: readonly OwedObject[] }
  | { readonly stream: string; readonly settled: string };

interface Held {
  readonly records: Map<number, BufferedRecord>;
  readonly owed: Map<string, OwedObject>;
}

/** How many bytes of what is delivered the journal may hold before it is written anew with what is left. */
const STALE_BYTES = 8 * 1024 * 1024;
/** Records of one line of a journal that is written anew. */
const RECORDS_A_LINE = 500;

/**
 * What was accepted and is not delivered yet. Every change is in the journal before it is made. A record is
 * either still a record or part of an object that is owed: what makes it one is a single line.
 */
export class Store {
  readonly #journal: Journal<Entry>;
  readonly #held: ReadonlyMap<string, Held>;
  readonly #strays = new Set<string>();
  #lastId = 0;
  #stale = 0;

  /** @param streams the names of the streams that there are; what was held for others is forgotten */
  constructor({ stateDir, clock, log }: Context, streams: readonly string[]) {
    this.#held = new Map(streams.map((name) => [name, { records: new Map(), owed: new Map() }]));
    this.#journal = Journal.open<Entry>(join(stateDir, 'firehose.jsonl'), (entry) => this.#apply(entry));
    // The clock never goes back, so that ids never repeat, though the journal forgets them.
    this.#lastId = Math.max(this.#lastId, Math.floor(clock.now() * 1_000));
    this.#rewrite();
    if (this.#strays.size > 0) {
      log(`Firehose: forgot the records of streams that are gone: ${[...this.#strays].join(', ')}`);
    }
  }

  /** The records of a stream that wait, oldest first. */
  records(stream: string): BufferedRecord[] {
    return [...this.#of(stream).records.values()];
  }

  /** The objects of a stream that are to be written. */
  owed(stream: string): OwedObject[] {
    return [...this.#of(stream).owed.values()];
  }

  /** Takes records over: all of them, or none where it throws. */
  accept(stream: string, at: number, data: readonly string[]): BufferedRecord[] {
    const records = data.map((each) => ({ id: ++this.#lastId, at, data: each }));
    this.#commit({ stream, records });
    return records;
  }

  /** `records`, all that waited at some time, have become these objects. */
  cut(stream: string, records: readonly BufferedRecord[], owed: readonly OwedObject[]): void {
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last) return;
    this.#commit({ stream, cut: [first.id, last.id], owed });
  }

  /** An object is written, or given up. */
  settle(stream: string, { key }: OwedObject): void {
    this.#commit({ stream, settled: key });
  }

  close(): void {
    this.#journal.close();
  }

  #of(stream: string): Held {
    return this.#held.get(stream) as Held;
  }

  #commit(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
    if (this.#stale > STALE_BYTES) this.#rewrite();
  }

  #apply(entry: Entry): void {
    const held = this.#held.get(entry.stream);
    if (!held) {
      this.#strays.add(entry.stream);
    } else if ('records' in entry) {
      for (const record of entry.records) {
        held.records.set(record.id, record);
        this.#lastId = Math.max(this.#lastId, record.id);
      }
    } else if ('owed' in entry) {
      if (entry.cut) this.#remove(held, entry.cut);
      for (const object of entry.owed) held.owed.set(object.key, object);
    } else {
      this.#stale += held.owed.get(entry.settled)?.body.length ?? 0;
      held.owed.delete(entry.settled);
    }
  }

  #remove({ records }: Held, [first, last]: Range): void {
    for (const { id, data } of records.values()) {
      if (id > last) return;
      if (id < first) continue;
      this.#stale += data.length;
      records.delete(id);
    }
  }

  #rewrite(): void {
    this.#journal.rewrite(this.#snapshot());
    this.#stale = 0;
  }

  *#snapshot(): Generator<Entry> {
    for (const [stream, held] of this.#held) {
      const records = [...held.records.values()];
      for (let from = 0; from < records.length; from += RECORDS_A_LINE) {
        yield { stream, records: records.slice(from, from + RECORDS_A_LINE) };
      }
      for (const object of held.owed.values()) yield { stream, owed: [object] };
    }
  }
}
