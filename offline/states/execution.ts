import type { Machine } from './machines.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One entry of a history, as GetExecutionHistory answers it; `timestamp` in milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

/** What became of one visit to a state: enough to go on from there after a restart. */
export interface Left {
  readonly output: unknown;
  /** Undefined where the scope ended with the state. */
  readonly next?: string | undefined;
  readonly caught?: string | undefined;
  readonly eventId: number;
}

/** How often a visited state has been tried again so far. */
export interface Tries {
  /** By its retriers. */
  readonly counts: readonly number[];
  /** When it may be tried next: milliseconds since the epoch. */
  readonly until: number;
}

/** One thing that happened on the way, for those who look on. */
export interface Waypoint {
  readonly state: string;
  readonly event: 'entered' | 'retried' | 'caught';
  readonly error?: string;
}

/** What is known of an execution besides its history. */
export interface Started {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  /** JSON. */
  readonly input: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Which definition of the machine it follows. */
  readonly revision: string;
  readonly traceHeader?: string | undefined;
}

/** An execution, running or closed. Visits to states are named by scope, state and how-manieth visit it is. */
export interface Execution extends Started {
  readonly machine: Machine;
  status: Status;
  stoppedAt?: number;
  output?: string;
  error?: string | undefined;
  cause?: string | undefined;
  readonly history: HistoryEvent[];
  readonly entered: Map<string, { readonly at: number; readonly eventId: number }>;
  readonly left: Map<string, Left>;
  readonly tries: Map<string, Tries>;
  readonly path: Waypoint[];
  /** All of this as the journal has it. */
  readonly happenings: Happening[];
}

/** What happens to an execution. `visit` is there where a restart needs to know. */
export type Happening =
  | {
      readonly event: HistoryEvent;
      readonly visit?: string | undefined;
      /** Where a state that is left leads to. */
      readonly next?: string | undefined;
      /** The error that a Catch of the state was for. */
      readonly caught?: string | undefined;
    }
  | { readonly visit: string; readonly state: string; readonly error: string; readonly tries: Tries }
  | { readonly closed: Closed };

/** A line of the journal. */
export type Line = { readonly start: Started } | ({ readonly arn: string } & Happening);

/** How an execution ended. */
export interface Closed {
  readonly status: Exclude<Status, 'RUNNING'>;
  readonly stoppedAt: number;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export function newExecution(started: Started, machine: Machine): Execution {
  return {
    ...started,
    machine,
    status: 'RUNNING',
    history: [],
    entered: new Map(),
    left: new Map(),
    tries: new Map(),
    path: [],
    happenings: [],
  };
}

/** Takes over what happened. */
export function apply(execution: Execution, happening: Happening): void {
  execution.happenings.push(happening);
  if ('closed' in happening) close(execution, happening.closed);
  else if ('tries' in happening) {
    const { visit, state, error, tries } = happening;
    execution.tries.set(visit, tries);
    execution.path.push({ state, event: 'retried', error });
  } else {
    execution.history.push(happening.event);
    if (happening.visit !== undefined) applyVisit(execution, happening.visit, happening);
  }
}

/** What only going on needs is let go, and of Express executions the history, which nobody may ask for. */
function close(execution: Execution, closed: Closed): void {
  const { entered, left, tries, machine, history, happenings } = Object.assign(execution, closed);
  for (const visits of [entered, left, tries]) visits.clear();
  if (machine.type === 'EXPRESS') for (const list of [history, happenings]) list.length = 0;
}

function applyVisit(
  { entered, left, path }: Execution,
  visit: string,
  { event, next, caught }: Extract<Happening, { readonly event: HistoryEvent }>,
): void {
  const { stateEnteredEventDetails: entrance, stateExitedEventDetails: exit } = event;
  if (entrance) {
    entered.set(visit, { at: event.timestamp, eventId: event.id });
    path.push({ state: String(entrance.name), event: 'entered' });
  }
  if (exit) {
    left.set(visit, { output: JSON.parse(String(exit.output)), next, caught, eventId: event.id });
    if (caught !== undefined) path.push({ state: String(exit.name), event: 'caught', error: caught });
  }
}
