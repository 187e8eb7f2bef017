import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import {
  type Answer,
  type Call,
  type Need,
  type Principal,
  ServiceError,
  type ServiceName,
} from '../contract.ts';

/** One call as it is remembered. */
export interface RecordedCall {
  /** 1, 2, 3 ... in the order in which calls ended. */
  readonly seq: number;
  /** When the call ended: RFC 3339, UTC, on the stack's clock. */
  readonly time: string;
  readonly id: string;
  readonly principal: Principal;
  readonly service: ServiceName;
  readonly operation: string;
  readonly needs: readonly Need[];
  /** `ok`, or the code of the error that was answered. */
  readonly result: string;
  /** How long the answer took, in milliseconds of real time. */
  readonly ms: number;
  /** The faults that the call met, by their names with commas between. */
  readonly fault?: string;
}

/** The fourth stage: who called what on which ARN, with what result. */
export class CallRecord {
  readonly #clock: Clock;
  readonly #capacity: number;
  #file: number | undefined;
  readonly #listeners = new Set<(call: RecordedCall) => void>();
  #calls: RecordedCall[] = [];
  #seq = 0;

  /**
   * @param file JSON lines are appended to it, one a call
   * @param capacity how many calls stay in memory at least; twice as many at most
   */
  constructor(clock: Clock, file?: string, capacity = 10_000) {
    this.#clock = clock;
    this.#capacity = capacity;
    if (file) mkdirSync(dirname(file), { recursive: true });
    this.#file = file ? openSync(file, 'a') : undefined;
  }

  /** Runs `next` and notes what it came to. */
  async note(
    call: Call,
    needs: readonly Need[],
    next: () => Promise<Answer>,
    fault?: string,
  ): Promise<Answer> {
    const from = performance.now();
    try {
      const answer = await next();
      const failed = 'status' in answer && answer.status >= 400;
      this.#add(call, needs, failed ? String(answer.status) : 'ok', from, fault);
      return answer;
    } catch (error) {
      this.#add(call, needs, codeOf(error), from, fault);
      throw error;
    }
  }

  /** Notes a call that an earlier stage turned away. */
  noteRefused(call: Call, needs: readonly Need[], error: unknown, fault?: string): void {
    this.#add(call, needs, codeOf(error), performance.now(), fault);
  }

  /** The calls in memory with a `seq` above `after`, oldest first. */
  read(after = 0): readonly RecordedCall[] {
    return this.#calls.slice(this.#calls.findLastIndex((call) => call.seq <= after) + 1);
  }

  /** Hands every further call to `listener`; the answer ends that. */
  subscribe(listener: (call: RecordedCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes the file; what still comes is kept in memory only. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #add(call: Call, needs: readonly Need[], result: string, from: number, fault?: string): void {
    const recorded: RecordedCall = {
      seq: ++this.#seq,
      time: new Date(this.#clock.now()).toISOString(),
      id: call.id,
      principal: call.principal,
      service: call.service,
      operation: call.operation,
      needs,
      result,
      ms: Math.round((performance.now() - from) * 1000) / 1000,
      ...(fault && { fault }),
    };
    this.#calls.push(recorded);
    if (this.#calls.length > 2 * this.#capacity) this.#calls = this.#calls.slice(-this.#capacity);
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(recorded)}\n`);
    for (const listener of this.#listeners) listener(recorded);
  }
}

function codeOf(error: unknown): string {
  return error instanceof ServiceError ? error.code : error instanceof Error ? error.name : 'Error';
}
