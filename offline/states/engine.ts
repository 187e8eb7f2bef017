import type * as z from 'zod';
import type { Background } from '../activity.ts';
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
import type { Execution } from './execution.ts';
import * as inputs from './input.ts';
import { functionsOf, type Machine, machinesOf } from './machines.ts';
import { needsOf } from './needs.ts';
import { Runs } from './runs.ts';
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

class States implements StatesEngine {
  readonly service = 'states';
  readonly #context: Context;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #executions: Executions;
  readonly #runs: Runs;
  readonly #createdAt: number;
  readonly #operations: Readonly<Record<string, (input: Call['input']) => Output | Promise<Output>>>;
  #closed = false;

  constructor(context: Context, stack: Stack) {
    this.#context = context;
    this.#createdAt = context.clock.now();
    this.#machines = machinesOf(stack);
    this.#executions = new Executions(context.stateDir, context.clock, this.#machines);
    this.#runs = new Runs(context, this.#executions, functionsOf(stack));
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
    setImmediate(() => this.#closed || this.#runs.goOn());
  }

  get busy(): boolean {
    return this.#runs.busy;
  }

  idle(): Promise<void> {
    return this.#runs.idle();
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
    await this.#runs.close();
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
    void this.#runs.run(execution);
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
    await this.#runs.run(execution);
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

  #stop(asked: z.output<typeof inputs.stopExecution>): Output {
    const execution = this.#standard(asked);
    const { error, cause } = asked;
    this.#runs.end(execution, { status: 'ABORTED', error, cause });
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
