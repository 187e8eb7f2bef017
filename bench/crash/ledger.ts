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

/** Everything that the API has been asked, as far as somebody must be able to rely on it. */
export interface Ledger {
  readonly photos: HandedIn[];
  /** Whether each actor follows the idol, who hands nothing in. */
  readonly following: Map<Actor, Kept<boolean>>;
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
