import type { Sandbox } from './sandbox.ts';

/** As much of a worker as decides whether it stays when it has nothing to do. */
export interface IdleWorker {
  readonly sandbox: Pick<Sandbox, 'alive' | 'end' | 'rest'>;
  /** Whose events it serves. */
  readonly crew: object;
  idleSince: number;
  /** Whether it has given back what its last event left. */
  rested: boolean;
}

/** Idle workers kept at most, over all functions: about 40 MB each. An upload wakes six functions, the clock two. */
const MOST = 8;

/** Idle workers kept while a burst lasts: those that are done for a moment are wanted again the next. */
const MOST_IN_BURST = 16;

/** The workers without an event, and which of them stay. Times are milliseconds of real time. */
export class IdleWorkers<Worker extends IdleWorker> {
  /** Longest idle first. */
  #workers: Worker[] = [];

  has(worker: Worker): boolean {
    return this.#workers.includes(worker);
  }

  add(worker: Worker): void {
    worker.idleSince = performance.now();
    worker.rested = false;
    this.#workers.push(worker);
  }

  /** The one of these that was at work last, as it is the warmest. */
  take(crew: Worker['crew']): Worker | undefined {
    const at = this.#workers.findLastIndex((worker) => worker.crew === crew && worker.sandbox.alive);
    return at < 0 ? undefined : this.#workers.splice(at, 1)[0];
  }

  remove(worker: Worker): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  /** Ends what is more than a burst needs. */
  trim(): void {
    this.#endSurplus(MOST_IN_BURST);
  }

  endAll(): void {
    for (const worker of this.#workers.splice(0)) void worker.sandbox.end();
  }

  /**
   * Ends those that have had nothing to do for `idleMs`, and after a burst all but the latest of each function, which
   * give back what they took. `of` is how many workers there are: whether all of them rest now, is answered.
   */
  sweep(idleMs: number, burstMs: number, of: number): boolean {
    const now = performance.now();
    for (const worker of this.#workers.filter(({ idleSince }) => idleSince < now - idleMs)) this.#end(worker);
    const resting = this.#workers.filter(({ idleSince }) => idleSince < now - burstMs);
    const latest = new Set(new Map(resting.map((worker) => [worker.crew, worker])).values());
    for (const worker of resting) {
      if (!latest.has(worker)) this.#end(worker);
      else if (!worker.rested) worker.sandbox.rest();
      worker.rested = true;
    }
    const allRest = resting.length === of;
    if (allRest) this.#endSurplus(MOST);
    return allRest;
  }

  #endSurplus(most: number): void {
    while (this.#workers.length > most) void this.#takeSurplus()?.sandbox.end();
  }

  /** Of a function that has another one idle, if there is such: its next event is served warm all the same. */
  #takeSurplus(): Worker | undefined {
    const again = this.#workers.findIndex((worker, at) =>
      this.#workers.some((other, place) => place > at && other.crew === worker.crew),
    );
    return this.#workers.splice(Math.max(0, again), 1)[0];
  }

  #end(worker: Worker): void {
    this.remove(worker);
    void worker.sandbox.end();
  }
}
