import { join } from 'node:path';
import type { Context } from '../contract.ts';
import { Journal } from '../journal.ts';

/** How far a mapping has come in a shard. */
export interface Checkpoint {
  readonly mapping: string;
  readonly shard: string;
  /** When the mapping first read the shard, in milliseconds since the epoch. */
  readonly since: number;
  /** Everything up to this sequence number is done; undefined while nothing is. */
  readonly sequence?: string | undefined;
}

/** How many lines the journal may grow by before it is written anew. */
const LINES_BEFORE_REWRITE = 20_000;

/** The positions of the stream readers, in a journal: after a restart each goes on where it was. */
export class Checkpoints {
  readonly #context: Context;
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #journal: Journal<Checkpoint>;
  #lines = 0;
  #closed = false;

  constructor(context: Context) {
    this.#context = context;
    const file = join(context.stateDir, 'lambda', 'checkpoints.jsonl');
    this.#journal = Journal.open<Checkpoint>(file, (checkpoint) => this.#set(checkpoint));
    this.#journal.rewrite(this.#checkpoints.values());
  }

  /** Where a mapping stands in a shard. The first time it asks, that it begins now is written down. */
  begin(mapping: string, shard: string): { checkpoint: Checkpoint; isNew: boolean } {
    const known = this.#checkpoints.get(`${mapping}/${shard}`);
    if (known) return { checkpoint: known, isNew: false };
    const checkpoint = { mapping, shard, since: this.#context.clock.now() };
    this.#write(checkpoint);
    return { checkpoint, isNew: true };
  }

  advance(mapping: string, shard: string, sequence: string): void {
    const { checkpoint } = this.begin(mapping, shard);
    this.#write({ ...checkpoint, sequence });
  }

  /** What is done afterwards is done again after the next start. */
  close(): void {
    this.#closed = true;
    this.#journal.close();
  }

  #write(checkpoint: Checkpoint): void {
    if (this.#closed) return;
    this.#journal.append(checkpoint);
    this.#set(checkpoint);
    if (++this.#lines < LINES_BEFORE_REWRITE) return;
    this.#journal.rewrite(this.#checkpoints.values());
    this.#lines = 0;
  }

  #set(checkpoint: Checkpoint): void {
    this.#checkpoints.set(`${checkpoint.mapping}/${checkpoint.shard}`, checkpoint);
  }
}
