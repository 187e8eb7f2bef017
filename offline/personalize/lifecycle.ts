import type { AnyResource, Kind } from './resources.ts';

/** How long a resource is pending, and when it is done at the earliest, after it was asked for. */
const PENDING_MS = 2_000;
export const SETTLED_MS = 5_000;

/** Kinds whose creation takes work, which has an outcome. */
const WORKED_FOR: readonly Kind[] = ['dataset-import-job', 'solution-version', 'data-deletion-job'];

/** The status of a resource as of now: it follows from the clock and from the outcome of its work alone. */
export function statusOf(resource: AnyResource, now: number): string {
  const { kind, createdAt, deletingAt, declared, outcome } = resource;
  if (deletingAt !== undefined) {
    return now - deletingAt < PENDING_MS ? 'DELETE PENDING' : 'DELETE IN_PROGRESS';
  }
  if (declared) return 'ACTIVE';
  const age = now - createdAt;
  if (age < PENDING_MS) return 'CREATE PENDING';
  if (age < SETTLED_MS || (WORKED_FOR.includes(kind) && !outcome)) return 'CREATE IN_PROGRESS';
  return outcome?.failureReason === undefined ? 'ACTIVE' : 'CREATE FAILED';
}

/** The status of a change of something that is active. */
export function updateStatusOf(updatedAt: number, now: number): string {
  const age = now - updatedAt;
  if (age < PENDING_MS) return 'CREATE PENDING';
  return age < SETTLED_MS ? 'CREATE IN_PROGRESS' : 'ACTIVE';
}

/** Whether its deletion has come to its end. */
export function isGone({ deletingAt }: AnyResource, now: number): boolean {
  return deletingAt !== undefined && now - deletingAt >= SETTLED_MS;
}

/** When what is seen of a resource changed the last time. */
export function changedAt(resource: AnyResource, now: number): number {
  const { createdAt, updatedAt, outcome, deletingAt } = resource;
  const settled = [
    createdAt,
    createdAt + PENDING_MS,
    createdAt + SETTLED_MS,
    outcome?.at ?? 0,
    deletingAt ?? 0,
  ];
  return Math.max(updatedAt, ...settled.filter((at) => at <= now));
}
