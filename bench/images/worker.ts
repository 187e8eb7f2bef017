import { readFileSync } from 'node:fs';
import { PEERS } from './peers.ts';
import { SETS, type SetName } from './sets.ts';

/** `node worker.ts PEER PHOTO SET`: makes the set each time it is told to, and tells what that took. */
export interface Round {
  readonly cpuMs: number;
  /** Of the process so far. */
  readonly peakMb: number;
  readonly files: readonly Uint8Array[];
}

const [peer = '', photo = '', set = ''] = process.argv.slice(2);
const load = PEERS[peer];
if (!load || !(set in SETS)) throw new Error(`Expected a peer, a photo and a set; got ${peer}, ${set}`);

const make = await load();
const bytes = readFileSync(photo);
process.on('message', async () => {
  const start = process.cpuUsage();
  const files = await make(bytes, SETS[set as SetName]);
  const { user, system } = process.cpuUsage(start);
  const round: Round = { cpuMs: (user + system) / 1_000, peakMb: peakMb(), files };
  process.send?.(round);
});
process.send?.('begun');

/** `maxRSS` begins with what the parent had at the fork; Linux also knows what was the program's own. */
function peakMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1_024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
