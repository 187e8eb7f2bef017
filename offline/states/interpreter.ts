import type { Activity } from '../activity.ts';
import type { Context } from '../contract.ts';
import { holds, noChoice } from './choice.ts';
import { isMeant, runtimeError, StateFailed } from './errors.ts';
import type { Execution, HistoryEvent } from './execution.ts';
import { type Scope as Data, evaluate, parseExpression, readIn } from './intrinsics.ts';
import type { Catcher, Retrier, State, StateOf, Steps } from './language.ts';
import { write } from './paths.ts';
import { fill } from './payload.ts';
import { runTask, type TaskHost } from './tasks.ts';

/** Step Functions Developer Guide, "Quotas": what a state takes and gives, in bytes. */
export const MOST_BYTES = 256 * 1024;
/** Quotas: a Standard execution ends with its 25,000th event. */
const MOST_EVENTS = 25_000;

export interface Host extends TaskHost {
  readonly context: Context;
  readonly activity: Activity;
  /** Keeps an event; with `visit`, what a restart needs to go on after it. */
  note(event: HistoryEvent, visit?: string, next?: string): void;
}

/** Where in the execution something happens: states within a Map or Parallel have a scope of their own. */
interface Scope {
  /** Begins the names of its visits. */
  readonly prefix: string;
  readonly visits: Map<string, number>;
  /** The event that the next one follows. */
  previous: number;
  /** False once a sibling has failed, or the execution has ended: what still runs here is nobody's. */
  readonly alive: () => boolean;
  /** `$$.Map` within an iteration. */
  readonly item?: { readonly Index: number; readonly Value: unknown };
}

interface Outcome {
  readonly output: unknown;
  readonly next: string | undefined;
}

/**
 * Runs one execution from its first state, or goes on with it: visits that have been left before a restart are
 * not made again, a state that had been entered is begun anew.
 */
export class Interpreter {
  readonly #host: Host;
  readonly #execution: Execution;
  readonly #top: Scope;

  constructor(host: Host, execution: Execution) {
    this.#host = host;
    this.#execution = execution;
    const alive = () => execution.status === 'RUNNING' && !host.closing.aborted;
    this.#top = { prefix: '', visits: new Map(), previous: 0, alive };
  }

  /** @throws StateFailed as the execution fails */
  async run(): Promise<unknown> {
    const { input, machine, history } = this.#execution;
    if (history.length === 0) this.#note('ExecutionStarted', { input, roleArn: machine.roleArn }, this.#top);
    else this.#top.previous = 1;
    return this.#steps(machine.definition, this.#top, JSON.parse(input));
  }

  /** Adds the last event to the history, whatever is still running. */
  close(type: string, details: object): void {
    this.#add(type, details, this.#top);
  }

  /** Adds an event to the history, unless nobody waits for its outcome any more. */
  #note(type: string, details: object, scope: Scope, visit?: string, next?: string): void {
    if (!scope.alive()) throw new Abandoned();
    if (this.#execution.history.length >= MOST_EVENTS) {
      throw runtimeError('The execution reached the maximum number of history events (25000).');
    }
    this.#add(type, details, scope, visit, next);
  }

  #add(type: string, details: object, scope: Scope, visit?: string, next?: string): void {
    const event: HistoryEvent = {
      id: this.#execution.history.length + 1,
      previousEventId: scope.previous,
      timestamp: this.#host.context.clock.now(),
      type,
      ...(Object.keys(details).length > 0 && { [detailsOf(type)]: details }),
    };
    this.#host.note(event, visit, next);
    scope.previous = event.id;
  }

  async #steps({ StartAt, States }: Steps, scope: Scope, input: unknown): Promise<unknown> {
    let data = input;
    for (let name: string | undefined = StartAt; name !== undefined; ) {
      const times = (scope.visits.get(name) ?? 0) + 1;
      scope.visits.set(name, times);
      const visit = `${scope.prefix}${name}#${times}`;
      const left = this.#execution.left.get(visit);
      if (left) scope.previous = left.eventId;
      const outcome: Outcome = left
        ? { output: left.output, next: left.next }
        : await this.#visit(States[name] as State, name, visit, scope, data);
      data = outcome.output;
      name = outcome.next;
    }
    return data;
  }

  async #visit(state: State, name: string, visit: string, scope: Scope, input: unknown): Promise<Outcome> {
    const entered = this.#execution.entered.get(visit);
    if (entered) scope.previous = entered.eventId;
    else this.#note(`${state.Type}StateEntered`, { name, input: JSON.stringify(input) }, scope, visit);
    this.#execution.path.push({ state: name, event: 'entered' });
    const at = this.#execution.entered.get(visit)?.at ?? this.#host.context.clock.now();
    const outcome = await this.#outcome(state, { name, visit, scope, input, at });
    const output = JSON.stringify(outcome.output);
    if (Buffer.byteLength(output) > MOST_BYTES) {
      throw new StateFailed(
        'States.DataLimitExceeded',
        `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      );
    }
    this.#note(`${state.Type}StateExited`, { name, output }, scope, visit, outcome.next);
    return outcome;
  }

  async #outcome(state: State, visiting: Visiting): Promise<Outcome> {
    const { input } = visiting;
    if (state.Type === 'Fail') throw this.#failure(state, visiting);
    const data = this.#data(visiting, input, 0);
    const given = state.InputPath === null ? {} : readIn(state.InputPath, data);
    const out = (output: unknown) =>
      state.OutputPath === null ? {} : readIn(state.OutputPath, { ...data, data: output });
    switch (state.Type) {
      case 'Succeed':
        return { output: out(given), next: undefined };
      case 'Choice': {
        const here = { ...data, data: given };
        const next = state.Choices.find((rule) => holds(rule, here))?.Next ?? state.Default ?? noChoice();
        return { output: out(given), next };
      }
      case 'Wait':
        await this.#wait(state, visiting, given);
        return { output: out(given), next: state.Next };
      case 'Pass': {
        const filled =
          state.Parameters === undefined ? given : fill(state.Parameters, { ...data, data: given });
        const result = state.Result === undefined ? filled : state.Result;
        return { output: out(placed(state.ResultPath, given, result)), next: state.Next };
      }
      default:
        return this.#attempts(state, { ...visiting, given }, out);
    }
  }

  /** Tries a state's work until it is done, given up, or caught. */
  async #attempts(
    state: StateOf<'Task' | 'Map' | 'Parallel'>,
    visiting: Visiting & { readonly given: unknown },
    out: (output: unknown) => unknown,
  ): Promise<Outcome> {
    const { name, given, input } = visiting;
    const tried = state.Retry.map(() => 0);
    for (let count = 0; ; count++) {
      try {
        const result = await this.#work(state, visiting, count);
        const data = this.#data(visiting, result, count);
        const selected = state.ResultSelector === undefined ? result : fill(state.ResultSelector, data);
        return { output: out(placed(state.ResultPath, given, selected)), next: state.Next };
      } catch (error) {
        if (!(error instanceof StateFailed)) throw error;
        const at = state.Retry.findIndex(({ ErrorEquals }) => isMeant(ErrorEquals, error));
        const retrier = state.Retry[at];
        if (retrier && (tried[at] as number) < retrier.MaxAttempts) {
          this.#execution.path.push({ state: name, event: 'retried', error: error.error });
          await this.#pause(this.#delayMs(retrier, (tried[at] as number)++));
          continue;
        }
        const catcher = state.Catch.find(({ ErrorEquals }) => isMeant(ErrorEquals, error));
        if (!catcher) throw error;
        this.#execution.path.push({ state: name, event: 'caught', error: error.error });
        return caught(catcher, error, input);
      }
    }
  }

  #work(
    state: StateOf<'Task' | 'Map' | 'Parallel'>,
    visiting: Visiting & { given: unknown },
    count: number,
  ): Promise<unknown> {
    const data = this.#data(visiting, visiting.given, count);
    if (state.Type === 'Map') return this.#map(state, visiting, data, count);
    const payload = state.Parameters === undefined ? visiting.given : fill(state.Parameters, data);
    if (state.Type === 'Parallel') return this.#parallel(state, visiting, payload, count);
    const note = (type: string, details: object) => this.#note(type, details, visiting.scope);
    return runTask(this.#host, state, payload, data, this.#execution, note);
  }

  async #parallel(
    state: StateOf<'Parallel'>,
    { scope, visit }: Visiting,
    payload: unknown,
    count: number,
  ): Promise<unknown[]> {
    this.#note('ParallelStateStarted', {}, scope);
    const siblings = { failed: false };
    try {
      const results = await this.#sideBySide(
        state.inner.map((branch, index) => {
          const inner = innerScope(scope, `${visit}~${count}/${index}/`, siblings);
          return this.#steps(branch, inner, payload);
        }),
      );
      this.#note('ParallelStateSucceeded', {}, scope);
      return results;
    } catch (error) {
      siblings.failed = true;
      if (error instanceof StateFailed) this.#note('ParallelStateFailed', failedDetails(error), scope);
      throw error;
    }
  }

  async #map(state: StateOf<'Map'>, visiting: Visiting, data: Data, count: number): Promise<unknown[]> {
    const { name, scope, visit } = visiting;
    const items = readIn(state.ItemsPath, data);
    if (!Array.isArray(items)) {
      throw runtimeError(`ItemsPath ${state.ItemsPath} of ${name} must name an array`);
    }
    this.#note('MapStateStarted', { length: items.length }, scope);
    const most = state.MaxConcurrencyPath
      ? Number(readIn(state.MaxConcurrencyPath, data))
      : state.MaxConcurrency;
    const results: unknown[] = new Array(items.length);
    const siblings = { failed: false };
    let nextIndex = 0;
    const lane = async () => {
      for (let index = nextIndex++; index < items.length && !siblings.failed; index = nextIndex++) {
        const item = { Index: index, Value: items[index] };
        const inner = { ...innerScope(scope, `${visit}~${count}/${index}/`, siblings), item };
        results[index] = await this.#iteration(state, visiting, data, inner).catch((error: unknown) => {
          siblings.failed = true;
          throw error;
        });
      }
    };
    try {
      // Step Functions Developer Guide, "Inline": up to 40 iterations at once.
      const lanes = Math.min(items.length, most === 0 ? 40 : most);
      await this.#sideBySide(Array.from({ length: lanes }, lane));
      this.#note('MapStateSucceeded', {}, scope);
      return results;
    } catch (error) {
      if (error instanceof StateFailed) this.#note('MapStateFailed', failedDetails(error), scope);
      throw error;
    }
  }

  /** Each counts as under way by itself, as one may wait for its time while another works. */
  #sideBySide<Result>(lanes: readonly Promise<Result>[]): Promise<Result[]> {
    const { activity } = this.#host;
    return activity.resting(Promise.all(lanes.map((lane) => activity.during(lane))));
  }

  async #iteration(
    state: StateOf<'Map'>,
    { name, at }: Visiting,
    data: Data,
    scope: Scope & { readonly item: { readonly Index: number; readonly Value: unknown } },
  ): Promise<unknown> {
    const details = { name, index: scope.item.Index };
    this.#note('MapIterationStarted', details, scope);
    try {
      const selector = state.ItemSelector ?? state.Parameters;
      const context = this.#context({ name, scope, at }, 0);
      const input = selector === undefined ? scope.item.Value : fill(selector, { ...data, context });
      const output = await this.#steps(state.inner[0] as Steps, scope, input);
      this.#note('MapIterationSucceeded', details, scope);
      return output;
    } catch (error) {
      if (error instanceof StateFailed) this.#note('MapIterationFailed', details, scope);
      throw error;
    }
  }

  async #wait(state: StateOf<'Wait'>, visiting: Visiting, given: unknown): Promise<void> {
    const { clock } = this.#host.context;
    const data = this.#data(visiting, given, 0);
    const timestamp = state.Timestamp ?? (state.TimestampPath && String(readIn(state.TimestampPath, data)));
    const seconds = state.Seconds ?? (state.SecondsPath && Number(readIn(state.SecondsPath, data)));
    const until = timestamp ? Date.parse(timestamp) : visiting.at + 1_000 * Number(seconds);
    if (Number.isNaN(until))
      throw runtimeError(`${visiting.name} waits for no time: ${timestamp ?? seconds}`);
    await this.#pause(until - clock.now());
  }

  /** Waits on the stack's clock; nothing is under way meanwhile. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { context, activity, closing } = this.#host;
    await activity.resting(context.clock.sleep(ms, closing));
    closing.throwIfAborted();
  }

  /** Step Functions Developer Guide, "Retrying": FULL jitter draws from 0 up to the delay. */
  #delayMs(
    { IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy }: Retrier,
    tried: number,
  ): number {
    const delay = 1_000 * Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds ?? Infinity);
    return JitterStrategy === 'FULL' ? this.#host.context.random.next() * delay : delay;
  }

  #failure(state: StateOf<'Fail'>, visiting: Visiting): StateFailed {
    const data = this.#data(visiting, visiting.input, 0);
    const given = (value: string | undefined, path: string | undefined) =>
      path === undefined ? (value ?? '') : String(evaluate(parseExpression(path), data));
    return new StateFailed(given(state.Error, state.ErrorPath), given(state.Cause, state.CausePath));
  }

  #data(visiting: Pick<Visiting, 'name' | 'scope' | 'at'>, data: unknown, retries: number): Data {
    return { data, context: this.#context(visiting, retries), random: this.#host.context.random };
  }

  /** The context object. Source: Step Functions Developer Guide, "Accessing execution data from the Context object". */
  #context({ name, scope, at }: Pick<Visiting, 'name' | 'scope' | 'at'>, retries: number) {
    const { arn, name: executionName, input, startedAt, machine } = this.#execution;
    return {
      Execution: {
        Id: arn,
        Input: JSON.parse(input),
        Name: executionName,
        RoleArn: machine.roleArn,
        StartTime: new Date(startedAt).toISOString(),
      },
      StateMachine: { Id: machine.arn, Name: machine.name },
      State: { Name: name, EnteredTime: new Date(at).toISOString(), RetryCount: retries },
      ...(scope.item && { Map: { Item: scope.item } }),
    };
  }
}

/** Thrown where nobody waits for the outcome any more. */
class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/** One visit to a state. */
interface Visiting {
  readonly name: string;
  readonly visit: string;
  readonly scope: Scope;
  readonly input: unknown;
  /** When the state was entered. */
  readonly at: number;
}

function innerScope(outer: Scope, prefix: string, siblings: { readonly failed: boolean }): Scope {
  const { previous, item } = outer;
  const alive = () => !siblings.failed && outer.alive();
  return { prefix, visits: new Map(), previous, alive, ...(item && { item }) };
}

function placed(path: string | null, given: unknown, result: unknown): unknown {
  return path === null ? given : write(path, given, result);
}

function caught({ ResultPath, Next }: Catcher, { error, reason }: StateFailed, input: unknown): Outcome {
  return { output: placed(ResultPath, input, { Error: error, Cause: reason }), next: Next };
}

function failedDetails({ error, reason }: StateFailed) {
  return { error, cause: reason };
}

/** `stateEnteredEventDetails`, `taskFailedEventDetails` ... as the API names the members. */
function detailsOf(type: string): `${string}EventDetails` {
  const [, which] = /State(Entered|Exited)$/.exec(type) ?? [];
  if (which) return `state${which}EventDetails`;
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
