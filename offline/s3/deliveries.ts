import type { Timer } from '../clock.ts';
import type { Context } from '../contract.ts';
import type { Owed } from './model.ts';
import type { Store } from './store.ts';

// So many messages are on their way at once.
const lanes = 16;
const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * Brings notifications to their queues, at least once: each stays owed in the journal until the queue took
 * it, over refusals and restarts.
 */
export class Deliveries {
  readonly #context: Context;
  readonly #store: Store;
  readonly #underWay = new Map<number, Promise<void>>();
  readonly #waiting = new Map<number, { readonly timer: Timer; readonly attempts: number }>();
  readonly #closing = new AbortController();

  constructor(context: Context, store: Store) {
    this.#context = context;
    this.#store = store;
  }

  /** Starts on what is owed and not yet on its way, oldest first. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    for (const owed of this.#store.owed.values()) {
      if (this.#underWay.size >= lanes) return;
      if (!this.#underWay.has(owed.id) && !this.#waiting.has(owed.id)) this.#start(owed, 0);
    }
  }

  /** Stops retrying and waits for what is on its way. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    await Promise.all(this.#underWay.values());
  }

  #start(owed: Owed, attempts: number): void {
    const delivery = this.#deliver(owed, attempts).finally(() => {
      this.#underWay.delete(owed.id);
      this.wake();
    });
    this.#underWay.set(owed.id, delivery);
  }

  async #deliver(owed: Owed, attempts: number): Promise<void> {
    const { call, endpoint } = this.#context;
    const [account, queue] = owed.queueArn.split(':').slice(-2);
    const principal = { kind: 'service', name: 's3.amazonaws.com', sourceArn: owed.bucketArn } as const;
    const message = { QueueUrl: `${endpoint}/${account}/${queue}`, MessageBody: owed.body };
    try {
      await call(principal, 'sqs', 'SendMessage', message, this.#closing.signal);
      this.#store.commit({ op: 'delivered', id: owed.id });
    } catch (error) {
      this.#postpone(owed, attempts + 1, error);
    }
  }

  #postpone(owed: Owed, attempts: number, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    if (attempts === 1) {
      this.#context.log(`s3: ${owed.queueArn} did not take a notification, it is tried again: ${error}`);
    }
    const ceiling = Math.min(firstDelayMs * 2 ** (attempts - 1), longestDelayMs);
    const timer = this.#context.clock.setTimeout(
      () => {
        this.#waiting.delete(owed.id);
        this.#start(owed, attempts);
      },
      ceiling * (0.5 + this.#context.random.next() / 2),
    );
    this.#waiting.set(owed.id, { timer, attempts });
  }
}
