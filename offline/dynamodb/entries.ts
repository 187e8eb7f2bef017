import type { Database } from './database.ts';
import type { KeySchema } from './keys.ts';
import type { StreamRecord } from './stream-log.ts';
import type { Change } from './table.ts';
import type { Item } from './values.ts';

/** A transaction's client token and the fingerprint of what was asked under it. */
export interface Token {
  readonly token: string;
  readonly fingerprint: string;
  readonly at: number;
}

/** Why a write happens, where that isn't an ordinary request. */
export interface Origin {
  readonly by?: 'ttl' | undefined;
  readonly token?: Token | undefined;
}

/** One item's new state, or the key under which there is none any more. */
export type Made =
  | { readonly table: string; readonly put: Item; readonly delete?: undefined }
  | { readonly table: string; readonly delete: Item; readonly put?: undefined };

export interface WriteEntry extends Origin {
  readonly kind: 'write';
  /** Of the first change; the others follow. */
  readonly sequence: number;
  readonly at: number;
  readonly changes: readonly Made[];
}

/** A line of the journal. A transaction is one line, so a crash leaves all of it or nothing. */
export type Entry =
  | { readonly kind: 'table'; readonly name: string; readonly key: KeySchema; readonly createdAt: number }
  | WriteEntry
  | { readonly kind: 'items'; readonly table: string; readonly items: readonly Item[] }
  | { readonly kind: 'records'; readonly table: string; readonly records: readonly StreamRecord[] }
  | {
      readonly kind: 'state';
      readonly sequence: number;
      readonly trimmed: Readonly<Record<string, number>>;
      readonly tokens: readonly Token[];
    };

// Long enough that a large table isn't written line by line, short enough for a line to stay a modest string.
const perLine = 200;

export function writeEntry(
  changes: readonly Change[],
  sequence: number,
  at: number,
  origin: Origin,
): WriteEntry {
  const made = changes.map(({ table, key, after }): Made => {
    const { name } = table.definition;
    return after ? { table: name, put: after } : { table: name, delete: key };
  });
  return { kind: 'write', sequence, at, changes: made, ...origin };
}

/** The shortest journal that brings back the database as it is. */
export function* snapshot(database: Database, tokens: readonly Token[]): Generator<Entry> {
  for (const { definition, createdAt, rows } of database.tables) {
    const { name, key } = definition;
    yield { kind: 'table', name, key, createdAt };
    const items = [...rows.entries()].map(([, item]) => item);
    for (const some of inLines(items)) yield { kind: 'items', table: name, items: some };
  }
  for (const { table, records } of database.streams) {
    for (const some of inLines(records)) {
      yield { kind: 'records', table: table.definition.name, records: some };
    }
  }
  const trimmed = database.streams.map(({ table, trimmed }) => [table.definition.name, trimmed]);
  yield { kind: 'state', sequence: database.sequence, trimmed: Object.fromEntries(trimmed), tokens };
}

function* inLines<Member>(members: readonly Member[]): Generator<Member[]> {
  for (let at = 0; at < members.length; at += perLine) yield members.slice(at, at + perLine);
}
