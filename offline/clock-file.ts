import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clock } from './clock.ts';

/**
 * The clock of a state folder: it is as far ahead of real time as when the folder was last in use, so that
 * nothing kept there lies in the future and no token, message or photo grows younger.
 * @throws Error that names the file where it holds no offset
 */
export function openClock(stateDir: string): Clock {
  const file = join(stateDir, 'clock.json');
  return new Clock(readOffset(file), (offsetMs) => {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ offsetMs }));
    renameSync(`${file}.new`, file);
  });
}

function readOffset(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  const offsetMs = /^\{"offsetMs":(\d+(?:\.\d+)?)\}$/.exec(text)?.[1];
  if (offsetMs === undefined) throw new Error(`${file} should hold {"offsetMs":...}, it holds "${text}".`);
  return Number(offsetMs);
}
