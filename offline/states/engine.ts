import type * as z from 'zod';
import { Activity, type Background } from '../activity.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { parseInput } from '../parse-input.ts';
import { runtimeError, StateFailed, toldError } from './errors.ts';
import type { Closed, Execution } from './execution.ts';
import * as inputs from './input.ts';
import { Interpreter } from './interpreter.ts';
import { type Machine, machinesOf } from './machines.ts';
import { needsOf } from './needs.ts';
import { Executions } from './store.ts';
import {
  billing,
  describedExecution,
  describedMachine,
  listedExecution,
  listedMachine,
  toldEvent,
} from './views.ts';

const CODES = { missing: 'ValidationException', invalid: 'ValidationException' };

/** Step Functions Developer Guide, "Quotas": an Express execution ends after five minutes. */
const EXPRESS_MS = 5 * 60_000;

/** Quotas: a Standard execution ends after a year. */
const STANDARD_MS = 365 * 86_400_000;

type Output = Record<string, unknown>;

/** Step Functions: the stack's state machines, their executions, and what is told of them. */
export interface StatesEngine extends Engine, Background {
  /** Every execution that is known of, Express ones too, with the way it went. */
  executions(): Output[];
}

/**
 * @throws Error naming the machine and the state that can't be run here as AWS would run it
 */
export function createStatesEngine(context: Context, stack: Stack): StatesEngine {
  return new States(context, stack);
}

/** Nobody waits for what the execution comes to: it was ended from outside, or the stack stops. */
class Ended extends Error {
  override readonly name = 'Ended';
}

/** An execution at work. */
interface Running {
  readonly interpreter: Interpreter;
  readonly closing: AbortController;
}

class States implements StatesEngine {
  readonly service = 'states';
  readonly #context: Context;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #functions: ReadonlySet<string>;
  readonly #executions: Executions;
  readonly #activity = new Activity();
  readonly #createdAt: number;
  readonly #running = new Map<Execution, Running>();
  readonly #operations: Readonly<Record<string, (input: Call['input']) => Output | Promise<Output>>>;
  #closed = false;

  constructor(context: Context, stack: Stack) {
    this.#context = context;
    this.#createdAt = context.clock.now();
    this.#machines = machinesOf(stack);
    this.#functions = new Set(
      stack.resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ arn }) => arn),
    );
    this.#executions = new Executions(context.stateDir, context.clock, this.#machines);
    this.#operations = {
      StartExecution: (input) => this.#start(input),
      StartSyncExecution: (input) => this.#startSync(input),
      DescribeExecution: (input) => describedExecution(this.#standard(read(inputs.executionNamed, input))),
      GetExecutionHistory: (input) => this.#history(read(inputs.history, input)),
      StopExecution: (input) => this.#stop(read(inputs.stopExecution, input)),
      ListExecutions: (input) => this.#list(read(inputs.listExecutions, input)),
      DescribeStateMachine: (input) =>
        describedMachine(this.#machine(read(inputs.machineNamed, input).stateMachineArn), this.#createdAt),
      ListStateMachines: (input) => {
        const { items, ...next } = inputs.pageOf(
          [...this.#machines.values()],
          read(inputs.listMachines, input),
        );
        const stateMachines = items.map((machine) => listedMachine(machine, this.#createdAt));
        return { stateMachines, ...next };
      },
    };
    // The services that a machine calls are not all there yet.
    setImmediate(() => this.#goOn());
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  needs(call: Call): Need[] {
    return needsOf(call);
  }

  async handle({ operation, input }: Call): Promise<Answer> {
    const run = Object.hasOwn(this.#operations, operation) ? this.#operations[operation] : undefined;
    if (!run) {
      const known = Object.keys(this.#operations).join(', ');
      throw new ServiceError(
        'UnknownOperationException',
        `The local Step Functions has no ${operation}; it has ${known}.`,
      );
    }
    if (this.#closed) throw new ServiceError('ServiceUnavailable', 'The stack is stopping.', 503);
    return { output: await run(input) };
  }

  executions(): Output[] {
    return this.#executions.all().map(({ machine, arn, name, status, error, cause, input, path }) => ({
      machine: machine.name,
      ...{ arn, name, status, error, cause, input, path },
    }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { closing } of this.#running.values()) closing.abort(new Ended());
    await this.#activity.idle();
    this.#executions.end();
  }

  #start(input: Call['input']): Output {
    const asked = read(inputs.startExecution, input);
    const machine = this.#machine(asked.stateMachineArn);
    inputs.checkInput(asked.input);
    const { random } = this.#context;
    const name = asked.name ?? random.uuid();
    inputs.checkName(name);
    const known = this.#executions.find(executionArn(machine, name));
    if (known) return this.#again(known, asked.input);
    const execution = this.#begin(machine, name, asked);
    void this.#activity.during(this.#run(execution));
    return { executionArn: execution.arn, startDate: execution.startedAt / 1_000 };
  }

  /** A name starts one execution; asking for the same while it runs is asking once. */
  #again({ arn, status, input, startedAt }: Execution, asked: string): Output {
    if (status === 'RUNNING' && input === asked) return { executionArn: arn, startDate: startedAt / 1_000 };
    throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }

  async #startSync(input: Call['input']): Promise<Output> {
    const asked = read(inputs.startExecution, input);
    const machine = this.#machine(asked.stateMachineArn);
    if (machine.type !== 'EXPRESS') throw unsupported();
    inputs.checkInput(asked.input);
    const name = asked.name ?? this.#context.random.uuid();
    inputs.checkName(name);
    const execution = this.#begin(machine, name, asked);
    await this.#activity.during(this.#run(execution));
    return { ...describedExecution(execution), billingDetails: billing(execution) };
  }

  #begin(machine: Machine, name: string, asked: z.output<typeof inputs.startExecution>): Execution {
    const { clock, random } = this.#context;
    const arn = executionArn(machine, name) + (machine.type === 'EXPRESS' ? `:${random.uuid()}` : '');
    const { input, traceHeader } = asked;
    const { revision } = machine;
    const when = { startedAt: clock.now(), revision };
    const started = { arn, name, machineArn: machine.arn, input, ...when, traceHeader };
    return this.#executions.start(started, machine);
  }

  /** Goes on with what a stop or a kill left running. */
  #goOn(): void {
    if (this.#closed) return;
    for (const execution of this.#executions.all()) {
      if (execution.status === 'RUNNING' && !this.#running.has(execution)) {
        void this.#activity.during(this.#run(execution));
      }
    }
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
      () => this.#end(execution, { status: 'TIMED_OUT' }),
      this.#leftMs(execution),
    );
    const stopped = new Promise<never>((_, reject) =>
      closing.signal.addEventListener('abort', () => reject(closing.signal.reason), { once: true }),
    );
    try {
      const output = await Promise.race([goOnWith(execution, interpreter), stopped]);
      this.#end(execution, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      if (!(error instanceof Ended)) this.#end(execution, this.#failure(error, execution));
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

  /** Ends an execution at once; what still runs of it is nobody's. */
  #end(execution: Execution, closed: Omit<Closed, 'stoppedAt'>): void {
    const running = this.#running.get(execution);
    if (!running || execution.status !== 'RUNNING') return;
    const { status, output, error = '', cause = '' } = closed;
    const details = output === undefined ? toldError({ error, reason: cause }) : { output };
    running.interpreter.close(EVENTS[status], details);
    this.#executions.close(execution, { ...closed, stoppedAt: this.#context.clock.now() });
    running.closing.abort(new Ended());
  }

  #failure(error: unknown, { machine }: Execution): Omit<Closed, 'stoppedAt'> {
    if (error instanceof StateFailed) return { status: 'FAILED', ...toldError(error) };
    const what = error instanceof Error ? error.stack : String(error);
    this.#context.log(`${machine.name} ended in an unexpected error: ${what}`);
    return { status: 'FAILED', error: 'States.Runtime', cause: String(error) };
  }

  #stop(asked: z.output<typeof inputs.stopExecution>): Output {
    const execution = this.#standard(asked);
    const { error, cause } = asked;
    this.#end(execution, { status: 'ABORTED', error, cause });
    return { stopDate: Number(execution.stoppedAt) / 1_000 };
  }

  #history(asked: z.output<typeof inputs.history>): Output {
    const { history } = this.#standard(asked);
    const events = asked.reverseOrder ? history.toReversed() : history;
    const { items, ...next } = inputs.pageOf(events, asked);
    return { events: items.map((event) => toldEvent(event, asked.includeExecutionData)), ...next };
  }

  #list(asked: z.output<typeof inputs.listExecutions>): Output {
    const machine = this.#machine(asked.stateMachineArn);
    if (machine.type === 'EXPRESS') throw unsupported();
    const all = this.#executions.of(machine);
    const wanted = all.filter(({ status }) => (asked.statusFilter ?? status) === status);
    const { items, ...next } = inputs.pageOf(wanted, asked);
    return { executions: items.map(listedExecution), ...next };
  }

  #machine(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine) return machine;
    if (!/^arn:aws:states:[^:]*:\d{12}:stateMachine:[^:]+$/.test(arn)) {
      throw invalidArn(arn);
    }
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /** API Reference: DescribeExecution, GetExecutionHistory and StopExecution are for Standard machines. */
  #standard({ executionArn: arn }: { readonly executionArn: string }): Execution {
    const execution = this.#executions.find(arn);
    if (execution) return execution;
    const [, type] = /^arn:aws:states:[^:]*:\d{12}:(execution|express):[^:]+:.+$/.exec(arn) ?? [];
    if (type === 'express') throw invalidArn('Resource type not valid in this context: express');
    if (type === undefined) throw invalidArn(arn);
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }
}

const EVENTS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** Where a machine has changed, AWS would go on by the old definition, which isn't kept here. */
async function goOnWith(
  { revision, machine, history }: Execution,
  interpreter: Interpreter,
): Promise<unknown> {
  if (history.length === 0 || revision === machine.revision) return interpreter.run();
  throw runtimeError(`${machine.name} was changed while the execution was not running.`);
}

function read<Schema extends z.ZodType>(schema: Schema, input: Call['input']): z.output<Schema> {
  return parseInput(schema, input, CODES);
}

/** Of an Express execution the beginning: each start of a name is another. */
function executionArn({ arn, type }: Machine, name: string): string {
  return `${arn.replace(':stateMachine:', type === 'EXPRESS' ? ':express:' : ':execution:')}:${name}`;
}

function invalidArn(what: string): ServiceError {
  return new ServiceError('InvalidArn', `Invalid Arn: '${what}'`);
}

function unsupported(): ServiceError {
  return new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}
