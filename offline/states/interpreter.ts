import type { Activity } from '../activity.ts';
import type { Context } from '../contract.ts';
import { holds, noChoice } from './choice.ts';
import { contextObject } from './context-object.ts';
import { isMeant, placedAt, runtimeError, StateFailed, withinLimit } from './errors.ts';
import type { Execution, Happening, Tries } from './execution.ts';
import { History, type MapItem, type Scope } from './history.ts';
import { type Scope as Data, readIn } from './intrinsics.ts';
import type { Catcher, State, StateOf, Steps } from './language.ts';
import { write } from './paths.ts';
import { fill, resolved } from './payload.ts';
import { runTask, type TaskHost } from './tasks.ts';
import { delayMs, endOfWait } from './timing.ts';

/** After so many states others get their turn: a machine may go round in circles without ever waiting. */
const STATES_A_TURN = 100;

/** Step Functions Developer Guide, "Inline": so many iterations of a Map at once. */
const MOST_AT_ONCE = 40;

export interface Host extends TaskHost {
  readonly context: Context;
  readonly activity: Activity;
  /** Keeps what happened. */
  keep(happening: Happening): void;
}

interface Outcome {
  readonly output: unknown;
  readonly next?: string | undefined;
  /** The error that was caught. */
  readonly caught?: string | undefined;
}

/** One visit to a state. */
interface Visiting {
  readonly name: string;
  readonly visit: string;
  readonly scope: Scope;
  /** What the state was given, before InputPath. */
  readonly input: unknown;
  /** When the state was entered. */
  readonly at: number;
}

/**
 * Runs one execution from its first state, or goes on with it: visits that have been left before a restart are
 * not made again, a state that had been entered is begun anew.
 */
export class Interpreter {
  readonly #host: Host;
  readonly #execution: Execution;
  readonly #history: History;
  readonly #top: Scope;
  #states = 0;

  constructor(host: Host, execution: Execution) {
    this.#host = host;
    this.#execution = execution;
    this.#history = new History(execution, host.context.clock, host.keep);
    const alive = () => execution.status === 'RUNNING' && !host.closing.aborted;
    this.#top = { prefix: '', visits: new Map(), previous: 0, alive };
  }

  /** @throws StateFailed as the execution fails */
  async run(): Promise<unknown> {
    const { input, machine, history } = this.#execution;
    if (history.length === 0) {
      this.#history.note('ExecutionStarted', { input, roleArn: machine.roleArn }, this.#top);
    }
    // The first state follows nothing, as AWS counts.
    this.#top.previous = 0;
    return this.#steps(machine.definition, this.#top, JSON.parse(input));
  }

  /** Adds the last event to the history, whatever is still running. */
  close(type: string, details: object): void {
    this.#history.add(type, details, this.#top);
  }

  async #steps({ StartAt, States }: Steps, scope: Scope, input: unknown): Promise<unknown> {
    let data = input;
    for (let name: string | undefined = StartAt; name !== undefined; ) {
      if (++this.#states % STATES_A_TURN === 0) await new Promise(setImmediate);
      const times = (scope.visits.get(name) ?? 0) + 1;
      scope.visits.set(name, times);
      const visit = `${scope.prefix}${name}#${times}`;
      const left = this.#execution.left.get(visit);
      if (left) scope.previous = left.eventId;
      const outcome: Outcome = left ?? (await this.#visit(States[name] as State, name, visit, scope, data));
      data = outcome.output;
      name = outcome.next;
    }
    return data;
  }

  async #visit(state: State, name: string, visit: string, scope: Scope, input: unknown): Promise<Outcome> {
    const { entered } = this.#execution;
    if (!entered.has(visit)) {
      const details = { name, input: JSON.stringify(input) };
      this.#history.note(`${state.Type}StateEntered`, details, scope, { visit });
    }
    const { at, eventId } = entered.get(visit) as { at: number; eventId: number };
    scope.previous = eventId;
    try {
      const outcome = await this.#outcome(state, { name, visit, scope, input, at });
      const { next, caught } = outcome;
      const output = withinLimit(outcome.output, name);
      this.#history.note(`${state.Type}StateExited`, { name, output }, scope, { visit, next, caught });
      return outcome;
    } catch (error) {
      throw placedAt(error, name, eventId);
    }
  }

  async #outcome(state: State, visiting: Visiting): Promise<Outcome> {
    const { input, at } = visiting;
    const data = this.#data(visiting, input, 0);
    if (state.Type === 'Fail') throw failureOf(state, data);
    const given = state.InputPath === null ? {} : readIn(state.InputPath, data);
    const here = { ...data, data: given };
    const out = (output: unknown) =>
      state.OutputPath === null ? {} : readIn(state.OutputPath, { ...data, data: output });
    switch (state.Type) {
      case 'Succeed':
        return { output: out(given) };
      case 'Choice': {
        const next = state.Choices.find((rule) => holds(rule, here))?.Next ?? state.Default ?? noChoice();
        return { output: out(given), next };
      }
      case 'Wait':
        await this.#pause(endOfWait(state, at, here));
        return { output: out(given), next: state.Next };
      case 'Pass': {
        const filled = state.Parameters === undefined ? given : fill(state.Parameters, here);
        const result = state.Result === undefined ? filled : state.Result;
        return { output: out(placed(state.ResultPath, input, result)), next: state.Next };
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
    const { visit, input } = visiting;
    const none: Tries = { counts: state.Retry.map(() => 0), until: 0 };
    for (;;) {
      const tries = this.#execution.tries.get(visit) ?? none;
      await this.#pause(tries.until);
      const retries = tries.counts.reduce((sum, count) => sum + count, 0);
      try {
        const result = await this.#work(state, visiting, retries);
        const data = this.#data(visiting, result, retries);
        const selected = state.ResultSelector === undefined ? result : fill(state.ResultSelector, data);
        return { output: out(placed(state.ResultPath, input, selected)), next: state.Next };
      } catch (error) {
        if (!(error instanceof StateFailed)) throw error;
        if (this.#triesAgain(state, visiting, tries, error)) continue;
        const catcher = state.Catch.find(({ ErrorEquals }) => isMeant(ErrorEquals, error));
        if (!catcher) throw error;
        return caughtBy(catcher, error, input);
      }
    }
  }

  /** Whether a retrier is for the error and has tries left; one is then taken off, in the journal first. */
  #triesAgain(
    { Retry }: StateOf<'Task' | 'Map' | 'Parallel'>,
    { name, visit }: Visiting,
    { counts }: Tries,
    failure: StateFailed,
  ): boolean {
    const at = Retry.findIndex(({ ErrorEquals }) => isMeant(ErrorEquals, failure));
    const retrier = Retry[at];
    const count = counts[at];
    if (!retrier || count === undefined || count >= retrier.MaxAttempts) return false;
    const { clock, random } = this.#host.context;
    const until = clock.now() + delayMs(retrier, count, random);
    const tries = { counts: counts.with(at, count + 1), until };
    this.#host.keep({ visit, state: name, error: failure.error, tries });
    return true;
  }

  #work(
    state: StateOf<'Task' | 'Map' | 'Parallel'>,
    visiting: Visiting & { readonly given: unknown },
    retries: number,
  ): Promise<unknown> {
    const data = this.#data(visiting, visiting.given, retries);
    if (state.Type === 'Map') return this.#map(state, visiting, data, retries);
    const payload = state.Parameters === undefined ? visiting.given : fill(state.Parameters, data);
    if (state.Type === 'Parallel') return this.#parallel(state, visiting, payload, retries);
    const note = (type: string, details: object) => this.#history.note(type, details, visiting.scope);
    return runTask(this.#host, state, payload, data, this.#execution, note);
  }

  async #parallel(
    state: StateOf<'Parallel'>,
    { scope, visit }: Visiting,
    payload: unknown,
    retries: number,
  ): Promise<unknown[]> {
    this.#history.note('ParallelStateStarted', {}, scope);
    const siblings = { failed: false };
    const branches = state.inner.map((branch, index) => {
      const inner = innerScope(scope, `${visit}~${retries}/${index}/`, siblings);
      return this.#within(inner, scope, () => this.#steps(branch, inner, payload));
    });
    return this.#together('Parallel', branches, scope, siblings);
  }

  async #map(state: StateOf<'Map'>, visiting: Visiting, data: Data, retries: number): Promise<unknown[]> {
    const { scope, visit } = visiting;
    const items = readIn(state.ItemsPath, data);
    if (!Array.isArray(items)) throw runtimeError(`Reference path "${state.ItemsPath}" must point to array.`);
    this.#history.note('MapStateStarted', { length: items.length }, scope);
    const siblings = { failed: false };
    const results: unknown[] = new Array(items.length);
    let next = 0;
    const lane = async () => {
      for (let index = next++; index < items.length && !siblings.failed; index = next++) {
        const item = { Index: index, Value: items[index] };
        const inner = innerScope(scope, `${visit}~${retries}/${index}/`, siblings, item);
        results[index] = await this.#within(inner, scope, () =>
          this.#iteration(state, visiting, data, inner, item),
        );
      }
    };
    const lanes = Math.min(items.length, concurrency(state, data) || MOST_AT_ONCE);
    await this.#together('Map', Array.from({ length: lanes }, lane), scope, siblings);
    return results;
  }

  async #iteration(
    state: StateOf<'Map'>,
    { name, at }: Visiting,
    data: Data,
    scope: Scope,
    item: MapItem,
  ): Promise<unknown> {
    const details = { name, index: item.Index };
    this.#history.note('MapIterationStarted', details, scope);
    try {
      const selector = state.ItemSelector ?? state.Parameters;
      const { context } = this.#data({ name, scope, at }, undefined, 0);
      const input = selector === undefined ? item.Value : fill(selector, { ...data, context });
      const output = await this.#steps(state.inner[0] as Steps, scope, input);
      this.#history.note('MapIterationSucceeded', details, scope);
      return output;
    } catch (error) {
      if (error instanceof StateFailed) this.#history.note('MapIterationFailed', details, scope);
      throw error;
    }
  }

  /** What follows an inner scope follows its last event. */
  async #within<Result>(inner: Scope, outer: Scope, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      outer.previous = inner.previous;
    }
  }

  /** Waits for all lanes; the first failure ends the others. */
  async #together<Result>(
    type: 'Map' | 'Parallel',
    lanes: readonly Promise<Result>[],
    scope: Scope,
    siblings: { failed: boolean },
  ): Promise<Result[]> {
    const { activity } = this.#host;
    const fail = (error: unknown) => {
      siblings.failed = true;
      throw error;
    };
    try {
      // Each counts as under way by itself, as one may wait for its time while another works.
      const working = lanes.map((lane) => activity.during(lane.catch(fail)));
      const results = await activity.resting(Promise.all(working));
      this.#history.note(`${type}StateSucceeded`, {}, scope);
      return results;
    } catch (error) {
      if (error instanceof StateFailed) this.#history.note(`${type}StateFailed`, {}, scope);
      throw error;
    }
  }

  /** Waits for a time of the stack's clock; nothing is under way meanwhile. */
  async #pause(until: number): Promise<void> {
    const { context, activity, closing } = this.#host;
    const ms = until - context.clock.now();
    if (ms <= 0) return;
    await activity.resting(context.clock.sleep(ms, closing));
    closing.throwIfAborted();
  }

  #data({ name, scope, at }: Pick<Visiting, 'name' | 'scope' | 'at'>, data: unknown, retries: number): Data {
    const state = { name, enteredAt: at, retries };
    const context = contextObject(this.#execution, state, scope.item);
    return { data, context, random: this.#host.context.random };
  }
}

function innerScope(
  outer: Scope,
  prefix: string,
  siblings: { readonly failed: boolean },
  own?: MapItem,
): Scope {
  const item = own ?? outer.item;
  const alive = () => !siblings.failed && outer.alive();
  return { prefix, visits: new Map(), previous: outer.previous, alive, ...(item && { item }) };
}

/** 0 stands for as many as there may be. */
function concurrency({ MaxConcurrency, MaxConcurrencyPath }: StateOf<'Map'>, data: Data): number {
  if (MaxConcurrencyPath === undefined) return MaxConcurrency;
  const most = readIn(MaxConcurrencyPath, data);
  if (Number.isInteger(most) && Number(most) >= 0) return Number(most);
  throw runtimeError(`MaxConcurrencyPath ${MaxConcurrencyPath} must name a whole number from 0`);
}

function placed(path: string | null, input: unknown, result: unknown): unknown {
  return path === null ? input : write(path, input, result);
}

function caughtBy({ ResultPath, Next }: Catcher, { error, reason }: StateFailed, input: unknown): Outcome {
  return { output: placed(ResultPath, input, { Error: error, Cause: reason }), next: Next, caught: error };
}

function failureOf(
  { Error: error, ErrorPath, Cause: cause, CausePath }: StateOf<'Fail'>,
  data: Data,
): StateFailed {
  const given = (field: string, value: string | undefined, path: string | undefined): string => {
    if (path === undefined) return value ?? '';
    const found = resolved(field, path, data);
    if (typeof found === 'string') return found;
    throw runtimeError(`${field} ${path} must name a string, and names ${JSON.stringify(found)}`);
  };
  return new StateFailed(given('ErrorPath', error, ErrorPath), given('CausePath', cause, CausePath));
}
