import type { Clock } from '../clock.ts';
import { runtimeError } from './errors.ts';
import type { Execution, Happening, HistoryEvent } from './execution.ts';

/** Quotas: a Standard execution has 25,000 events at most, the last of which tells that it failed. */
const MOST_EVENTS = 25_000;

/** Where in an execution something happens: states within a Map or Parallel have a scope of their own. */
export interface Scope {
  /** Begins the names of its visits. */
  readonly prefix: string;
  readonly visits: Map<string, number>;
  /** The event that the next one follows; 0 for the first. */
  previous: number;
  /** False once a sibling has failed, or the execution has ended: what still runs here is nobody's. */
  readonly alive: () => boolean;
  /** `$$.Map` within an iteration. */
  readonly item?: MapItem;
}

export interface MapItem {
  readonly Index: number;
  readonly Value: unknown;
}

/** What a restart needs to know of an event. */
type Visited = Omit<Extract<Happening, { readonly event: HistoryEvent }>, 'event'>;

/** Thrown where nobody waits for the outcome any more. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/** Writes the history of an execution. */
export class History {
  readonly #execution: Execution;
  readonly #clock: Clock;
  readonly #keep: (happening: Happening) => void;

  constructor(execution: Execution, clock: Clock, keep: (happening: Happening) => void) {
    this.#execution = execution;
    this.#clock = clock;
    this.#keep = keep;
  }

  /**
   * Adds an event, unless nobody waits for its outcome any more.
   *
   * @throws Abandoned
   * @throws StateFailed where the history is full
   */
  note(type: string, details: object, scope: Scope, visited: Visited = {}): void {
    if (!scope.alive()) throw new Abandoned();
    const { history, machine } = this.#execution;
    if (machine.type === 'STANDARD' && history.length >= MOST_EVENTS - 1) {
      throw runtimeError(`The execution reached the maximum number of history events (${MOST_EVENTS}).`);
    }
    this.add(type, details, scope, visited);
  }

  /** Adds an event, whatever is still running. */
  add(type: string, details: object, scope: Scope, visited: Visited = {}): void {
    const event: HistoryEvent = {
      id: this.#execution.history.length + 1,
      previousEventId: scope.previous,
      timestamp: this.#clock.now(),
      type,
      ...(Object.keys(details).length > 0 && { [detailsOf(type)]: details }),
    };
    this.#keep({ event, ...visited });
    scope.previous = event.id;
  }
}

/** `stateEnteredEventDetails`, `taskFailedEventDetails` ... as the API names the members. */
function detailsOf(type: string): `${string}EventDetails` {
  const [, which] = /State(Entered|Exited)$/.exec(type) ?? [];
  if (which) return `state${which}EventDetails`;
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
