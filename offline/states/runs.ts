import { Activity, type Background } from '../activity.ts';
import type { Context } from '../contract.ts';
import { runtimeError, StateFailed, toldError } from './errors.ts';
import type { Closed, Execution } from './execution.ts';
import { Interpreter } from './interpreter.ts';
import type { Executions } from './store.ts';

/** Step Functions Developer Guide, "Quotas": an Express execution ends after five minutes. */
const EXPRESS_MS = 5 * 60_000;

/** Quotas: a Standard execution ends after a year. */
const STANDARD_MS = 365 * 86_400_000;

const EVENTS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

type Ending = Omit<Closed, 'stoppedAt'>;

/** Nobody waits for what the execution comes to: it was ended from outside, or the stack stops. */
class Ended extends Error {
  override readonly name = 'Ended';
}

/** An execution at work. */
interface Running {
  readonly interpreter: Interpreter;
  readonly closing: AbortController;
}

/** Runs executions to their end, on the clock. */
export class Runs implements Background {
  readonly #context: Context;
  readonly #executions: Executions;
  readonly #functions: ReadonlySet<string>;
  readonly #activity = new Activity();
  readonly #running = new Map<Execution, Running>();

  /** @param functions the ARNs of the stack's functions */
  constructor(context: Context, executions: Executions, functions: ReadonlySet<string>) {
    this.#context = context;
    this.#executions = executions;
    this.#functions = functions;
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /** Begins an execution, or goes on with it. Resolves once it has ended or the stack stops; never rejects. */
  run(execution: Execution): Promise<void> {
    return this.#activity.during(this.#run(execution));
  }

  /** Goes on with what a stop or a kill left running. */
  goOn(): void {
    for (const execution of this.#executions.all()) {
      if (execution.status === 'RUNNING' && !this.#running.has(execution)) void this.run(execution);
    }
  }

  /** Ends an execution at once, if it runs; what is still under way of it is nobody's. */
  end(execution: Execution, ending: Ending): void {
    const running = this.#running.get(execution);
    if (!running || execution.status !== 'RUNNING') return;
    const { status, output, error = '', cause = '' } = ending;
    const details = output === undefined ? toldError({ error, reason: cause }) : { output };
    running.interpreter.close(EVENTS[status], details);
    this.#executions.close(execution, { ...ending, stoppedAt: this.#context.clock.now() });
    running.closing.abort(new Ended());
  }

  /** Lets go of what runs: it stays as it is, for the next start to go on with. */
  async close(): Promise<void> {
    for (const { closing } of this.#running.values()) closing.abort(new Ended());
    await this.#activity.idle();
  }

  async #run(execution: Execution): Promise<void> {
    const closing = new AbortController();
    const interpreter = new Interpreter(
      {
        context: this.#context,
        activity: this.#activity,
        functions: this.#functions,
        closing: closing.signal,
        keep: (happening) => this.#executions.note(execution, happening),
      },
      execution,
    );
    this.#running.set(execution, { interpreter, closing });
    const timer = this.#context.clock.setTimeout(
      () => this.end(execution, { status: 'TIMED_OUT' }),
      this.#leftMs(execution),
    );
    const stopped = new Promise<never>((_, reject) =>
      closing.signal.addEventListener('abort', () => reject(closing.signal.reason), { once: true }),
    );
    try {
      const output = await Promise.race([outputOf(execution, interpreter), stopped]);
      this.end(execution, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      if (!(error instanceof Ended)) this.end(execution, this.#failure(error, execution));
    } finally {
      timer.cancel();
      this.#running.delete(execution);
    }
  }

  #leftMs({ startedAt, machine }: Execution): number {
    const { TimeoutSeconds = Number.POSITIVE_INFINITY } = machine.definition;
    const most = machine.type === 'EXPRESS' ? EXPRESS_MS : STANDARD_MS;
    return startedAt + Math.min(most, 1_000 * TimeoutSeconds) - this.#context.clock.now();
  }

  #failure(error: unknown, { machine }: Execution): Ending {
    if (error instanceof StateFailed) return { status: 'FAILED', ...toldError(error) };
    const what = error instanceof Error ? error.stack : String(error);
    this.#context.log(`${machine.name} ended in an unexpected error: ${what}`);
    return { status: 'FAILED', error: 'States.Runtime', cause: String(error) };
  }
}

/** Where a machine has changed, AWS would go on by the old definition, which isn't kept here. */
async function outputOf(
  { revision, machine, history }: Execution,
  interpreter: Interpreter,
): Promise<unknown> {
  if (history.length === 0 || revision === machine.revision) return interpreter.run();
  throw runtimeError(`${machine.name} was changed while the execution was not running.`);
}
