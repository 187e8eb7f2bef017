import type { StreamViewType } from './definition.ts';
import { streamArnOf } from './stream-arn.ts';
import type { Table } from './table.ts';
import type { Item } from './values.ts';

/** One change of one item, as the stream keeps it; the view type decides at reading which images are shown. */
export interface StreamRecord {
  /** Rises with every change; a gap means nothing. */
  readonly sequence: number;
  /** When it was written, in milliseconds of the clock. */
  readonly at: number;
  readonly key: Item;
  readonly before?: Item;
  readonly after?: Item;
  /** Set where not a caller but time to live removed the item. */
  readonly byTtl?: true;
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
const retentionMs = 24 * 60 * 60 * 1000;

/** The records of one table's stream in the order of their sequence numbers: one shard that never closes. */
export class StreamLog {
  readonly table: Table;
  readonly arn: string;
  readonly viewType: StreamViewType;
  #records: StreamRecord[] = [];
  #trimmed = 0;

  constructor(table: Table, viewType: StreamViewType) {
    this.table = table;
    this.arn = streamArnOf(table.definition.arn);
    this.viewType = viewType;
  }

  get records(): readonly StreamRecord[] {
    return this.#records;
  }

  /** The sequence number of the last record that retention has removed; 0 before the first. */
  get trimmed(): number {
    return this.#trimmed;
  }

  set trimmed(sequence: number) {
    this.#trimmed = sequence;
  }

  append(record: StreamRecord): void {
    this.#records.push(record);
    // A stream that nobody reads is trimmed by its own writes.
    if (this.#records.length % 1000 === 0) this.trim(record.at);
  }

  /** Forgets what is older than 24 hours. */
  trim(now: number): void {
    const kept = this.#records.findIndex(({ at }) => at > now - retentionMs);
    const count = kept < 0 ? this.#records.length : kept;
    if (count === 0) return;
    this.#trimmed = this.#records[count - 1]?.sequence ?? this.#trimmed;
    this.#records = this.#records.slice(count);
  }

  /** The records that follow a sequence number, at most `limit` of them. */
  following(sequence: number, limit: number): readonly StreamRecord[] {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle] as StreamRecord).sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#records.slice(low, low + limit);
  }
}
