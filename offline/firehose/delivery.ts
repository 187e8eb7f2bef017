import type { Activity } from '../activity.ts';
import type { Context, Principal } from '../contract.ts';
import { pauseMs } from '../lambda/retry-pause.ts';
import { objectsOf } from './objects.ts';
import type { DeliveryStream } from './settings.ts';
import type { BufferedRecord, OwedObject, Store } from './store.ts';
import { type Outcome, transform } from './transform.ts';

/** Developer Guide, "Troubleshoot errors", Direct PUT: records are retained for 24 hours. */
const RETAINED_MS = 24 * 3_600_000;

/** Brings records to their bucket: through the stream's function, if it has one, then into objects. */
export class Delivery {
  readonly #context: Context;
  readonly #store: Store;
  readonly #activity: Activity;
  readonly #closing = new AbortController();

  /** @param activity counts what is under way; pauses between attempts are not, they end on the clock */
  constructor(context: Context, store: Store, activity: Activity) {
    this.#context = context;
    this.#store = store;
    this.#activity = activity;
  }

  /** Delivers records that were accepted, until they are written or given up. */
  deliver(stream: DeliveryStream, records: readonly BufferedRecord[]): void {
    void this.#activity.during(this.#deliver(stream, records));
  }

  /** Goes on with an object that is owed. */
  write(stream: DeliveryStream, object: OwedObject): void {
    void this.#activity.during(this.#write(stream, object));
  }

  /** Lets go of what is under way; it is still there at the next start. */
  close(): void {
    this.#closing.abort();
  }

  async #deliver(stream: DeliveryStream, records: readonly BufferedRecord[]): Promise<void> {
    const outcomes = await this.#transform(stream, records);
    if (!outcomes) return;
    const objects = await objectsOf(stream, records, outcomes, this.#context.random);
    this.#store.cut(stream.name, records, objects);
    await Promise.all(objects.map((object) => this.#write(stream, object)));
  }

  /** Undefined where the engine was closed meanwhile. */
  async #transform(
    stream: DeliveryStream,
    records: readonly BufferedRecord[],
  ): Promise<Outcome[] | undefined> {
    const { processor } = stream;
    if (!processor) return records.map(untouched);
    const closing = this.#closing.signal;
    try {
      const surroundings = { context: this.#context, activity: this.#activity, closing };
      return await transform(surroundings, stream, processor, records);
    } catch (error) {
      if (closing.aborted) return undefined;
      throw error;
    }
  }

  async #write(stream: DeliveryStream, object: OwedObject): Promise<void> {
    for (let failures = 1; !this.#closing.signal.aborted; failures++) {
      try {
        return await this.#put(stream, object);
      } catch (error) {
        if (!(await this.#mayTryAgain(stream, object, failures, error))) return;
      }
    }
  }

  /** Writes the object once, in the stream's role. */
  async #put({ name, arn, bucket }: DeliveryStream, object: OwedObject): Promise<void> {
    const principal: Principal = { kind: 'service', name: 'firehose.amazonaws.com', sourceArn: arn };
    const input = {
      Bucket: bucket,
      Key: object.key,
      Body: Buffer.from(object.body, 'base64'),
      ContentType: 'application/octet-stream',
      ...(object.gzip && { ContentEncoding: 'gzip' }),
    };
    await this.#context.call(principal, 's3', 'PutObject', input, this.#closing.signal);
    this.#store.settle(name, object);
  }

  /** Waits, on the clock, until the object may be tried again; gives it up after a day. */
  async #mayTryAgain(
    { name, bucket }: DeliveryStream,
    object: OwedObject,
    failures: number,
    error: unknown,
  ): Promise<boolean> {
    const { clock, log } = this.#context;
    const { signal } = this.#closing;
    if (signal.aborted) return false;
    const left = object.at + RETAINED_MS - clock.now();
    const problem = `Firehose: ${bucket} did not take ${object.key} of ${name}`;
    if (left <= 0) {
      log(`${problem} for a day, its records are lost: ${error}`);
      this.#store.settle(name, object);
      return false;
    }
    if (failures === 1) log(`${problem}, it is tried again: ${error}`);
    await this.#activity.resting(clock.sleep(Math.min(pauseMs(failures), left), signal));
    return true;
  }
}

function untouched({ at, data }: BufferedRecord): Outcome {
  return { verdict: { result: 'Ok', data: Buffer.from(data, 'base64') }, attempts: 0, endedAt: at };
}
