import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETS, type SetName } from './sets.ts';
import { runTool, type Tool } from './tools.ts';
import type { Round } from './worker.ts';

/** What one way of making a set of one photo costs. */
export interface Cost {
  /** Median of the rounds. */
  readonly cpuMs: number;
  readonly peakMb: number | undefined;
  /** In the order of the recipes; none of tools. */
  readonly files: readonly Uint8Array[];
}

/** Somebody who makes the set, and how often: what takes seconds is measured once or twice. */
export interface Candidate {
  readonly name: string;
  readonly tool?: Tool;
  readonly rounds: number;
}

const WORKER = new URL('worker.ts', import.meta.url).pathname;

/**
 * Lets the candidates make the set of a photo by turns, each in a process of its own, so that a busy machine is
 * busy for all and each has its memory for itself. The first round of those in Node isn't counted where there are
 * more: it also pays for compiling what it runs.
 */
export async function measure(
  candidates: readonly Candidate[],
  photo: string,
  set: SetName,
): Promise<Map<string, Cost>> {
  const folder = await mkdtemp(join(tmpdir(), 'afterparty-bench-'));
  const workers = new Map<string, ChildProcess>();
  const rounds = new Map<string, Omit<Round, 'peakMb'>[]>();
  const peaks = new Map<string, number | undefined>();
  try {
    for (const { name, tool } of candidates) {
      if (!tool) workers.set(name, await worker(name, photo, set));
    }
    for (let round = 0; round <= Math.max(...candidates.map((each) => each.rounds)); round += 1) {
      for (const { name, tool, rounds: wanted } of candidates) {
        if (round >= wanted + (tool ? 0 : warmUps(wanted))) continue;
        const made = tool
          ? { files: [], ...runTool(tool, photo, SETS[set], folder) }
          : await ask(name, workers.get(name) as ChildProcess);
        rounds.set(name, [...(rounds.get(name) ?? []), made]);
        peaks.set(name, made.peakMb);
      }
    }
  } finally {
    for (const child of workers.values()) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
  return new Map(
    candidates.map(({ name, tool, rounds: wanted }) => {
      const all = rounds.get(name) ?? [];
      const counted = all.slice(tool ? 0 : warmUps(wanted));
      const cost = { cpuMs: median(counted.map(({ cpuMs }) => cpuMs)), peakMb: peaks.get(name) };
      return [name, { ...cost, files: all[0]?.files ?? [] }];
    }),
  );
}

function warmUps(rounds: number): number {
  return rounds > 1 ? 1 : 0;
}

async function worker(peer: string, photo: string, set: SetName): Promise<ChildProcess> {
  const child = fork(WORKER, [peer, photo, set], { serialization: 'advanced' });
  await answerOf(peer, child);
  return child;
}

function ask(peer: string, child: ChildProcess): Promise<Round> {
  child.send('make');
  return answerOf(peer, child);
}

async function answerOf<T>(peer: string, child: ChildProcess): Promise<T> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const gone = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`The process of ${peer} ended with ${code}`);
  });
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), gone]);
    return answer as T;
  } finally {
    waiting.abort();
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
