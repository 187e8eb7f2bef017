import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ClickRecord } from '../../lib/clicks/click.ts';
import { parseClicks } from '../../lib/clicks/rows.ts';

export interface Recorded {
  readonly records: readonly ClickRecord[];
  /** Lines that aren't records. */
  readonly refused: number;
  readonly files: number;
  /** Over the names and contents of all files, in the order of their names. */
  readonly sha256: string;
}

const GZIP = Buffer.of(0x1f, 0x8b);

/**
 * Reads all files of a folder and the folders in it, plain or packed, as the delivery stream writes them.
 * @throws Error that says what was expected: a folder, something in it, gzip that is whole, at least one record
 */
export function readRecorded(folder: string): Recorded {
  const files = filesOf(folder);
  if (files.length === 0) throw new Error(`Expected files of the clickstream in ${folder}, got none.`);
  const hash = createHash('sha256');
  const records: ClickRecord[] = [];
  let refused = 0;
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${relative(folder, file)}\n${bytes.length}\n`).update(bytes);
    const parsed = parseClicks(unpacked(bytes, file).toString('utf8'));
    for (const record of parsed.records) records.push(record);
    refused += parsed.refused;
  }
  if (records.length === 0) {
    throw new Error(
      `Expected lines of the clickstream in ${folder}, got ${files.length} files without one (${refused} lines refused).`,
    );
  }
  return { records, refused, files: files.length, sha256: hash.digest('hex') };
}

function filesOf(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new Error(`Expected a folder that can be read, got ${folder}: ${(error as Error).message}`);
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function unpacked(bytes: Buffer, file: string): Buffer {
  if (!bytes.subarray(0, 2).equals(GZIP)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new Error(`Expected whole gzip in ${file}, got: ${(error as Error).message}.`);
  }
}
