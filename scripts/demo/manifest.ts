import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The code of a rejection by the status with which the API refuses the same. */
const REJECTIONS: Readonly<Record<string, readonly string[]>> = {
  400: ['empty-file'],
  413: ['too-large'],
  415: ['unsupported-format'],
  422: ['corrupt-image', 'too-many-pixels'],
};

/** Of one file, as a manifest expects it; `landscape` where it has to be wider than high. */
export interface Expectation {
  /** What its photo may become: `ready`, or codes of a rejection. */
  readonly answers: readonly string[];
  /** With which statuses the API may refuse it. */
  readonly statuses: readonly number[];
  readonly landscape: boolean;
}

/**
 * What the MANIFEST.tsv of a folder (columns `file` and `expected answer`) expects of its files, by their paths in it;
 * empty where there is none.
 */
export async function expectationsOf(folder: string): Promise<ReadonlyMap<string, Expectation>> {
  const path = join(folder, 'MANIFEST.tsv');
  if (!existsSync(path)) return new Map();
  const [header = '', ...rows] = (await readFile(path, 'utf8')).trim().split('\n');
  const columns = header.split('\t');
  const [file, expected] = [columns.indexOf('file'), columns.indexOf('expected answer')];
  return new Map(
    rows.map((row) => {
      const cells = row.split('\t');
      const text = cells[expected] ?? '';
      const words = text.match(/accept|first frame|\b4\d\d\b/g) ?? [];
      const answers = words.flatMap((word) => REJECTIONS[word] ?? ['ready']);
      const statuses = words.map(Number).filter((status) => status > 0);
      return [cells[file] ?? '', { answers, statuses, landscape: text.includes('w>h') }];
    }),
  );
}

/** Every file of a folder and its sub-folders, but what describes them. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(md|tsv|txt)$/i.test(entry.name));
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}
