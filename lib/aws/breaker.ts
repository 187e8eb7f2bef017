const FAILURES = 5;
const WINDOW_MS = 10_000;
const OPEN_MS = 30_000;
const CLOSED = Number.NEGATIVE_INFINITY;

/**
 * Keeps a service that fails from being asked again and again: after five failures within ten seconds it is left
 * alone for thirty, then one call tries whether it is back.
 */
export class CircuitBreaker {
  private readonly failures: number[] = [];
  private openUntil = CLOSED;
  private readonly now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Whether the service is to be left alone at the moment. */
  get isOpen(): boolean {
    return this.now() < this.openUntil;
  }

  /** Runs the call. @throws what it throws */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      const result = await call();
      this.failures.length = 0;
      this.openUntil = CLOSED;
      return result;
    } catch (error) {
      this.fail();
      throw error;
    }
  }

  private fail(): void {
    const now = this.now();
    this.failures.push(now);
    while ((this.failures[0] as number) < now - WINDOW_MS) this.failures.shift();
    const wasTrying = this.openUntil !== CLOSED;
    if (wasTrying || this.failures.length >= FAILURES) this.openUntil = now + OPEN_MS;
  }
}
