import { availableParallelism } from 'node:os';
import { Activity, type Background } from '../activity.ts';
import type { Clock } from '../clock.ts';
import type { FunctionPool, Invocation } from '../contract.ts';
import type { Random } from '../random.ts';
import { environmentOf, type FunctionKey, type Surroundings } from './environment.ts';
import { type CodePlace, type LambdaFunction, locate } from './function.ts';
import { collectGarbage } from './garbage.ts';
import { type IdleWorker, IdleWorkers } from './idle-workers.ts';
import { Sandbox } from './sandbox.ts';
import { functionTrace } from './trace.ts';

export interface PoolSettings extends CodePlace, Surroundings {
  readonly functions: readonly LambdaFunction[];
  readonly clock: Clock;
  readonly random: Random;
  /** The temporary key of a function's role. */
  readonly keyOf: (lambda: LambdaFunction) => FunctionKey;
  /** A line that a handler wrote. */
  readonly onLine: (lambda: LambdaFunction, line: string, requestId: string | undefined) => void;
  /** An event is done. */
  readonly onDone?: (lambda: LambdaFunction, outcome: Invocation) => void;
  /** How long a worker without work stays, in milliseconds of real time. */
  readonly idleMs?: number;
  /** After how long without work a burst is over and the memory it took is given back, in milliseconds of real time. */
  readonly burstMs?: number;
}

/** The workers of one function and the events that wait for them. */
interface Crew {
  readonly lambda: LambdaFunction;
  readonly waiting: Waiting[];
  starting: number;
  /** How many workers there are, those included that are starting. */
  size: number;
  /** Runs while events wait, from anew whenever one of them is taken. */
  stall?: NodeJS.Timeout | undefined;
  /** Raised when the code changes; workers of an earlier one take no further event. */
  generation: number;
}

interface Waiting {
  readonly event: string;
  readonly requestId: string;
  readonly traceHeader: string;
  readonly resolve: (outcome: Invocation) => void;
}

interface Member extends IdleWorker {
  readonly crew: Crew;
  readonly sandbox: Sandbox;
  readonly generation: number;
  readonly logStream: string;
}

/** Workers that may be loading their code at the same time; more would only slow each other down. */
const maximumStarting = Math.max(2, Math.min(8, availableParallelism()));

/** Workers of one function that are started as soon as there are events for them. */
const promptly = Math.max(3, availableParallelism());

/**
 * How long events wait, and none of them is taken, before a function gets more workers than that; in milliseconds of
 * real time. To start a worker takes as much of the processors as some twenty events: where events are short, workers
 * for each of a burst would only keep from its work who is there.
 */
const patienceMs = 500;

/**
 * Runs the handlers in worker threads, one event a worker. An event waits for the first worker of its
 * function that becomes free or has started, so that a burst is served by warm workers while it starts more.
 */
export class WorkerPool implements FunctionPool, Background {
  readonly #settings: PoolSettings;
  readonly #crews: ReadonlyMap<string, Crew>;
  readonly #members = new Set<Member>();
  readonly #idle = new IdleWorkers<Member>();
  readonly #sweep: NodeJS.Timeout;
  #starting = 0;
  #rested = true;
  readonly #activity = new Activity();
  #closed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#crews = new Map(
      settings.functions.map((lambda) => [
        lambda.name,
        { lambda, waiting: [], starting: 0, size: 0, generation: 0 },
      ]),
    );
    const idleMs = settings.idleMs ?? 300_000;
    const burstMs = settings.burstMs ?? 5_000;
    const sweep = () => this.#restToo(this.#idle.sweep(idleMs, burstMs, this.#members.size));
    this.#sweep = setInterval(sweep, Math.min(idleMs, burstMs) / 10).unref();
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /** How many workers there are, busy or idle. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Runs one event. Never rejects for what a handler does.
   * @throws Error when the stack has no such function or the pool is closed
   */
  async invoke(
    functionName: string,
    event: unknown,
    trace: { readonly traceHeader?: string } = {},
  ): Promise<Invocation> {
    const crew = this.#crews.get(functionName);
    if (!crew) throw new Error(`There is no function ${functionName} in this stack.`);
    if (this.#closed) throw new Error(`${functionName} was not invoked: the stack is stopping.`);
    const outcome = await this.#activity.during(this.#enqueue(crew, event, trace.traceHeader));
    if (!this.#closed) this.#settings.onDone?.(crew.lambda, outcome);
    return outcome;
  }

  /** Ends the workers that hold old code: idle ones now, busy ones after their event. */
  reload(): void {
    for (const crew of this.#crews.values()) crew.generation++;
    this.#idle.endAll();
  }

  /** Ends the workers in which the function is at work, as a crash would: their events fail with `Runtime.ExitError`. */
  async crash(functionName: string): Promise<void> {
    const busy = [...this.#members].filter(
      (member) => member.crew.lambda.name === functionName && !this.#idle.has(member),
    );
    await Promise.all(busy.map(({ sandbox }) => sandbox.end()));
  }

  /** Ends every worker. Events under way fail with `Runtime.ExitError`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const crew of this.#crews.values()) {
      for (const { resolve } of crew.waiting.splice(0)) resolve(stopped());
      this.#settle(crew);
    }
    await Promise.all([...this.#members].map(({ sandbox }) => sandbox.end()));
  }

  #enqueue(crew: Crew, event: unknown, given: string | undefined): Promise<Invocation> {
    const { clock, random } = this.#settings;
    const traceHeader = functionTrace(given, clock, random);
    const json = JSON.stringify(event) ?? 'null';
    return new Promise((resolve) => {
      crew.waiting.push({ event: json, requestId: random.uuid(), traceHeader, resolve });
      this.#serve();
    });
  }

  #serve(): void {
    for (const crew of this.#crews.values()) {
      while (crew.waiting.length > 0) {
        const member = this.#idle.take(crew);
        if (!member) break;
        void this.#run(member, crew.waiting.shift() as Waiting);
      }
      while (crew.size < promptly && this.#mayStart(crew)) void this.#start(crew);
      if (crew.waiting.length > 0) crew.stall ??= setTimeout(() => this.#grow(crew), patienceMs);
    }
  }

  #mayStart({ waiting, starting }: Crew): boolean {
    return !this.#closed && waiting.length > starting && this.#starting < maximumStarting;
  }

  #grow(crew: Crew): void {
    crew.stall = undefined;
    if (this.#mayStart(crew)) void this.#start(crew);
    this.#serve();
  }

  async #start(crew: Crew): Promise<void> {
    this.#starting++;
    crew.starting++;
    const member = this.#open(crew);
    const problem = await member.sandbox.ready;
    this.#starting--;
    crew.starting--;
    if (problem) {
      crew.waiting.shift()?.resolve({ ok: false, error: problem });
      void member.sandbox.end();
      this.#serve();
    } else {
      this.#free(member);
    }
  }

  #open(crew: Crew): Member {
    const settings = this.#settings;
    const { lambda, generation } = crew;
    const { module, exportName, taskRoot } = locate(lambda, settings);
    const day = new Date(settings.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[$LATEST]${settings.random.hex(32)}`;
    const sandbox = new Sandbox({
      start: { clockOffset: settings.clock.shared, module, exportName, handler: lambda.handler },
      env: environmentOf(lambda, settings.keyOf(lambda), taskRoot, logStream, settings),
      memoryMb: lambda.memoryMb,
      onLine: (line, requestId) => settings.onLine(lambda, line, requestId),
    });
    const member: Member = { crew, sandbox, generation, logStream, idleSince: 0, rested: false };
    this.#members.add(member);
    crew.size++;
    void sandbox.ended.then(() => this.#forget(member));
    return member;
  }

  async #run(member: Member, next: Waiting): Promise<void> {
    const { lambda, waiting, stall } = member.crew;
    if (waiting.length > 0) stall?.refresh();
    else this.#settle(member.crew);
    const { event, requestId, traceHeader } = next;
    const context = {
      functionName: lambda.name,
      invokedFunctionArn: lambda.arn,
      memoryLimitInMB: String(lambda.memoryMb),
      logGroupName: lambda.logGroup,
      logStreamName: member.logStream,
    };
    const { timeoutMs } = lambda;
    next.resolve(await member.sandbox.run({ event, requestId, traceHeader, timeoutMs, context }));
    this.#free(member);
  }

  /** The member goes where it is needed: to a waiting event, among the idle, or away. */
  #free(member: Member): void {
    if (!member.sandbox.alive || this.#closed || member.generation !== member.crew.generation) {
      void member.sandbox.end();
    } else {
      this.#idle.add(member);
    }
    this.#serve();
    this.#idle.trim();
  }

  #settle(crew: Crew): void {
    clearTimeout(crew.stall);
    crew.stall = undefined;
  }

  /** The thread that serves them all rests when all of them do. */
  #restToo(allRest: boolean): void {
    if (allRest && !this.#rested) collectGarbage();
    this.#rested = allRest;
  }

  #forget(member: Member): void {
    this.#members.delete(member);
    member.crew.size--;
    this.#idle.remove(member);
  }
}

function stopped(): Invocation {
  const errorMessage = 'The stack is stopping.';
  return { ok: false, error: { errorType: 'Runtime.ExitError', errorMessage, stackTrace: [] } };
}
