/**
 * The one clock of the local AWS. Every engine, poller, retry, TTL and schedule asks it, so that a test
 * can let a day pass in milliseconds. It runs with real time plus an offset that only `advance` moves.
 */
export interface Timer {
  cancel(): void;
}

interface Pending extends Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

export class Clock {
  /** The offset in milliseconds, shared with the workers so that handlers read the same time. */
  readonly shared = new SharedArrayBuffer(8);
  readonly #offset = new Float64Array(this.shared);
  readonly #pending = new Set<Pending>();
  readonly #keep: (offsetMs: number) => void;
  #order = 0;
  #wake: NodeJS.Timeout | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  /**
   * @param offsetMs how far ahead of real time it begins
   * @param keep told of each offset before the clock has it, so that time never goes back over a restart
   */
  constructor(offsetMs = 0, keep: (offsetMs: number) => void = () => {}) {
    this.#offsetMs = offsetMs;
    this.#keep = keep;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /**
   * Runs `run` once, `ms` milliseconds of this clock from now. Never keeps the process alive.
   * @throws RangeError where `ms` is no number
   */
  setTimeout(run: () => void, ms: number): Timer {
    if (Number.isNaN(ms)) throw new RangeError(`Expected a number of milliseconds, got ${ms}.`);
    const timer: Pending = {
      due: this.now() + Math.max(0, ms),
      order: this.#order++,
      run,
      cancel: () => this.#pending.delete(timer),
    };
    if (this.#stopped) return timer;
    this.#pending.add(timer);
    if (timer.due < this.#wakeAt) this.#arm();
    return timer;
  }

  /** Resolves after `ms` milliseconds of this clock, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = () => {
        timer.cancel();
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = this.setTimeout(finish, ms);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  /**
   * Jumps `ms` milliseconds ahead. Timers that fall due on the way run in order of their time, each seeing
   * its own time on the clock, with a turn of the event loop between them for what they start, and one before
   * them for what was started already.
   * @throws RangeError where `ms` isn't a finite number from 0: time never goes back
   */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new RangeError(`Expected a number of milliseconds from 0, got ${ms}.`);
    }
    await new Promise(setImmediate);
    const target = this.now() + ms;
    this.#keep(this.#offsetMs + ms);
    for (let next = this.#earliest(); next && next.due <= target; next = this.#earliest()) {
      this.#offsetMs += Math.max(0, next.due - this.now());
      this.#fire(next);
      await new Promise(setImmediate);
    }
    this.#offsetMs += Math.max(0, target - this.now());
    this.#arm();
  }

  /** Forgets every timer, those still to be set too: none runs afterwards, and who sleeps sleeps on. */
  stop(): void {
    this.#stopped = true;
    this.#pending.clear();
    this.#arm();
  }

  get #offsetMs(): number {
    return this.#offset[0] ?? 0;
  }

  set #offsetMs(ms: number) {
    this.#offset[0] = ms;
  }

  #earliest(): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }

  #fire(timer: Pending): void {
    this.#pending.delete(timer);
    timer.run();
  }

  #arm(): void {
    clearTimeout(this.#wake);
    const next = this.#earliest();
    this.#wakeAt = next?.due ?? Number.POSITIVE_INFINITY;
    if (!next) return;
    // Node fires timers of more than 2^31 - 1 ms at once.
    const delay = Math.min(Math.max(0, next.due - this.now()), 2 ** 31 - 1);
    this.#wake = setTimeout(() => this.#runDue(), delay);
    this.#wake.unref();
  }

  #runDue(): void {
    try {
      for (let next = this.#earliest(); next && next.due <= this.now(); next = this.#earliest()) {
        this.#fire(next);
      }
    } finally {
      this.#arm();
    }
  }
}
