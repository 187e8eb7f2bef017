/** Something that works in the background. */
export interface Background {
  /** Whether anything is under way or due at this moment of the clock. */
  readonly busy: boolean;
  /** Resolves once nothing is. */
  idle(): Promise<void>;
}

/** Counts what is under way, for those who wait until nothing is. */
export class Activity implements Background {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  get busy(): boolean {
    return this.#underWay > 0;
  }

  begin(): void {
    this.#underWay++;
  }

  end(): void {
    this.#underWay--;
    if (!this.busy) for (const tell of this.#waiting.splice(0)) tell();
  }

  /** Counts `work` as under way until it has settled. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.begin();
    try {
      return await work;
    } finally {
      this.end();
    }
  }

  /** Does not count what is under way as such while it waits for `occasion`. */
  async resting<Result>(occasion: Promise<Result>): Promise<Result> {
    this.end();
    try {
      return await occasion;
    } finally {
      this.begin();
    }
  }

  async idle(): Promise<void> {
    while (this.busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * Resolves once all parts are idle at the same time: nothing is on its way from one to another either.
 */
export async function allIdle(parts: readonly Background[]): Promise<void> {
  do {
    for (const part of parts) await part.idle();
    // What was handed over a moment ago wakes its receiver within this turn of the event loop.
    await new Promise(setImmediate);
  } while (parts.some((part) => part.busy));
}
