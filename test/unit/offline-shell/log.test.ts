import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FunctionLog } from '../../../offline/lambda/log.ts';
import { fixtureFunction } from '../../support/pool.ts';

const photos = fixtureFunction({ key: 'photos' });
let folder: string;
let shown: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'afterparty-log-'));
  shown = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(showAll = false) {
  const file = join(folder, 'functions.log');
  const log = new FunctionLog(file, (line) => shown.push(line), showAll);
  return { log, written: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) };
}

describe('the log of the functions', () => {
  it('keeps every line with its function, and shows none of them', () => {
    const { log, written } = open();
    log.write(photos, 'hello');
    log.write(photos, '{"level":"INFO","message":"served"}');
    log.close();
    expect(written()).toEqual(['photos hello', 'photos {"level":"INFO","message":"served"}']);
    expect(shown).toEqual([]);
  });

  it('shows in short what went wrong', () => {
    const { log, written } = open();
    log.write(photos, '{"level":"ERROR","message":"Not answered","error":{"message":"no such table"}}');
    log.write(photos, 'not JSON but "level":"ERROR"');
    const error = { errorType: 'TypeError', errorMessage: 'x is undefined', stackTrace: ['at a', 'at b'] };
    log.failed(photos, { ok: false, error });
    log.failed(photos, { ok: true, payload: null });
    log.close();
    expect(shown).toEqual([
      'photos: Not answered: no such table',
      'photos failed: TypeError: x is undefined',
    ]);
    expect(written().at(-1)).toContain('"stackTrace":["at a","at b"]');
  });

  it('shows everything where that is asked for', () => {
    const { log } = open(true);
    log.write(photos, 'hello');
    log.close();
    expect(shown).toEqual(['photos hello']);
  });

  it('takes no harm from lines that come after its end', () => {
    const { log, written } = open();
    log.close();
    log.write(photos, 'late');
    expect(written()).toEqual([]);
  });
});
