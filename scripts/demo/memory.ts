import { readdirSync, readFileSync } from 'node:fs';

/** How often a tree of processes is looked at, in milliseconds. */
const INTERVAL_MS = 50;

/** Resident memory in MB: of the largest process of a tree, and of all of it at once. */
export interface Memory {
  readonly largest: number;
  readonly tree: number;
}

/**
 * The memory that a process and its descendants have now. Pages that they share count for each of them.
 * Undefined where there is no /proc to read it from.
 */
export function memoryOf(pid: number): Memory | undefined {
  if (process.platform !== 'linux') return undefined;
  const sizes = familyOf(pid).map((member) => kilobytes(member, 'VmRSS') / 1_024);
  return { largest: Math.max(0, ...sizes), tree: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Looks at a tree of processes over and over until `stop`, which answers the most that it has had. */
export function watchMemory(pid: number): { stop(): Memory | undefined } {
  let most = memoryOf(pid);
  const timer = setInterval(() => {
    const now = memoryOf(pid);
    if (!now || !most) return;
    most = { largest: Math.max(most.largest, now.largest), tree: Math.max(most.tree, now.tree) };
  }, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      // The kernel knows the most that a process has had between two looks.
      const marks = most ? familyOf(pid).map((member) => kilobytes(member, 'VmHWM') / 1_024) : [];
      return most && { ...most, largest: Math.max(most.largest, ...marks) };
    },
  };
}

/** A process and those below it; what ends meanwhile is left out. */
function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined) parents.set(Number(entry), parent);
  }
  const family = [pid];
  for (const member of family) {
    family.push(...[...parents].filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return family;
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s+(\d+)$/m.exec(statusOf(pid))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function kilobytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(statusOf(pid))?.[1] ?? 0);
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
