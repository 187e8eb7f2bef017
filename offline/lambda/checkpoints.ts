import { join } from 'node:path';
import type { Context } from '../contract.ts';
import { Journal } from '../journal.ts';

/** How far a mapping has come in a shard. */
export interface Checkpoint {
  readonly mapping: string;
  readonly shard: string;
  /** Everything up to this sequence number is done; undefined where the mapping began with an empty shard. */
  readonly sequence?: string | undefined;
}

/** How many lines the journal may grow by before it is written anew. */
const LINES_BEFORE_REWRITE = 20_000;

/** The positions of the stream readers, in a journal: after a restart each goes on where it was. */
export class Checkpoints {
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #journal: Journal<Checkpoint>;
  #lines = 0;
  #closed = false;

  constructor(context: Context) {
    const file = join(context.stateDir, 'lambda', 'checkpoints.jsonl');
    this.#journal = Journal.open<Checkpoint>(file, (checkpoint) => this.#keep(checkpoint));
    this.#journal.rewrite(this.#checkpoints.values());
  }

  /** Where a mapping stands in a shard; undefined before its first checkpoint. */
  find(mapping: string, shard: string): Checkpoint | undefined {
    return this.#checkpoints.get(`${mapping}/${shard}`);
  }

  set(checkpoint: Checkpoint): void {
    if (this.#closed) return;
    this.#journal.append(checkpoint);
    this.#keep(checkpoint);
    if (++this.#lines < LINES_BEFORE_REWRITE) return;
    this.#journal.rewrite(this.#checkpoints.values());
    this.#lines = 0;
  }

  /** What is done afterwards is done again after the next start. */
  close(): void {
    this.#closed = true;
    this.#journal.close();
  }

  #keep(checkpoint: Checkpoint): void {
    this.#checkpoints.set(`${checkpoint.mapping}/${checkpoint.shard}`, checkpoint);
  }
}
