import type { Timer } from '../clock.ts';
import type { Database } from './database.ts';
import { expiryKey, type Table } from './table.ts';

// AWS takes up to days. Half a minute is short enough to wait for, and long enough that code which forgets to
// compare the time itself is seen to return expired items.
const lagMs = 30_000;

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
const oldestSeconds = 5 * 365 * 24 * 60 * 60;

/**
 * Removes items half a minute after their time to live has passed, up to which they are read like any other.
 * Items that expired more than five years ago stay, as on AWS.
 */
export class TimeToLive {
  readonly #database: Database;
  readonly #stopListening: () => void;
  #timer: Timer | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(database: Database) {
    this.#database = database;
    this.#stopListening = database.onChange(() => this.#arm());
    this.#arm();
  }

  close(): void {
    this.#stopListening();
    this.#timer?.cancel();
  }

  #arm(): void {
    const due = Math.min(...this.#database.tables.map((table) => this.#nextOf(table)));
    if (due === this.#due) return;
    this.#timer?.cancel();
    this.#due = due;
    if (due === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#database.clock.setTimeout(() => this.#sweep(), due - this.#database.clock.now());
  }

  #nextOf(table: Table): number {
    const from = expiryKey(this.#oldest());
    for (const [key] of table.expiries.entries({ from })) return secondsOf(key) * 1000 + lagMs;
    return Number.POSITIVE_INFINITY;
  }

  #sweep(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const passed = Math.floor((this.#database.clock.now() - lagMs) / 1000) + 1;
    const range = { from: expiryKey(this.#oldest()), before: expiryKey(passed) };
    for (const table of this.#database.tables) {
      for (const [, row] of [...table.expiries.entries(range)]) {
        const item = table.rows.get(row);
        if (item) this.#database.commit([table.change(item, undefined)], { by: 'ttl' });
      }
    }
    this.#arm();
  }

  #oldest(): number {
    return Math.max(0, Math.floor(this.#database.clock.now() / 1000) - oldestSeconds);
  }
}

function secondsOf(key: string): number {
  return Number(key.slice(0, 15));
}
