import { Activity, type Background } from '../activity.ts';
import type { Timer } from '../clock.ts';
import type { Context } from '../contract.ts';
import type { Owed } from './model.ts';
import type { Store } from './store.ts';

// So many messages are on their way at once.
const lanes = 16;
const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * Brings notifications to their queues, at least once: each is owed in the journal, in the line of the change
 * that it tells of, until its queue took it, over refusals and restarts.
 */
export class Notifier implements Background {
  readonly #context: Context;
  readonly #store: Store;
  readonly #activity = new Activity();
  readonly #underWay = new Set<number>();
  readonly #waiting = new Map<number, Timer>();
  readonly #closing = new AbortController();
  #started = false;

  /** Counts as busy until `start`: what the last run left owed is due. */
  constructor(context: Context, store: Store) {
    this.#context = context;
    this.#store = store;
    this.#activity.begin();
  }

  /** Begins with what the last run left owed. */
  start(): void {
    this.#started = true;
    this.wake();
    this.#activity.end();
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /** Starts on what is owed and not yet on its way, oldest first. */
  wake(): void {
    if (!this.#started || this.#closing.signal.aborted) return;
    for (const owed of this.#store.owed.values()) {
      if (this.#underWay.size >= lanes) return;
      if (!this.#underWay.has(owed.id) && !this.#waiting.has(owed.id)) this.#start(owed, 1);
    }
  }

  /** Stops retrying and waits for what is on its way; the rest stays owed. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#waiting.values()) timer.cancel();
    if (!this.#started) this.#activity.end();
    await this.#activity.idle();
  }

  #start(owed: Owed, attempt: number): void {
    this.#underWay.add(owed.id);
    this.#activity.begin();
    void this.#deliver(owed, attempt).then(() => {
      this.#underWay.delete(owed.id);
      this.wake();
      this.#activity.end();
    });
  }

  async #deliver(owed: Owed, attempt: number): Promise<void> {
    const { call, endpoint } = this.#context;
    const [account, queue] = owed.queueArn.split(':').slice(-2);
    const principal = { kind: 'service', name: 's3.amazonaws.com', sourceArn: owed.bucketArn } as const;
    const message = { QueueUrl: `${endpoint}/${account}/${queue}`, MessageBody: owed.body };
    try {
      await call(principal, 'sqs', 'SendMessage', message, this.#closing.signal);
      this.#store.commit({ op: 'delivered', id: owed.id });
    } catch (error) {
      this.#postpone(owed, attempt, error);
    }
  }

  #postpone(owed: Owed, attempt: number, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { clock, random, log } = this.#context;
    if (attempt === 1) log(`s3: ${owed.queueArn} refused a notification, it is tried again: ${error}`);
    const ceiling = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
    const timer = clock.setTimeout(
      () => {
        this.#waiting.delete(owed.id);
        this.#start(owed, attempt + 1);
      },
      ceiling * (0.5 + random.next() / 2),
    );
    this.#waiting.set(owed.id, timer);
  }
}
