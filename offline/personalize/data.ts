import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../journal.ts';
import { Histories, type Interaction } from './histories.ts';
import type { DatasetType } from './resources.ts';
import type { Row } from './schema.ts';

/** A record of the items or users dataset. */
interface Entry {
  readonly row: Row;
  readonly bulk: boolean;
}

/** What a journal of data holds. Rows of an import count from the line on that ends it. */
type Line =
  | { readonly staged: string; readonly interactions: readonly Interaction[] }
  | { readonly staged: string; readonly rows: readonly Row[] }
  | { readonly imported: string; readonly datasetType: DatasetType; readonly mode: 'FULL' | 'INCREMENTAL' }
  | { readonly interactions: readonly Interaction[] }
  | { readonly put: 'Items' | 'Users'; readonly rows: readonly Row[]; readonly bulk?: boolean }
  | { readonly dropped: DatasetType };

/** What an import brings. */
export type Imported =
  | { readonly datasetType: 'Interactions'; readonly interactions: readonly Interaction[] }
  | { readonly datasetType: 'Items' | 'Users'; readonly rows: readonly Row[] };

const LINE_ROWS = 256;
const ID: Readonly<Record<'Items' | 'Users', string>> = { Items: 'ITEM_ID', Users: 'USER_ID' };

/**
 * The data of one dataset group: what users did, and what is known of items and users. All of it is in a journal before
 * it is acknowledged; what is deleted is not in there either.
 */
export class GroupData {
  readonly histories = new Histories();
  readonly #file: string;
  readonly #journal: Journal<Line>;
  readonly #entries = { Items: new Map<string, Entry>(), Users: new Map<string, Entry>() };

  /** @param name of the dataset group, which is the name of the file */
  constructor(stateDir: string, name: string) {
    this.#file = join(stateDir, 'personalize', `${name}.jsonl`);
    const staged = new Map<string, Line[]>();
    this.#journal = Journal.open<Line>(this.#file, (line) => {
      if ('staged' in line) staged.set(line.staged, [...(staged.get(line.staged) ?? []), line]);
      else if ('imported' in line) this.#take(line, staged.get(line.imported) ?? []);
      else this.#apply(line);
    });
    this.#journal.rewrite(this.#lines());
  }

  /** What is known of an item or user, if anything. */
  recordOf(dataset: 'Items' | 'Users', id: string): Row | undefined {
    return this.#entries[dataset].get(id)?.row;
  }

  recordsOf(dataset: 'Items' | 'Users'): Row[] {
    return Array.from(this.#entries[dataset].values(), ({ row }) => row);
  }

  /** Keeps what happened. @returns the interactions that were new */
  record(interactions: readonly Interaction[]): Interaction[] {
    this.#journal.append({ interactions });
    return interactions.filter((each) => this.histories.add(each));
  }

  put(dataset: 'Items' | 'Users', rows: readonly Row[]): void {
    const line: Line = { put: dataset, rows };
    this.#journal.append(line);
    this.#apply(line);
  }

  /** Takes in an import, whole or, after a kill, not at all. */
  import(job: string, mode: 'FULL' | 'INCREMENTAL', imported: Imported): void {
    const staged: Line[] =
      imported.datasetType === 'Interactions'
        ? chunks(imported.interactions).map((interactions) => ({ staged: job, interactions }))
        : chunks(imported.rows).map((rows) => ({ staged: job, rows }));
    for (const line of staged) this.#journal.append(line);
    const end = { imported: job, datasetType: imported.datasetType, mode } as const;
    this.#journal.append(end);
    this.#take(end, staged);
  }

  /** Forgets users, in the file too. @returns how many interactions and records went */
  forget(users: ReadonlySet<string>): number {
    let gone = this.histories.forget(users);
    for (const user of users) if (this.#entries.Users.delete(user)) gone += 1;
    this.#journal.rewrite(this.#lines());
    return gone;
  }

  /** Forgets a dataset, in the file too. */
  drop(datasetType: DatasetType): void {
    this.#apply({ dropped: datasetType });
    this.#journal.rewrite(this.#lines());
  }

  close(): void {
    this.#journal.close();
  }

  /** Closes, and forgets everything. */
  remove(): void {
    this.close();
    rmSync(this.#file);
  }

  #take({ datasetType, mode }: Extract<Line, { imported: string }>, staged: readonly Line[]): void {
    if (datasetType === 'Interactions') {
      if (mode === 'FULL') this.histories.dropBulk();
      for (const line of staged) {
        if ('interactions' in line) for (const each of line.interactions) this.histories.add(each);
      }
      return;
    }
    const entries = this.#entries[datasetType];
    if (mode === 'FULL') for (const [id, { bulk }] of entries) if (bulk) entries.delete(id);
    for (const line of staged) if ('rows' in line) this.#add(datasetType, line.rows, true);
  }

  #apply(line: Exclude<Line, { staged: string } | { imported: string }>): void {
    if ('interactions' in line) for (const each of line.interactions) this.histories.add(each);
    else if ('put' in line) this.#add(line.put, line.rows, line.bulk ?? false);
    else if (line.dropped === 'Interactions') this.histories.clear();
    else this.#entries[line.dropped].clear();
  }

  #add(dataset: 'Items' | 'Users', rows: readonly Row[], bulk: boolean): void {
    for (const row of rows) this.#entries[dataset].set(String(row[ID[dataset]]), { row, bulk });
  }

  *#lines(): Generator<Line> {
    for (const interactions of chunks([...this.histories.all()])) yield { interactions };
    for (const put of ['Items', 'Users'] as const) {
      for (const bulk of [true, false]) {
        const entries = [...this.#entries[put].values()].filter((entry) => entry.bulk === bulk);
        for (const rows of chunks(entries.map(({ row }) => row))) yield { put, rows, bulk };
      }
    }
  }
}

function chunks<Each>(all: readonly Each[]): Each[][] {
  return Array.from({ length: Math.ceil(all.length / LINE_ROWS) }, (_, at) =>
    all.slice(at * LINE_ROWS, (at + 1) * LINE_ROWS),
  );
}
