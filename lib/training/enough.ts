import type { LearntRow } from './rows.ts';

/** Developer Guide of Personalize, "Service quotas": the least that a solution is trained with. */
export const LEAST_INTERACTIONS = 1_000;
export const LEAST_PEOPLE_WITH_TWO = 25;

export interface Counts {
  readonly interactions: number;
  readonly people: number;
  /** People with two interactions or more. */
  readonly peopleWithTwo: number;
}

export function countsOf(rows: readonly LearntRow[]): Counts {
  const byPerson = new Map<string, number>();
  for (const { person } of rows) byPerson.set(person, (byPerson.get(person) ?? 0) + 1);
  return {
    interactions: rows.length,
    people: byPerson.size,
    peopleWithTwo: [...byPerson.values()].filter((count) => count > 1).length,
  };
}

/** Whether Personalize trains with so much. */
export function isEnough({ interactions, peopleWithTwo }: Counts): boolean {
  return interactions >= LEAST_INTERACTIONS && peopleWithTwo >= LEAST_PEOPLE_WITH_TWO;
}
