import type { Upload } from '../../lib/photos/slot.ts';
import type { Actor } from './actor.ts';

/** A value that the API was asked to keep: what it acknowledged last, and what may have come to it since. */
export interface Kept<Value> {
  acknowledged: Value;
  possible: Value[];
}

/** One photo that somebody began to hand in. */
export interface HandedIn {
  readonly owner: Actor;
  /** Of the POST that declares it or brings it. */
  readonly idempotencyKey: string;
  readonly bytes: Buffer;
  readonly way: 'in a form' | 'straight to S3';
  /** Known once the POST was answered. */
  id?: string;
  upload?: Upload;
  /** Whether the file itself was acknowledged, by the API or by S3. */
  stored: boolean;
  readonly caption: Kept<string>;
  readonly trashed: Kept<boolean>;
  /** Whether anybody ever asked for it to be put into the trash. */
  everTrashed: boolean;
}

/** How often something has happened, as far as that is known. */
export interface Times {
  least: number;
  most: number;
}

/** Whether somebody likes a photo, and how often that began and ended. */
export interface Liking {
  readonly actor: Actor;
  readonly photo: HandedIn;
  readonly liked: Kept<boolean>;
  readonly given: Times;
  readonly takenBack: Times;
}

/** One event that somebody's client reported. */
export interface Reported {
  readonly by: Actor;
  readonly event: {
    readonly eventId: string;
    readonly type: string;
    readonly photoId: string;
    readonly at: string;
    readonly value?: number;
    readonly surface: string;
    readonly position: number;
  };
  /**
   * `perhaps` where a request with it got no answer, and `stored` where it was found on file then. One that was
   * accepted once stays accepted.
   */
  fate: 'refused' | 'perhaps' | 'stored' | 'accepted';
}

/** The events of one request. */
export interface Lot {
  readonly by: Actor;
  readonly way: 'request' | 'beacon';
  readonly sessionId: string;
  /** In their order; some are there twice, and one that nobody can take has no `reported`. */
  readonly entries: readonly { readonly event: object; readonly reported?: Reported }[];
  answered: boolean;
}

/** Everything that the API has been asked, as far as somebody must be able to rely on it. */
export interface Ledger {
  readonly photos: HandedIn[];
  /** Whether each actor follows the idol, who hands nothing in. */
  readonly following: Map<Actor, Kept<boolean>>;
  readonly likings: Liking[];
  readonly lots: Lot[];
}

export function kept<Value>(value: Value): Kept<Value> {
  return { acknowledged: value, possible: [] };
}

/** Asks for `value` and notes what is known then. */
export async function keep<Value>(
  place: Kept<Value>,
  value: Value,
  ask: () => Promise<{ status: number } | undefined>,
): Promise<void> {
  place.possible.push(value);
  const heard = await ask();
  if (!heard) return;
  if (heard.status >= 300) throw new Error(`${JSON.stringify(value)} was refused with ${heard.status}.`);
  place.acknowledged = value;
  place.possible = [];
}

/** Whether `value` is what was acknowledged last, or something asked since then that got no answer. */
export function mayBe<Value>({ acknowledged, possible }: Kept<Value>, value: Value): boolean {
  return acknowledged === value || possible.includes(value);
}

/** From now on it is known that the value is this. */
export function settled<Value>(place: Kept<Value>, value: Value): void {
  place.acknowledged = value;
  place.possible = [];
}

/** Every event that was reported, once. */
export function reportedIn({ lots }: Ledger): Reported[] {
  return [...new Set(lots.flatMap(({ entries }) => entries.flatMap(({ reported }) => reported ?? [])))];
}
