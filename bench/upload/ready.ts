import { setTimeout as sleep } from 'node:timers/promises';
import { LogTail } from '../../test/support/log-tail.ts';
import type { ReachedStack } from '../../test/support/stack.ts';

/** How often the log is looked at, in milliseconds: that says when photos were ready, so it makes no figure longer. */
const LOOK_MS = 50;
const PATIENCE_MS = 120_000;

/** The end of a thumbnailer's work. */
export interface Ready {
  /** When, in milliseconds since the epoch; the table has had it for less than one. */
  readonly at: number;
  /** How long the work took, in milliseconds. */
  readonly ms: number;
}

/**
 * Which photos have become ready, and when, as the thumbnailer logs it: one line a photo, right after the table has
 * taken the change. Nobody asks the API over and over, which would take time from what is measured.
 */
export class ReadyPhotos {
  readonly #tail: LogTail;
  readonly #ready = new Map<string, Ready>();

  private constructor(tail: LogTail) {
    this.#tail = tail;
  }

  /** Those of a stack that logs at level INFO, from now on. */
  static async of({ stateDir }: ReachedStack): Promise<ReadyPhotos> {
    const tail = new LogTail(stateDir);
    await tail.read();
    return new ReadyPhotos(tail);
  }

  /** How many there are by now. */
  async count(): Promise<number> {
    for (const { message, outcome, photoId, timestamp, ms } of await this.#tail.read()) {
      if (message !== 'make-renditions' || outcome !== 'ready') continue;
      this.#ready.set(String(photoId), { at: Date.parse(String(timestamp)), ms: Number(ms) });
    }
    return this.#ready.size;
  }

  /**
   * Resolves when all of these are ready.
   * @throws Error where none more has become ready for two minutes
   */
  async waitFor(photoIds: Iterable<string>): Promise<void> {
    let missing = [...photoIds];
    let until = performance.now() + PATIENCE_MS;
    while (missing.length > 0) {
      await this.count();
      const still = missing.filter((id) => !this.#ready.has(id));
      if (still.length < missing.length) until = performance.now() + PATIENCE_MS;
      else if (performance.now() > until) {
        throw new Error(`Waited ${PATIENCE_MS / 1_000} s for ${still.length} photos, as ${still[0]}.`);
      }
      missing = still;
      if (missing.length > 0) await sleep(LOOK_MS);
    }
  }

  /** @throws Error where it has not become ready */
  get(photoId: string): Ready {
    const ready = this.#ready.get(photoId);
    if (!ready) throw new Error(`Expected photo ${photoId} to be ready.`);
    return ready;
  }

  close(): Promise<void> {
    return this.#tail.close();
  }
}
