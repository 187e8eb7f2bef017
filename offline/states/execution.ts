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
  readonly eventId: number;
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
  readonly path: Waypoint[];
}

/** A line of the journal about one execution. */
export type Line =
  | { readonly start: Started }
  | { readonly arn: string; readonly event: HistoryEvent; readonly visit?: string; readonly next?: string }
  | { readonly arn: string; readonly closed: Closed };

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
    path: [],
  };
}

/** Takes over what a line of the journal says. */
export function apply(execution: Execution, line: Exclude<Line, { start: Started }>): void {
  if ('closed' in line) {
    Object.assign(execution, line.closed);
    return;
  }
  const { event, visit, next } = line;
  execution.history.push(event);
  if (visit === undefined) return;
  const exited = event.stateExitedEventDetails;
  if (exited) {
    const left = { output: JSON.parse(String(exited.output)), next, eventId: event.id };
    execution.left.set(visit, left);
  } else {
    execution.entered.set(visit, { at: event.timestamp, eventId: event.id });
  }
}
