import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { Journal } from '../journal.ts';
import {
  apply,
  type Closed,
  type Execution,
  type Happening,
  type Line,
  newExecution,
  type Started,
} from './execution.ts';
import type { Machine } from './machines.ts';

/** Step Functions Developer Guide, "Quotas": a closed execution is kept for 90 days. */
const KEPT_MS = 90 * 86_400_000;
/** Executions of Express machines that can be looked at; AWS keeps none. */
const EXPRESS_KEPT = 1_000;

/** How many lines of forgotten executions the journal may hold before it is written anew without them. */
const LINES_BEFORE_REWRITE = 20_000;

/**
 * The executions of all machines. Those of Standard machines are in a journal before anybody hears of them, with
 * every event of their history, so that a restart goes on where a kill stopped them; those of Express machines
 * are lost with the process, as AWS reserves the right to.
 */
export class Executions {
  readonly #clock: Clock;
  readonly #journal: Journal<Line>;
  readonly #standard = new Map<string, Execution>();
  readonly #express: Execution[] = [];
  #forgotten = 0;

  constructor(stateDir: string, clock: Clock, machines: ReadonlyMap<string, Machine>) {
    this.#clock = clock;
    this.#journal = Journal.open<Line>(join(stateDir, 'states.jsonl'), (line) => {
      if (!('start' in line)) {
        const execution = this.#standard.get(line.arn);
        if (execution) apply(execution, line);
        return;
      }
      // A machine that has left the template takes its executions along.
      const machine = machines.get(line.start.machineArn);
      if (machine) this.#standard.set(line.start.arn, newExecution(line.start, machine));
    });
    this.#forget();
    this.#rewrite();
  }

  start(started: Started, machine: Machine): Execution {
    const execution = newExecution(started, machine);
    if (machine.type === 'STANDARD') {
      this.#journal.append({ start: started });
      this.#standard.set(started.arn, execution);
    } else {
      this.#express.push(execution);
      if (this.#express.length > EXPRESS_KEPT) this.#express.shift();
    }
    return execution;
  }

  /** Keeps what happened, in the journal first. */
  note(execution: Execution, happening: Happening): void {
    if (execution.machine.type === 'STANDARD') this.#journal.append({ arn: execution.arn, ...happening });
    apply(execution, happening);
  }

  close(execution: Execution, closed: Closed): void {
    this.note(execution, { closed });
    this.#forget();
    if (this.#forgotten > LINES_BEFORE_REWRITE) this.#rewrite();
  }

  find(arn: string): Execution | undefined {
    this.#forget();
    return this.#standard.get(arn);
  }

  /** A machine's executions, newest first. */
  of(machine: Machine): Execution[] {
    this.#forget();
    return [...this.#standard.values()].filter((each) => each.machine.arn === machine.arn).reverse();
  }

  /** Every execution that is known, oldest first. */
  all(): Execution[] {
    return [...this.#standard.values(), ...this.#express].sort((a, b) => a.startedAt - b.startedAt);
  }

  end(): void {
    this.#journal.close();
  }

  #forget(): void {
    const before = this.#clock.now() - KEPT_MS;
    for (const [arn, { stoppedAt, happenings }] of this.#standard) {
      if (stoppedAt === undefined || stoppedAt >= before) continue;
      this.#standard.delete(arn);
      this.#forgotten += happenings.length;
    }
  }

  #rewrite(): void {
    this.#journal.rewrite(this.#lines());
    this.#forgotten = 0;
  }

  *#lines(): Generator<Line> {
    for (const execution of this.#standard.values()) {
      const { arn, name, machineArn, input, startedAt, revision, traceHeader } = execution;
      yield { start: { arn, name, machineArn, input, startedAt, revision, traceHeader } };
      for (const happening of execution.happenings) yield { arn, ...happening };
    }
  }
}
