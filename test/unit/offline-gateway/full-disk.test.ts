import type fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Journal } from '../../../offline/journal.ts';

const disk = vi.hoisted(() => ({ full: false }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const writeSync = (descriptor: number, bytes: Buffer, from = 0) => {
    if (!disk.full) return real.writeSync(descriptor, bytes, from);
    if (from > 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return real.writeSync(descriptor, bytes, 0, 5);
  };
  return { ...real, writeSync };
});

test('what a full disk takes half of is taken back, and the journal goes on when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const file = join(folder, 'journal.jsonl');
  const journal = Journal.open<string>(file, () => {});
  journal.append('before');
  disk.full = true;
  expect(() => journal.append('too much for this disk')).toThrow('no space left');
  expect(() => journal.rewrite(['also too much'])).toThrow('no space left');
  disk.full = false;
  journal.append('after');
  journal.close();
  const entries: string[] = [];
  Journal.open<string>(file, (entry) => entries.push(entry)).close();
  expect(entries).toEqual(['before', 'after']);
  rmSync(folder, { recursive: true });
});
