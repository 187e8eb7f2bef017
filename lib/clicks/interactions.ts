import { env } from '../env.ts';
import type { Key } from '../table/keys.ts';
import { getMany, queryAll } from '../table/read.ts';
import { putMany, removeMany } from '../table/write-many.ts';
import type { InteractionRecord } from './click.ts';

const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30 * DAY_SECONDS;
/** People by their hash who are to be left out of what is learnt. */
const FORGOTTEN = 'FORGOTTEN';

const keyOf = ({ person, id }: Pick<InteractionRecord, 'person' | 'id'>): Key => ({ pk: person, sk: id });
const forgottenKey = (person: string): Key => ({ pk: FORGOTTEN, sk: person });

/** Those of these interactions that are not on file yet, each once; people who were forgotten left out. */
export async function unfiled(interactions: readonly InteractionRecord[]): Promise<InteractionRecord[]> {
  const distinct = [...new Map(interactions.map((one) => [`${one.person}/${one.id}`, one])).values()];
  const [filed, gone] = await Promise.all([
    getMany(distinct.map(keyOf), env.INTERACTIONS_TABLE_NAME),
    forgottenAmong(distinct),
  ]);
  return distinct.filter(({ person }, index) => filed[index] === undefined && !gone.has(person));
}

/**
 * Puts interactions on file for as long as the clickstream is kept; filing one twice files it once. What is of
 * somebody who was struck out meanwhile is taken off again: whoever struck them out may not have found it.
 */
export async function file(interactions: readonly InteractionRecord[]): Promise<void> {
  const items = interactions.map(({ kind, id, person, session, ...rest }) => ({
    ...keyOf({ person, id }),
    entity: kind,
    ...rest,
    expiresAt: Math.floor(rest.receivedAt / 1_000) + env.CLICKS_RETENTION * DAY_SECONDS,
  }));
  await putMany(items, env.INTERACTIONS_TABLE_NAME);
  const gone = await forgottenAmong(interactions);
  const late = interactions.filter(({ person }) => gone.has(person));
  await removeMany(late.map(keyOf), env.INTERACTIONS_TABLE_NAME);
}

async function forgottenAmong(interactions: readonly InteractionRecord[]): Promise<Set<string>> {
  const people = [...new Set(interactions.map(({ person }) => person))];
  const found = await getMany(people.map(forgottenKey), env.INTERACTIONS_TABLE_NAME);
  return new Set(people.filter((_, index) => found[index] !== undefined));
}

/**
 * Removes everything on file of a person, and marks their hash so that nothing of it is learnt again. The mark says
 * neither who asked nor, but for the month, when: what else the same request wrote says whose the hash was.
 */
export async function strikeOut(person: string, now: Date): Promise<number> {
  // What is still on its way arrives within days; what was stored before is gone with the clickstream.
  const least = now.getTime() / 1_000 + (env.CLICKS_RETENTION + 14) * DAY_SECONDS;
  const expiresAt = Math.ceil(least / MONTH_SECONDS) * MONTH_SECONDS;
  const mark = { ...forgottenKey(person), entity: 'forgotten', expiresAt };
  await putMany([mark], env.INTERACTIONS_TABLE_NAME, (item) => item);
  const keys: Key[] = [];
  for await (const { pk, sk } of queryAll('table', person, { table: env.INTERACTIONS_TABLE_NAME })) {
    keys.push({ pk: String(pk), sk: String(sk) });
  }
  await removeMany(keys, env.INTERACTIONS_TABLE_NAME);
  return keys.length;
}

/** The hashes of all people that were struck out. */
export async function struckOut(): Promise<Set<string>> {
  const people = new Set<string>();
  for await (const { sk } of queryAll('table', FORGOTTEN, { table: env.INTERACTIONS_TABLE_NAME })) {
    people.add(String(sk));
  }
  return people;
}
