import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';

/** How this run of the local AWS differs from the next one. */
export interface LocalSettings {
  /** Where the API answers; 3000 unless PORT says otherwise, 0 for any free one. */
  readonly port: number;
  /** Where AWS answers; undefined lets the stack choose. */
  readonly gatewayPort: number | undefined;
  readonly stateDir: string;
  readonly seed: number;
  /** Every call of AWS is appended to it. */
  readonly recordFile: string | undefined;
  /** What goes wrong, on purpose. */
  readonly faultFile: string | undefined;
  /** A compiled template to run instead of the one that serverless.yml makes. */
  readonly templateFile: string | undefined;
  /** Packed bundles to run instead of the sources. */
  readonly bundles: string | undefined;
  /** Whether changed sources take effect at once. */
  readonly watch: boolean;
  /** Whether the terminal shows what the handlers log. */
  readonly showLogs: boolean;
}

/**
 * Reads PORT, GATEWAY_PORT, STATE_DIR, SEED, RECORD_FILE, FAULTS, TEMPLATE, BUNDLES, WATCH and LOG.
 * @param root the folder that relative paths start from
 * @throws Error that names the variable, what was expected and what came
 */
export function readSettings(env: NodeJS.ProcessEnv, root: string): LocalSettings {
  const path = (name: string) => (env[name] ? resolve(root, env[name]) : undefined);
  return {
    port: integer(env, 'PORT', 0, 65_535) ?? 3000,
    gatewayPort: integer(env, 'GATEWAY_PORT', 0, 65_535),
    stateDir: path('STATE_DIR') ?? resolve(root, '.local'),
    seed: integer(env, 'SEED', 0, 2 ** 32 - 1) ?? randomInt(2 ** 32),
    recordFile: path('RECORD_FILE'),
    faultFile: path('FAULTS'),
    templateFile: path('TEMPLATE'),
    bundles: path('BUNDLES'),
    watch: flag(env, 'WATCH'),
    showLogs: flag(env, 'LOG'),
  };
}

function integer(env: NodeJS.ProcessEnv, name: string, from: number, to: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new Error(`${name} must be a whole number from ${from} to ${to}, received "${text}".`);
}

function flag(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = env[name] ?? '';
  if (['', '0', '1'].includes(text)) return text === '1';
  throw new Error(`${name} must be 1 or 0, received "${text}".`);
}
