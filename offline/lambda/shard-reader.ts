import { createHash } from 'node:crypto';
import type { Activity } from '../activity.ts';
import { type Context, ServiceError } from '../contract.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { StreamMapping } from './mapping.ts';
import { pause } from './retry-pause.ts';
import { ShardProgress } from './shard-progress.ts';
import type { StreamRecord } from './stream-batch.ts';
import { StreamLane } from './stream-lane.ts';

/** How long a GetRecords from inside waits for records, in milliseconds of the clock. */
const WAIT_MS = 20_000;
const MOST_RECORDS = 1000;

export interface ShardPlace {
  readonly context: Context;
  readonly mapping: StreamMapping;
  readonly checkpoints: Checkpoints;
  readonly shardId: string;
  readonly activity: Activity;
  readonly closing: AbortSignal;
}

/** Reads one shard from its checkpoint on and spreads its records over the lanes. */
export class ShardReader {
  readonly #place: ShardPlace;
  readonly #progress: ShardProgress;
  readonly #lanes: StreamLane[];
  /** The last record that was read; undefined before the first. */
  #after: string | undefined;
  /** Whether what the shard already holds is being passed over: the first start of a mapping with LATEST. */
  #skips: boolean;

  constructor(place: ShardPlace) {
    const { mapping, checkpoints, shardId } = place;
    this.#place = place;
    this.#progress = new ShardProgress(checkpoints, mapping.id, shardId);
    const settle = (records: readonly StreamRecord[]) => this.#progress.settle(records.map(sequenceOf));
    // Wakes whoever waits for room.
    place.closing.addEventListener('abort', () => this.#progress.settle([]), { once: true });
    this.#lanes = Array.from({ length: mapping.concurrency }, () => new StreamLane({ ...place, settle }));
    const checkpoint = checkpoints.find(mapping.id, shardId);
    this.#after = checkpoint?.sequence;
    this.#skips = !checkpoint && mapping.startingPosition === 'LATEST';
  }

  async run(): Promise<void> {
    const { activity, closing } = this.#place;
    const lanes = this.#lanes.map((lane) => activity.during(lane.run()));
    let iterator: string | undefined;
    let failures = 0;
    while (!closing.aborted) {
      try {
        iterator ??= await this.#iterator();
        const page = await activity.resting(this.#records(iterator));
        if (this.#skips) this.#skip(page.Records);
        else this.#spread(page.Records);
        iterator = page.NextShardIterator;
        failures = 0;
      } catch (error) {
        iterator = undefined;
        if (!isExpired(error)) await activity.resting(this.#recover(error, ++failures));
      }
      await this.#room();
    }
    await Promise.all(lanes);
  }

  async #iterator(): Promise<string> {
    const { mapping, shardId } = this.#place;
    const answer = await this.#ask('GetShardIterator', {
      StreamArn: mapping.sourceArn,
      ShardId: shardId,
      ...(this.#after === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.#after }),
    });
    return answer.ShardIterator as string;
  }

  async #records(iterator: string): Promise<{ Records: StreamRecord[]; NextShardIterator: string }> {
    const { batchSize, concurrency } = this.#place.mapping;
    const answer = await this.#ask('GetRecords', {
      ShardIterator: iterator,
      Limit: Math.min(MOST_RECORDS, batchSize * concurrency),
      WaitMs: this.#skips ? 0 : WAIT_MS,
    });
    return answer as { Records: StreamRecord[]; NextShardIterator: string };
  }

  /** Passes records over; after the last of them the mapping begins, now and at every later start. */
  #skip(records: readonly StreamRecord[]): void {
    const { checkpoints, mapping, shardId } = this.#place;
    const last = records.at(-1);
    if (last) this.#after = sequenceOf(last);
    else {
      this.#skips = false;
      checkpoints.set({ mapping: mapping.id, shard: shardId, sequence: this.#after });
    }
  }

  /** Hands records to the lanes, all of one key to the same. Those that the function doesn't want are done. */
  #spread(records: readonly StreamRecord[]): void {
    const { wants } = this.#place.mapping;
    const unwanted: string[] = [];
    for (const record of records) {
      const sequence = sequenceOf(record);
      this.#after = sequence;
      this.#progress.take(sequence);
      if (wants(record)) this.#laneOf(record).push(record);
      else unwanted.push(sequence);
    }
    if (unwanted.length > 0) this.#progress.settle(unwanted);
  }

  #laneOf({ dynamodb }: StreamRecord): StreamLane {
    const digest = createHash('md5').update(JSON.stringify(dynamodb.Keys)).digest();
    return this.#lanes[digest.readUInt32BE() % this.#lanes.length] as StreamLane;
  }

  /** Waits while there is more in hand than the next batches can hold. */
  async #room(): Promise<void> {
    const { mapping, closing, activity } = this.#place;
    const most = 2 * mapping.batchSize * mapping.concurrency;
    while (this.#progress.inHand >= most && !closing.aborted) {
      await activity.resting(this.#progress.settled);
    }
  }

  async #recover(error: unknown, failures: number): Promise<void> {
    const { context, mapping, closing } = this.#place;
    if (closing.aborted) return;
    const why = error instanceof Error ? error.message : error;
    if (error instanceof ServiceError && error.code === 'TrimmedDataAccessException') {
      context.log(`Lambda: ${mapping.functionName} missed stream records older than 24 hours.`);
      this.#after = undefined;
      return;
    }
    if (failures === 1) context.log(`Lambda: ${mapping.sourceArn} could not be read: ${why}`);
    await pause(context.clock, failures, closing);
  }

  #ask(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { context, mapping, closing } = this.#place;
    return context.call(mapping.principal, 'dynamodbstreams', operation, input, closing);
  }
}

function sequenceOf({ dynamodb }: StreamRecord): string {
  return dynamodb.SequenceNumber;
}

function isExpired(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'ExpiredIteratorException';
}
