import { Bell } from './bell.ts';
import type { Checkpoints } from './checkpoints.ts';

/** Which records of a shard are in hand, and up to where all are done: that far the checkpoint moves. */
export class ShardProgress {
  readonly #checkpoints: Checkpoints;
  readonly #mapping: string;
  readonly #shard: string;
  /** Whether each record in hand is done, in the shard's order. */
  readonly #inHand = new Map<string, boolean>();
  readonly #settled = new Bell();

  constructor(checkpoints: Checkpoints, mapping: string, shard: string) {
    this.#checkpoints = checkpoints;
    this.#mapping = mapping;
    this.#shard = shard;
  }

  /** How many records are read and not yet below the checkpoint. */
  get inHand(): number {
    return this.#inHand.size;
  }

  /** Resolves when records are next settled. */
  get settled(): Promise<void> {
    return this.#settled.rung;
  }

  take(sequence: string): void {
    this.#inHand.set(sequence, false);
  }

  settle(sequences: readonly string[]): void {
    for (const sequence of sequences) this.#inHand.set(sequence, true);
    let last: string | undefined;
    for (const [sequence, done] of this.#inHand) {
      if (!done) break;
      this.#inHand.delete(sequence);
      last = sequence;
    }
    if (last) this.#checkpoints.set({ mapping: this.#mapping, shard: this.#shard, sequence: last });
    this.#settled.ring();
  }
}
