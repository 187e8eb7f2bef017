import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openClock } from '../../../offline/clock-file.ts';

const DAY_MS = 86_400_000;

function givenStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'afterparty-clock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('never goes back over a restart, not even one in the middle of a jump', async () => {
  const stateDir = givenStateDir();
  const clock = openClock(stateDir);
  let atRestart = 0;
  clock.setTimeout(() => {
    atRestart = openClock(stateDir).now();
  }, DAY_MS / 2);
  await clock.advance(DAY_MS);
  expect(atRestart).toBeGreaterThanOrEqual(clock.now() - 1_000);
  await clock.advance(DAY_MS);
  expect(openClock(stateDir).now()).toBeGreaterThan(Date.now() + 2 * DAY_MS - 1_000);
});

it('begins with real time, and says which file it can not read', () => {
  const stateDir = givenStateDir();
  expect(Math.abs(openClock(stateDir).now() - Date.now())).toBeLessThan(1_000);
  writeFileSync(join(stateDir, 'clock.json'), 'yesterday');
  expect(() => openClock(stateDir)).toThrow(`${join(stateDir, 'clock.json')} should hold {"offsetMs":...}`);
});
