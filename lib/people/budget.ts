import { env } from '../env.ts';
import { Problem } from '../problem.ts';
import { hasRoom } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { transact, type Update, unlessRefused } from '../table/write.ts';

const DAY_MS = 86_400_000;

/**
 * The write that counts pictures which a person has rendered: photos handed in, edits, places read anew. Quotas bound
 * what is kept, this what is worked on: a file can be handed in, deleted and handed in again. Its condition fails where
 * a day's worth, in UTC, is used up.
 */
export function spending(userId: string, pictures: number, now: Date): Update {
  const day = dayOf(now);
  return {
    update: keys.budget(userId, day),
    set: { entity: 'budget', userId, expiresAt: Math.floor((endOfDay(now) + DAY_MS) / 1_000) },
    add: { pictures },
    when: hasRoom('pictures', pictures, env.DAILY_PICTURES),
  };
}

/** The same by itself. @throws Problem 429 where a day's worth is used up */
export async function spend(userId: string, pictures: number, now: Date): Promise<void> {
  if (!(await unlessRefused(transact([spending(userId, pictures, now)], now)))) throw budgetSpent(now);
}

/** Why there was nothing left to spend. */
export function budgetSpent(now: Date): Problem {
  const seconds = Math.ceil((endOfDay(now) - now.getTime()) / 1_000);
  return new Problem(
    429,
    'daily-limit',
    `At most ${env.DAILY_PICTURES} photos, edits and places read anew a person are worked on a day; the next one begins at 00:00 UTC.`,
    { headers: { 'retry-after': String(seconds) } },
  );
}

function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

function endOfDay(now: Date): number {
  return Date.parse(`${dayOf(now)}T00:00:00Z`) + DAY_MS;
}
