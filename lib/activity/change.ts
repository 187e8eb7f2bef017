import type { Item } from '../table/read.ts';

/**
 * One record of the table's stream: an item before and after a write, and when that was, which the stream
 * knows to the second only.
 */
export interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly at: Date;
}

/** When a change happened: an item says so itself to the millisecond, but a removal leaves none. */
export function timeOf({ after, at }: Change): string {
  return typeof after?.updatedAt === 'string' ? after.updatedAt : at.toISOString();
}
