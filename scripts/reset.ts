import { existsSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { StateInUse, stateHolder } from '../offline/state-folder.ts';

/** `npm run reset`: forgets the local state, unless somebody works with it. */
const folder = resolve(import.meta.dirname, '..', process.env.STATE_DIR || '.local');

try {
  process.stdout.write(`${forget(folder)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function forget(folder: string): string {
  if (!existsSync(folder)) return `There is no state in ${folder}.`;
  const holder = stateHolder(folder);
  if (holder !== undefined) throw new StateInUse(folder, holder);
  // STATE_DIR may have been set to something else by mistake: a state folder always has this file.
  if (readdirSync(folder).length > 0 && !existsSync(resolve(folder, 'gateway-port'))) {
    throw new Error(`${folder} doesn't look like a state folder: nothing was deleted.`);
  }
  rmSync(folder, { recursive: true, force: true });
  return `The state in ${folder} is forgotten.`;
}
