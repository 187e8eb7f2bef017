import { Activity, type Background } from './activity.ts';
import type { Clock, Timer } from './clock.ts';
import { Journal } from './journal.ts';

export interface DeliverySettings<Item> {
  /** The journal's file. */
  readonly file: string;
  readonly clock: Clock;
  /** Delivers one item once; throws where it could not be delivered. */
  readonly attempt: (item: Item, attempts: number) => Promise<void>;
  /** Milliseconds to wait after `attempts` failed ones, the last with `error`; undefined gives up. */
  readonly retryAfter: (attempts: number, error: unknown, item: Item) => number | undefined;
  /** What becomes of an item that is given up. Where this throws, the item stays owed. */
  readonly giveUp: (item: Item, error: unknown, attempts: number) => Promise<void>;
}

interface Owed<Item> {
  readonly item: Item;
  readonly attempts: number;
  readonly dueAt: number;
}

type Entry<Item> =
  | { readonly id: number; readonly owed: Owed<Item> }
  | { readonly id: number; readonly attempts: number; readonly dueAt: number }
  | { readonly id: number; readonly done: true };

/** When an item that could be neither delivered nor given up is tried again. */
const MS_UNTIL_GIVEN_UP_AGAIN = 20_000;

/** How many lines the journal may grow by before it is written anew with what is left. */
const LINES_BEFORE_REWRITE = 20_000;

/**
 * What was promised and isn't delivered yet: each item is in the journal before `owe` returns, is tried until
 * it is delivered or given up, and is still owed after a restart.
 */
export class Deliveries<Item> implements Background {
  readonly #settings: DeliverySettings<Item>;
  readonly #owed = new Map<number, Owed<Item>>();
  readonly #underWay = new Set<number>();
  readonly #activity = new Activity();
  readonly #journal: Journal<Entry<Item>>;
  #nextId = 1;
  #lines = 0;
  #alarm: Timer | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(settings: DeliverySettings<Item>) {
    this.#settings = settings;
    this.#journal = Journal.open<Entry<Item>>(settings.file, (entry) => this.#apply(entry));
    this.#rewrite();
    this.#wait();
  }

  /** Takes items over. They are safe when this returns; delivering begins at once. */
  owe(...items: Item[]): void {
    const dueAt = this.#settings.clock.now();
    const entries = items.map((item) => ({ id: this.#nextId++, owed: { item, attempts: 0, dueAt } }));
    if (entries.length > 0) this.#write(...entries);
    for (const { id } of entries) this.#start(id);
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /** Waits for the attempts under way; the rest stays owed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm?.cancel();
    await this.#activity.idle();
    this.#journal.close();
  }

  #start(id: number): void {
    this.#underWay.add(id);
    void this.#activity.during(this.#try(id));
  }

  async #try(id: number): Promise<void> {
    const { clock, attempt, retryAfter } = this.#settings;
    const { item, attempts } = this.#owed.get(id) as Owed<Item>;
    try {
      await attempt(item, attempts + 1);
      this.#write({ id, done: true });
    } catch (error) {
      const wait = retryAfter(attempts + 1, error, item);
      const settled = wait === undefined && (await this.#giveUp(item, error, attempts + 1));
      if (settled) this.#write({ id, done: true });
      else
        this.#write({ id, attempts: attempts + 1, dueAt: clock.now() + (wait ?? MS_UNTIL_GIVEN_UP_AGAIN) });
    }
    this.#underWay.delete(id);
    this.#wait();
  }

  async #giveUp(item: Item, error: unknown, attempts: number): Promise<boolean> {
    try {
      await this.#settings.giveUp(item, error, attempts);
      return true;
    } catch {
      return false;
    }
  }

  /** Sets the alarm for the next item that is due. */
  #wait(): void {
    if (this.#closed) return;
    let next = Number.POSITIVE_INFINITY;
    for (const [id, { dueAt }] of this.#owed) if (!this.#underWay.has(id)) next = Math.min(next, dueAt);
    if (next >= this.#alarmAt) return;
    this.#alarm?.cancel();
    this.#alarmAt = next;
    this.#alarm = this.#settings.clock.setTimeout(() => this.#ring(), next - this.#settings.clock.now());
  }

  #ring(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now = this.#settings.clock.now();
    for (const [id, { dueAt }] of this.#owed) if (dueAt <= now && !this.#underWay.has(id)) this.#start(id);
    this.#wait();
  }

  #write(...entries: Entry<Item>[]): void {
    this.#journal.append(...entries);
    for (const entry of entries) this.#apply(entry);
    this.#lines += entries.length;
    if (this.#lines > LINES_BEFORE_REWRITE) this.#rewrite();
  }

  #apply(entry: Entry<Item>): void {
    this.#nextId = Math.max(this.#nextId, entry.id + 1);
    const owed = this.#owed.get(entry.id);
    if ('done' in entry) this.#owed.delete(entry.id);
    else if ('owed' in entry) this.#owed.set(entry.id, entry.owed);
    else if (owed) this.#owed.set(entry.id, { ...owed, attempts: entry.attempts, dueAt: entry.dueAt });
  }

  #rewrite(): void {
    this.#journal.rewrite([...this.#owed].map(([id, owed]) => ({ id, owed })));
    this.#lines = 0;
  }
}
