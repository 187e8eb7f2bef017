import { Activity } from '../activity.ts';
import type { Context } from '../contract.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { StreamMapping } from './mapping.ts';
import { pause } from './retry-pause.ts';
import { ShardReader } from './shard-reader.ts';
import type { Source } from './source.ts';

/** Reads a table's stream and wakes its function: shard by shard, each key in its order. */
export class StreamSource implements Source {
  readonly activity = new Activity();
  readonly #context: Context;
  readonly #mapping: StreamMapping;
  readonly #checkpoints: Checkpoints;
  readonly #closing: AbortSignal;

  constructor(context: Context, mapping: StreamMapping, checkpoints: Checkpoints, closing: AbortSignal) {
    this.#context = context;
    this.#mapping = mapping;
    this.#checkpoints = checkpoints;
    this.#closing = closing;
  }

  async run(): Promise<void> {
    const shardIds = await this.#shardIds();
    const place = {
      context: this.#context,
      mapping: this.#mapping,
      checkpoints: this.#checkpoints,
      activity: this.activity,
      closing: this.#closing,
    };
    const readers = shardIds.map((shardId) => new ShardReader({ ...place, shardId }));
    const reading = readers.map((reader) => this.activity.during(reader.run()));
    await this.activity.resting(Promise.all(reading));
  }

  async #shardIds(): Promise<string[]> {
    for (let failures = 1; !this.#closing.aborted; failures++) {
      try {
        return await this.#describe();
      } catch (error) {
        if (failures === 1)
          this.#context.log(`Lambda: ${this.#mapping.sourceArn} can't be described: ${error}`);
        await this.activity.resting(pause(this.#context.clock, failures, this.#closing));
      }
    }
    return [];
  }

  async #describe(): Promise<string[]> {
    const { principal, sourceArn: StreamArn } = this.#mapping;
    const answer = await this.#context.call(principal, 'dynamodbstreams', 'DescribeStream', { StreamArn });
    const { Shards } = answer.StreamDescription as { Shards: { ShardId: string }[] };
    return Shards.map(({ ShardId }) => ShardId);
  }
}
