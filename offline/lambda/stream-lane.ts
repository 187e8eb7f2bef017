import { Bell } from './bell.ts';
import { fittingBatches } from './payloads.ts';
import { type BatchPlace, processBatch, type StreamRecord } from './stream-batch.ts';

/** One of the queues that a shard's records are spread over by key: batches of it follow one another. */
export class StreamLane {
  readonly #place: BatchPlace;
  readonly #records: StreamRecord[] = [];
  readonly #bell = new Bell();
  #firstAt = 0;

  constructor(place: BatchPlace) {
    this.#place = place;
    place.closing.addEventListener('abort', () => this.#bell.ring(), { once: true });
  }

  push(record: StreamRecord): void {
    if (this.#records.length === 0) this.#firstAt = this.#place.context.clock.now();
    this.#records.push(record);
    this.#bell.ring();
  }

  async run(): Promise<void> {
    const { mapping, activity, closing } = this.#place;
    while (!closing.aborted) {
      if (this.#records.length === 0) {
        await activity.resting(this.#bell.rung);
        continue;
      }
      await this.#fill();
      const [batch = []] = fittingBatches(this.#records.slice(0, mapping.batchSize));
      this.#records.splice(0, batch.length);
      this.#firstAt = this.#place.context.clock.now();
      await processBatch(batch, this.#place);
    }
  }

  /** Waits for a full batch, but not longer than the batching window. */
  async #fill(): Promise<void> {
    const { mapping, context, closing } = this.#place;
    const { clock } = context;
    const until = this.#firstAt + mapping.windowMs;
    while (this.#records.length < mapping.batchSize && clock.now() < until && !closing.aborted) {
      const over = Promise.withResolvers<void>();
      const timer = clock.setTimeout(over.resolve, until - clock.now());
      await Promise.race([over.promise, this.#bell.rung]);
      timer.cancel();
    }
  }
}
