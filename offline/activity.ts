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

  /** Counts `work` as under way until it has settled. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
      if (!this.busy) for (const tell of this.#waiting.splice(0)) tell();
    }
  }

  async idle(): Promise<void> {
    while (this.busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * Resolves once all parts are idle at the same time, so that nothing is on its way from one to another either:
 * what one hands over has reached the next before it calls itself idle.
 */
export async function allIdle(parts: readonly Background[]): Promise<void> {
  do {
    for (const part of parts) await part.idle();
  } while (parts.some((part) => part.busy));
}
