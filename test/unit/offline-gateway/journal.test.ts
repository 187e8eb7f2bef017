import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../offline/journal.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'state', 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function reopen(): { journal: Journal<unknown>; entries: unknown[] } {
  const entries: unknown[] = [];
  return { journal: Journal.open(file, (entry) => entries.push(entry)), entries };
}

test('what was appended comes back in order', () => {
  const { journal } = reopen();
  journal.append({ a: 1 }, 'line\nbreak');
  journal.append('ü😀');
  journal.close();
  expect(reopen().entries).toEqual([{ a: 1 }, 'line\nbreak', 'ü😀']);
});

test('a file cut anywhere gives back whole entries only, and takes new ones', async () => {
  await fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (values, at) => {
      rmSync(file, { force: true });
      const entries = JSON.parse(JSON.stringify(values)) as unknown[];
      const { journal } = reopen();
      journal.append(...entries);
      journal.close();
      truncateSync(file, at % (readFileSync(file).length + 1));
      const cut = reopen();
      expect(cut.entries).toEqual(entries.slice(0, cut.entries.length));
      cut.journal.append('next');
      cut.journal.close();
      const again = reopen();
      expect(again.entries).toEqual([...cut.entries, 'next']);
      again.journal.close();
    }),
    { numRuns: 50 },
  );
});

test('a rewrite replaces everything, and appending goes on after it', () => {
  const { journal } = reopen();
  journal.append(1, 2, 3);
  journal.rewrite(Array.from({ length: 1000 }, (_, index) => ({ index })));
  journal.append('after');
  journal.close();
  const { entries } = reopen();
  expect(entries).toHaveLength(1001);
  expect(entries.slice(998)).toEqual([{ index: 998 }, { index: 999 }, 'after']);
  expect(readdirSync(join(folder, 'state'))).toEqual(['journal.jsonl']);
});

test('a rewrite that fails, or was killed half-way, leaves the journal as it was', () => {
  const { journal } = reopen();
  journal.append(1);
  expect(() =>
    journal.rewrite(
      (function* () {
        yield 2;
        throw new Error('no more');
      })(),
    ),
  ).toThrow('no more');
  journal.append(3);
  journal.close();
  writeFileSync(`${file}.next`, '"left behind"\n');
  const again = reopen();
  expect(again.entries).toEqual([1, 3]);
  again.journal.rewrite([4]);
  again.journal.close();
  expect(reopen().entries).toEqual([4]);
});

test('an entry that cannot be written leaves no trace', () => {
  const { journal } = reopen();
  journal.append(1);
  expect(() => journal.append(2n)).toThrow(TypeError);
  journal.append(3);
  journal.close();
  expect(reopen().entries).toEqual([1, 3]);
});

test('a broken line in the middle is named', () => {
  const { journal } = reopen();
  journal.append(1);
  journal.close();
  appendFileSync(file, '{"torn\n2\n');
  expect(() => reopen()).toThrow(`${file}:2: expected a JSON value, got {"torn`);
});
