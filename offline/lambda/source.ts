import type { Activity } from '../activity.ts';

/** Something that wakes a function until it is closed. */
export interface Source {
  /** Busy while it has records in hand; at rest while it waits for some, or for a later attempt. */
  readonly activity: Activity;
  /** Resolves after closing, once nothing is under way. */
  run(): Promise<void>;
}
