import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { Journal } from '../journal.ts';

/** What one answer listed, under the id that it was given. */
interface Answered {
  readonly id: string;
  readonly at: number;
  readonly items: readonly string[];
  /** The campaign that answered. */
  readonly campaignArn: string;
}

/** How long the items of an answer are known as its impressions. */
const KEPT_MS = 24 * 3_600_000;
const LINES_BEFORE_REWRITE = 20_000;

/** What answers listed in the last 24 hours: an event that names an answer was seen among its items. */
export class Shown {
  readonly #clock: Clock;
  readonly #journal: Journal<Answered>;
  readonly #byId = new Map<string, Answered>();
  #lines = 0;

  constructor(stateDir: string, clock: Clock) {
    this.#clock = clock;
    this.#journal = Journal.open<Answered>(join(stateDir, 'personalize-shown.jsonl'), (answered) =>
      this.#byId.set(answered.id, answered),
    );
    this.#rewrite();
  }

  add(id: string, items: readonly string[], campaignArn: string): void {
    const answered = { id, at: this.#clock.now(), items, campaignArn };
    this.#journal.append(answered);
    this.#byId.set(id, answered);
    this.#lines += 1;
    if (this.#lines > LINES_BEFORE_REWRITE) this.#rewrite();
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** What the answer listed and who answered; undefined where that is no longer or never was known. */
  of(id: string): Pick<Answered, 'items' | 'campaignArn'> | undefined {
    const answered = this.#byId.get(id);
    return answered && this.#isKept(answered) ? answered : undefined;
  }

  close(): void {
    this.#journal.close();
  }

  #isKept({ at }: Answered): boolean {
    return this.#clock.now() - at < KEPT_MS;
  }

  #rewrite(): void {
    for (const [id, answered] of this.#byId) if (!this.#isKept(answered)) this.#byId.delete(id);
    this.#journal.rewrite(this.#byId.values());
    this.#lines = this.#byId.size;
  }
}
