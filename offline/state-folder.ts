import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/** Another process works with the state folder. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';

  constructor(folder: string, pid: number) {
    super(`The state in ${folder} is in use by process ${pid}: stop it, or set STATE_DIR to another folder.`);
  }
}

/**
 * Takes a state folder for this process alone, creating it where missing. A lock that a dead process left
 * behind, or that is older than the machine's start, counts for nothing.
 * @returns what gives the folder back
 * @throws StateInUse
 */
export function lockStateFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  mkdirSync(folder, { recursive: true });
  const holder = holderOf(file);
  if (holder !== undefined) throw new StateInUse(folder, holder);
  rmSync(file, { force: true });
  try {
    const descriptor = openSync(file, 'wx');
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new StateInUse(folder, holderOf(file) ?? 0);
  }
  return () => rmSync(file, { force: true });
}

/** Which living process holds the state folder; undefined when none does. */
export function stateHolder(folder: string): number | undefined {
  return holderOf(join(folder, 'lock'));
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const bootedAt = Date.now() - uptime() * 1000;
    return statSync(file).mtimeMs > bootedAt && isAlive(pid) ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
