import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Context, Stack } from '../contract.ts';
import { Journal } from '../journal.ts';
import { tableDefinition } from './definition.ts';
import { type Entry, type Origin, snapshot, type Token, writeEntry } from './entries.ts';
import { notFound } from './errors.ts';
import { Past } from './past.ts';
import { StreamLog } from './stream-log.ts';
import { type Change, Table } from './table.ts';
import { equalItems, type Item } from './values.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const tokenLifeMs = 10 * 60 * 1000;

/**
 * All tables and their streams. `commit` is the only way to change them: it journals, applies and announces in
 * one turn of the event loop, so a reader meets all of a transaction or nothing of it, without locks.
 */
export class Database {
  readonly clock: Clock;
  readonly past: Past;
  readonly #definitions;
  readonly #tables = new Map<string, Table>();
  readonly #streams = new Map<string, StreamLog>();
  readonly #tokens = new Map<string, Token>();
  readonly #listeners = new Set<() => void>();
  readonly #journal: Journal<Entry>;
  #sequence = 0;
  #superseded = 0;

  /** Provisions the stack's tables and brings back what the journal in `stateDir` holds of them. */
  constructor(context: Context, stack: Stack) {
    this.clock = context.clock;
    this.past = new Past(context.clock, context.hindsightMs);
    const definitions = stack.resources
      .filter(({ type }) => type === 'AWS::DynamoDB::Table')
      .map(tableDefinition);
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
    const file = join(context.stateDir, 'dynamodb.jsonl');
    const left = new Set<string>();
    this.#journal = Journal.open<Entry>(file, (entry) => this.#replay(entry, left));
    for (const definition of definitions) {
      if (this.#tables.has(definition.name)) continue;
      const createdAt = this.clock.now();
      this.#journal.append({ kind: 'table', name: definition.name, key: definition.key, createdAt });
      this.#provision(definition.name, createdAt);
    }
    for (const name of left) {
      const why = this.#definitions.has(name)
        ? 'has another key in the template now'
        : 'has left the template';
      context.log(`table ${name} ${why}: its items are gone`);
    }
    this.#compact(left.size > 0);
  }

  get tables(): Table[] {
    return [...this.#tables.values()];
  }

  get streams(): StreamLog[] {
    return [...this.#streams.values()];
  }

  /** The number of the last change. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Throws ResourceNotFoundException for a table that the template doesn't declare. */
  table(name: string, detail = ''): Table {
    const table = this.#tables.get(name);
    if (!table) throw notFound(detail);
    return table;
  }

  /**
   * Makes the changes, all or none. A change that leaves its item as it was is no write: the stream doesn't
   * tell of it. With a token, the same transaction can be recognised for ten minutes.
   */
  commit(changes: readonly Change[], origin: Origin = {}): void {
    const effective = changes.filter(({ before, after }) => !equalItems(before, after));
    if (effective.length === 0 && !origin.token) return;
    const entry = writeEntry(effective, this.#sequence + 1, this.clock.now(), origin);
    this.#journal.append(entry);
    this.#apply(effective, entry.sequence, entry.at, origin);
    this.#announce();
  }

  /** Makes another attribute, or none, the table's time to live. The template's holds again after a restart. */
  expireBy(table: Table, attribute: string | undefined): void {
    table.ttlAttribute = attribute;
    this.#announce();
  }

  /** The transaction that used this token within the last ten minutes. */
  token(token: string): Token | undefined {
    const oldest = this.clock.now() - tokenLifeMs;
    for (const [name, { at }] of this.#tokens) {
      if (at > oldest) break;
      this.#tokens.delete(name);
    }
    return this.#tokens.get(token);
  }

  /** Calls `listener` after every change until the function it answers is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#journal.close();
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }

  #provision(name: string, createdAt: number): void {
    const definition = this.#definitions.get(name);
    if (!definition) return;
    const table = new Table(definition, createdAt);
    this.#tables.set(name, table);
    if (definition.stream) this.#streams.set(name, new StreamLog(table, definition.stream.viewType));
  }

  #apply(changes: readonly Change[], sequence: number, at: number, { by, token }: Origin): void {
    changes.forEach((change, index) => {
      const { table, key, before, after } = change;
      table.apply(change);
      this.past.note(change, at);
      this.#streams.get(table.definition.name)?.append({
        sequence: sequence + index,
        at,
        key,
        ...(before && { before }),
        ...(after && { after }),
        ...(by && { byTtl: true }),
      });
    });
    this.#sequence = sequence + changes.length - 1;
    if (token) this.#tokens.set(token.token, token);
  }

  /** Entries of a table that isn't declared, or is declared with another key, are passed over. */
  #replay(entry: Entry, left: Set<string>): void {
    switch (entry.kind) {
      case 'table': {
        const declared = this.#definitions.get(entry.name);
        const same = declared && JSON.stringify(declared.key) === JSON.stringify(entry.key);
        this.#tables.delete(entry.name);
        this.#streams.delete(entry.name);
        if (same) this.#provision(entry.name, entry.createdAt);
        if (same) left.delete(entry.name);
        else left.add(entry.name);
        return;
      }
      case 'items':
        for (const item of entry.items) this.#restore(entry.table, item);
        return;
      case 'records':
        for (const record of entry.records) this.#streams.get(entry.table)?.append(record);
        return;
      case 'state':
        this.#sequence = entry.sequence;
        for (const token of entry.tokens) this.#tokens.set(token.token, token);
        for (const [name, sequence] of Object.entries(entry.trimmed)) {
          const stream = this.#streams.get(name);
          if (stream) stream.trimmed = sequence;
        }
        return;
      case 'write': {
        this.#superseded += entry.changes.length;
        entry.changes.forEach((made, index) => {
          const table = this.#tables.get(made.table);
          const change = table?.change(made.put ?? made.delete, made.put);
          if (change) this.#apply([change], entry.sequence + index, entry.at, { by: entry.by });
        });
        this.#sequence = entry.sequence + entry.changes.length - 1;
        if (entry.token) this.#tokens.set(entry.token.token, entry.token);
      }
    }
  }

  #restore(name: string, item: Item): void {
    const table = this.#tables.get(name);
    table?.apply(table.change(item, item));
  }

  /** Rewrites the journal where most of what it tells has been overtaken, or `always`. */
  #compact(always: boolean): void {
    for (const stream of this.streams) stream.trim(this.clock.now());
    const rows = this.tables.reduce((sum, { rows }) => sum + rows.size, 0);
    const records = this.streams.reduce((sum, { records }) => sum + records.length, 0);
    if (!always && this.#superseded <= 2 * (rows + records) + 100) return;
    this.#journal.rewrite(snapshot(this, [...this.#tokens.values()]));
  }
}
