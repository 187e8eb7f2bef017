import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memberOf } from '../scripts/demo/member.ts';
import { memoryOf } from '../scripts/demo/memory.ts';
import { photographs } from '../scripts/demo/photographs.ts';
import { type RunningStack, startStack } from '../test/support/stack.ts';

/**
 * `npm run bench:start`: from `npm start` to `ready`, with a new state folder and with one that was used, and the
 * memory that the stack takes: idle, at the end of 54 uploads of real photographs by six people at once, and ten
 * seconds later. Linux only, as it reads /proc.
 */
const RUNS = 5;
const PEOPLE = ['ana', 'ben', 'cleo', 'dora', 'emil', 'fay'];

async function readyAfterMs(stateDir: string): Promise<number> {
  const from = performance.now();
  const stack = await startStack({ stateDir });
  const ms = performance.now() - from;
  await stack.stop();
  return ms;
}

function residentMb({ pid }: RunningStack): string {
  return memoryOf(pid)?.tree.toFixed(0) ?? 'unknown';
}

const middle = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1]?.toFixed(0);

const fresh: number[] = [];
const used: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-bench-'));
  fresh.push(await readyAfterMs(stateDir));
  used.push(await readyAfterMs(stateDir));
  await rm(stateDir, { recursive: true });
}
console.log(
  `ready after ${middle(fresh)} ms with a new state folder, ${middle(used)} ms with a used one (medians of ${RUNS})`,
);

const stack = await startStack();
await sleep(5_000);
console.log(`idle: ${residentMb(stack)} MB resident`);
const photos = await photographs(undefined);
await Promise.all(
  PEOPLE.map(async (name) => {
    const member = await memberOf(stack.place, name);
    for (const { title, bytes } of photos.slice(0, 9)) {
      await member.settled((await member.sendPhoto(bytes, title)).id);
    }
  }),
);
console.log(`after ${PEOPLE.length * 9} uploads: ${residentMb(stack)} MB resident`);
await sleep(10_000);
console.log(`10 s later: ${residentMb(stack)} MB resident`);
await stack.stop();
