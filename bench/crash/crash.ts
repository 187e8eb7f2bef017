import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../offline/random.ts';
import { type RunningStack, startStack } from '../../test/support/stack.ts';
import { type Findings, settleAndCheck } from './check.ts';
import { live } from './load.ts';
import { enterAll, newWorld, type World } from './world.ts';

/** What became of one round. */
export interface Round extends Findings {
  /** Milliseconds of load before the kill, and from the restart to `ready`. */
  readonly loadMs: number;
  readonly recoveryMs: number;
  /** What else was done to the stack. */
  readonly also: readonly string[];
}

export interface CrashOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Packed bundles to run instead of the sources. */
  readonly bundles?: string | undefined;
  readonly onRound?: (round: Round, number: number) => void;
}

/** After so many rounds other people come, so that looking at everything does not take ever longer. */
const ROUNDS_OF_A_WORLD = 10;

/**
 * Rounds of load, kill -9, restart and a look at everything that was acknowledged. Every tenth of a restart or
 * so is killed too, and sometimes the journals get a last line that is torn.
 * @returns the rounds up to the first with a violation, and the state folder that is left then
 */
export async function crashRounds(
  options: CrashOptions,
): Promise<{ rounds: Round[]; stateDir: string | undefined }> {
  const random = new Random(options.seed);
  const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-crash-'));
  const start = () => startStack({ stateDir, ...(options.bundles && { bundles: options.bundles }) });
  const rounds: Round[] = [];
  let stack = await start();
  let world: World | undefined;
  try {
    while (rounds.length < options.rounds) {
      if (rounds.length % ROUNDS_OF_A_WORLD === 0) {
        world = await newWorld(`w${rounds.length}`, stack, random.fork());
      }
      const current = world as World;
      const loadMs = 300 + random.integer(2_500);
      await loadUntilKilled(current, stack, loadMs);
      const also = await worsen(stateDir, random);
      const from = performance.now();
      stack = await start();
      const recoveryMs = performance.now() - from;
      current.stack = stack;
      await enterAll(current);
      const findings = await settleAndCheck(current);
      const round = { ...findings, loadMs, recoveryMs, also };
      rounds.push(round);
      options.onRound?.(round, rounds.length);
      if (round.violations.length > 0) return { rounds, stateDir };
    }
  } finally {
    await stack.stop('SIGKILL');
  }
  await rm(stateDir, { recursive: true });
  return { rounds, stateDir: undefined };
}

async function loadUntilKilled(world: World, stack: RunningStack, ms: number): Promise<void> {
  const over = new AbortController();
  const living = live(world, over.signal);
  await Promise.race([sleep(ms), living]);
  over.abort();
  await stack.stop('SIGKILL');
  await living;
}

/** What a crash may leave behind besides: a write that was cut short, or another crash during the restart. */
async function worsen(stateDir: string, random: Random): Promise<string[]> {
  const done: string[] = [];
  if (random.next() < 0.3) {
    const names = await readdir(stateDir, { recursive: true });
    const journals = names.filter((name) => name.endsWith('.jsonl'));
    const journal = journals[random.integer(journals.length)];
    if (journal)
      await appendFile(
        join(stateDir, journal),
        '{"kind":"put","table":"aft\u00e9'.slice(0, 10 + random.integer(15)),
      );
    done.push(`torn line in ${journal}`);
  }
  if (random.next() < 0.2) {
    const script = new URL('../../scripts/start.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        MALLOC_ARENA_MAX: '2',
        PORT: '0',
        STATE_DIR: stateDir,
      },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const ms = 300 + random.integer(2_500);
    await sleep(ms);
    child.kill('SIGKILL');
    await ended;
    done.push(`killed ${ms} ms into the restart`);
  }
  return done;
}
